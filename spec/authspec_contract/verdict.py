"""From the results of a run to a verdict: per requirement, per area, and the exit code. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authspec_contract.catalogue import LEVELS
from authspec_contract.results import Outcome, RequirementLine, Result, Run

WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.INCONCLUSIVE,
    Outcome.WAIVED,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
    Outcome.UNTESTED,
    Outcome.NOT_RUN,
)
"""How the results of several tests of one requirement combine: the first of these that occurs."""


@dataclass(frozen=True)
class RequirementVerdict:
    """A requirement and what the run came to."""

    requirement: RequirementLine
    outcome: Outcome
    message: str
    results: tuple[Result, ...]
    """The results that gave the outcome."""


def verdicts(run: Run) -> tuple[RequirementVerdict, ...]:
    """One verdict per requirement of the run's snapshot, in the catalogue's order."""
    complete = run.footer is not None and run.footer.stopped is None
    return combine(run.header.requirements, run.results, complete=complete)


def combine(
    requirements: Iterable[RequirementLine], results: Iterable[Result], *, complete: bool = True
) -> tuple[RequirementVerdict, ...]:
    """One verdict per requirement from the results of its tests."""
    grouped: dict[str, list[Result]] = {}
    for result in _without_waived(tuple(results)):
        grouped.setdefault(result.requirement, []).append(result)
    return tuple(_one(line, grouped.get(line.id, []), complete) for line in requirements)


def _without_waived(results: tuple[Result, ...]) -> Iterable[Result]:
    """The results without the failures whose waiver stands behind them in the file."""
    waivers = [result for result in results if result.outcome is Outcome.WAIVED]

    def waived(result: Result) -> bool:
        return result.outcome is Outcome.FAIL and any(
            (waiver.requirement, waiver.test) == (result.requirement, result.test)
            and waiver.message.endswith(result.message)
            for waiver in waivers
        )

    return (result for result in results if not waived(result))


def _one(line: RequirementLine, results: list[Result], complete: bool) -> RequirementVerdict:
    for outcome in WORST_FIRST:
        deciding = tuple(result for result in results if result.outcome is outcome)
        if deciding:
            return RequirementVerdict(line, outcome, deciding[0].message, deciding)
    if line.untested:
        return RequirementVerdict(line, Outcome.UNTESTED, line.untested, ())
    why = "not selected" if complete else "the run was cut short"
    return RequirementVerdict(line, Outcome.NOT_RUN, why, ())


def totals(verdicts_: Iterable[RequirementVerdict]) -> Mapping[str, int]:
    """Outcome → number of requirements; every outcome is a key."""
    counted = Counter(verdict.outcome for verdict in verdicts_)
    return {outcome.value: counted[outcome] for outcome in WORST_FIRST}


def hardening(verdicts_: Iterable[RequirementVerdict]) -> tuple[int, int]:
    """How many of the decided `should` and `may` requirements passed, and how many were decided."""
    decided = [
        verdict.outcome
        for verdict in verdicts_
        if verdict.requirement.level != "must" and verdict.outcome in {Outcome.PASS, Outcome.FAIL}
    ]
    return decided.count(Outcome.PASS), len(decided)


def gated(verdicts_: Iterable[RequirementVerdict], level: str) -> tuple[RequirementVerdict, ...]:
    """Those that the gate counts: at `level` or stricter."""
    limit = LEVELS.index(level)
    return tuple(v for v in verdicts_ if LEVELS.index(v.requirement.level) <= limit)
