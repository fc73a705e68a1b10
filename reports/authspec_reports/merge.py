"""Joins the results files of one check that ran in shards into one run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from authspec_contract.errors import UsageError
from authspec_contract.results import Against, Exchange, Footer, Outcome, Result, Run
from authspec_contract.verdict import RequirementVerdict, combine, gated, totals

_WORST_EXIT_FIRST = (2, 4, 130, 1, 3, 0)
"""Which exit code wins where several hold."""
_WORDS = {0: "PASS", 1: "FAIL", 3: "OPEN", 4: "ERROR", 130: "INTERRUPTED"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def merge(runs: Sequence[Run]) -> Run:
    """One run of all. Raises UsageError where they tested different things."""
    first, *others = runs
    if not others:
        return first
    for other in others:
        _check_same(first, other)
    missing = _missing(runs)
    results, exchanges = _renumbered(runs)
    footers = [run.footer for run in runs if run.footer is not None]
    whole = len(footers) == len(runs)
    counted = combine(first.header.requirements, results, complete=whole and not missing)
    header = replace(first.header, started=min(run.header.started for run in runs), shard=None)
    footer = _footer(runs, footers, counted, missing) if whole else None
    return Run(header, results, exchanges, footer)


def _check_same(first: Run, other: Run) -> None:
    for what, one, another in (
        ("contracts", first.header.contract, other.header.contract),
        ("targets", _place(first), _place(other)),
        ("profiles", first.header.profile.get("name"), other.header.profile.get("name")),
    ):
        if one != another:
            raise UsageError(
                f"The results files are of different {what} ({one} and {another}); a report joins the "
                "shards of one check. To see them side by side: authspec compare."
            )


def _place(run: Run) -> str:
    """The target's URL; of a shard's own server on its own machine, the port says nothing."""
    url = run.header.target.get("url", "")
    parts = urlsplit(url)
    if run.header.shard is not None and parts.hostname in _LOOPBACK:
        return f"{parts.scheme}://{parts.hostname}{parts.path}"
    return url


def _missing(runs: Sequence[Run]) -> tuple[str, ...]:
    """The shards without a file. Raises UsageError where the files are not the parts of one whole."""
    names = [run.header.shard for run in runs if run.header.shard is not None]
    if not names:
        return ()
    wholes = {name.partition("/")[2] for name in names}
    if len(names) < len(runs) or len(wholes) > 1 or len(set(names)) < len(names):
        shown = ", ".join(run.header.shard or "a whole run" for run in runs)
        raise UsageError(
            f"The results files are not the parts of one check ({shown}); give each shard's file once."
        )
    of = wholes.pop()
    every = [f"{number}/{of}" for number in range(1, int(of) + 1)]
    return tuple(name for name in every if name not in names)


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


def _footer(
    runs: Sequence[Run],
    footers: Sequence[Footer],
    counted: Sequence[RequirementVerdict],
    missing: Sequence[str],
) -> Footer:
    stopped = [footer.stopped for footer in footers if footer.stopped is not None]
    if missing:
        stopped.append(f"the results of shard {', '.join(missing)} are missing")
    exits = [*map(_exit, runs), *([3] if missing else [])]
    exit_ = min(exits, key=_severity)
    return Footer(
        finished=max(footer.finished for footer in footers),
        seconds=max(footer.seconds for footer in footers),
        totals=totals(counted),
        exit=exit_,
        verdict=_verdict(exit_, runs, counted),
        leftovers=tuple(name for footer in footers for name in footer.leftovers),
        coverage=_coverage([footer.coverage for footer in footers]),
        accounts=sum(footer.accounts for footer in footers),
        mails=sum(footer.mails for footer in footers),
        requests=sum(footer.requests for footer in footers),
        password_computations=sum(footer.password_computations for footer in footers),
        stopped=stopped[0] if stopped else None,
        baseline=_against(footers, counted),
    )


def _exit(run: Run) -> int:
    """A shard's exit code; where it is 3 for want of anything to test, the others may have had it all."""
    assert run.footer is not None
    in_gate = gated(combine(run.header.requirements, run.results), run.header.level)
    open_ = any(verdict.outcome is Outcome.INCONCLUSIVE for verdict in in_gate)
    tested = any(v.outcome in {Outcome.PASS, Outcome.FAIL, Outcome.WAIVED} for v in in_gate)
    idle = run.footer.stopped is None and not open_ and not tested
    return 0 if run.header.shard is not None and run.footer.exit == 3 and idle else run.footer.exit


def _verdict(exit_: int, runs: Sequence[Run], counted: Sequence[RequirementVerdict]) -> str:
    level = runs[0].header.level
    outcomes = [verdict.outcome for verdict in gated(counted, level)]
    passed, failed, open_ = map(outcomes.count, (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE))
    more = f", {open_} open" if open_ else ""
    word = _WORDS.get(exit_, "ERROR")
    return f"{word} ({level}): {passed} pass, {failed} fail{more}, from {len(runs)} files"


def _against(footers: Sequence[Footer], counted: Sequence[RequirementVerdict]) -> Against | None:
    """What changed since the shards' common baseline: of each requirement, what all of them together say."""
    parts = [footer.baseline for footer in footers if footer.baseline is not None]
    if not parts:
        return None
    known = {id_ for part in parts for id_ in part.known}
    fixed = {id_ for part in parts for id_ in part.fixed}
    failing = [v.requirement.id for v in counted if v.outcome is Outcome.FAIL]
    passing = [v.requirement.id for v in counted if v.outcome is Outcome.PASS]
    return replace(
        parts[0],
        new=tuple(id_ for id_ in failing if id_ not in known | fixed),
        known=tuple(id_ for id_ in failing if id_ in known | fixed),
        fixed=tuple(id_ for id_ in passing if id_ in fixed),
        remarks=tuple(dict.fromkeys(remark for part in parts for remark in part.remarks)),
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
