"""Applies waivers to the results of a run: a waived failure does not fail it, a stale waiver does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from authspec_conformance.settings import Waiver
from authspec_contract.results import Outcome, Result
from authspec_contract.verdict import RequirementVerdict


@dataclass(frozen=True)
class WaiverReport:
    """What the waivers of a run came to."""

    waived: tuple[Result, ...]
    complaints: tuple[str, ...]
    """One sentence for each waiver that is expired, unused or not needed any more."""


def apply_waivers(
    waivers: Sequence[Waiver],
    verdicts: Sequence[RequirementVerdict],
    today: date,
    *,
    partly: Collection[str] = (),
) -> WaiverReport:
    """Which failures are waived, and which waivers are stale; of requirements that this run decided
    `partly`, a pass does not tell."""
    by_id = {verdict.requirement.id: verdict for verdict in verdicts}
    waived: list[Result] = []
    complaints: list[str] = []
    for waiver in waivers:
        verdict = by_id.get(waiver.requirement)
        complaint = _complaint(waiver, verdict, today)
        if verdict is not None and verdict.outcome is Outcome.PASS and waiver.until >= today:
            complaint = None if waiver.requirement in partly else complaint
        if complaint:
            complaints.append(complaint)
        elif verdict is not None:
            waived += [
                Result(
                    result.requirement,
                    result.test,
                    Outcome.WAIVED,
                    f"{waiver.reason}: {result.message}",  # a reader pairs them by this end
                    result.exchanges,
                )
                for result in verdict.results
                if waiver.failure in result.message
            ]
    return WaiverReport(tuple(waived), tuple(complaints))


def _complaint(waiver: Waiver, verdict: RequirementVerdict | None, today: date) -> str | None:
    name = f"The waiver of {waiver.requirement}"
    if verdict is None:
        return f"{name} names a requirement that does not exist."
    if waiver.until < today:
        return f"{name} expired on {waiver.until}; mend the target or renew the waiver."
    if verdict.outcome is Outcome.PASS:
        return f"{name} is not needed any more: the requirement passes; delete it."
    if verdict.outcome is Outcome.FAIL:
        if any(waiver.failure in result.message for result in verdict.results):
            return None
        return f"{name} expects a failure with {waiver.failure!r}; it failed otherwise: {verdict.message}"
    if verdict.outcome in {Outcome.NOT_RUN, Outcome.INCONCLUSIVE, Outcome.ERROR}:
        return None  # this run cannot tell
    return f"{name} is not used: the requirement is {verdict.outcome}; delete it."
