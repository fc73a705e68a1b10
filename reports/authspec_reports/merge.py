"""Joins the results files of one check that ran in shards into one run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from authspec_contract.errors import UsageError
from authspec_contract.results import Exchange, Footer, Outcome, Result, Run
from authspec_contract.verdict import RequirementVerdict, combine, totals

_WORST_EXIT_FIRST = (2, 4, 130, 1, 3, 0)
"""Which exit code wins where several hold."""


def merge(runs: Sequence[Run]) -> Run:
    """One run of all. Raises UsageError where they tested different things."""
    first, *others = runs
    if not others:
        return first
    for other in others:
        _check_same(first, other)
    results, exchanges = _renumbered(runs)
    footers = [run.footer for run in runs if run.footer is not None]
    whole = len(footers) == len(runs)
    counted = combine(first.header.requirements, results, complete=whole)
    header = replace(first.header, started=min(run.header.started for run in runs))
    return Run(header, results, exchanges, _footer(footers, counted) if whole else None)


def _check_same(first: Run, other: Run) -> None:
    for what, one, another in (
        ("contracts", first.header.contract, other.header.contract),
        ("targets", first.header.target.get("url"), other.header.target.get("url")),
        ("profiles", first.header.profile.get("name"), other.header.profile.get("name")),
    ):
        if one != another:
            raise UsageError(
                f"The results files are of different {what} ({one} and {another}); a report joins the "
                "shards of one check. To see them side by side: authspec compare."
            )


def _renumbered(runs: Sequence[Run]) -> tuple[tuple[Result, ...], Mapping[int, Exchange]]:
    """All results and exchanges, each exchange under a number of its own."""
    results: list[Result] = []
    exchanges: dict[int, Exchange] = {}
    for run in runs:
        offset = max(exchanges, default=-1) + 1
        for id_, exchange in run.exchanges.items():
            exchanges[id_ + offset] = replace(exchange, id=id_ + offset)
        results += [
            replace(result, exchanges=tuple(id_ + offset for id_ in result.exchanges))
            for result in run.results
        ]
    decided = {r.requirement for r in results if r.outcome is not Outcome.NOT_RUN}
    # what one shard left to the others is not "not run" once another has done it
    kept = [r for r in results if r.outcome is not Outcome.NOT_RUN or r.requirement not in decided]
    return tuple(kept), exchanges


def _footer(footers: Sequence[Footer], counted: Iterable[RequirementVerdict]) -> Footer:
    exit_ = min((footer.exit for footer in footers), key=_severity)
    worst = next(footer for footer in footers if footer.exit == exit_)
    stopped = [footer.stopped for footer in footers if footer.stopped is not None]
    return Footer(
        finished=max(footer.finished for footer in footers),
        seconds=max(footer.seconds for footer in footers),
        totals=totals(counted),
        exit=exit_,
        verdict=f"{len(footers)} shards; the worst: {worst.verdict}",
        leftovers=tuple(name for footer in footers for name in footer.leftovers),
        coverage=_coverage([footer.coverage for footer in footers]),
        accounts=sum(footer.accounts for footer in footers),
        mails=sum(footer.mails for footer in footers),
        requests=sum(footer.requests for footer in footers),
        password_computations=sum(footer.password_computations for footer in footers),
        stopped=stopped[0] if stopped else None,
    )


def _severity(exit_: int) -> int:
    known = exit_ in _WORST_EXIT_FIRST
    return _WORST_EXIT_FIRST.index(exit_) if known else -1


def _coverage(parts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Lists joined, numbers under a name added; anything else as the first shard has it."""
    joined: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            joined[key] = _joined(joined[key], value) if key in joined else value
    return joined


def _joined(one: Any, another: Any) -> Any:
    if isinstance(one, list) and isinstance(another, list):
        return [*one, *(item for item in another if item not in one)]
    if isinstance(one, dict) and isinstance(another, dict):
        return _coverage([one, another])
    if type(one) is int and type(another) is int:
        return one + another
    return one
