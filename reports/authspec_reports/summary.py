"""The numbers and sentences that every report shows, from a run and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from authspec_contract.catalogue import LEVELS
from authspec_contract.results import Exchange, Outcome, Result, Run
from authspec_contract.verdict import (
    WORST_FIRST,
    RequirementVerdict,
    hardening,
    totals,
    verdicts,
)

SYMBOLS: Mapping[Outcome, str] = {
    Outcome.FAIL: "✗",
    Outcome.ERROR: "!",
    Outcome.INCONCLUSIVE: "?",
    Outcome.WAIVED: "~",
    Outcome.PASS: "✓",
    Outcome.NOT_APPLICABLE: "–",
    Outcome.UNTESTED: "○",
    Outcome.NOT_RUN: "·",
}


class Contract(StrEnum):
    """What a run says about the contract, which is the `must` requirements."""

    BROKEN = "broken"
    ERROR = "error"
    """We broke, so it is not known."""
    CUT_SHORT = "cut short"
    UNKNOWN = "unknown"
    """Nothing was decided."""
    OPEN = "open"
    """What was tried holds; some could not be tried."""
    HOLDS = "holds"


@dataclass(frozen=True)
class Area:
    """The requirements of one area."""

    name: str
    verdicts: tuple[RequirementVerdict, ...]

    @property
    def totals(self) -> Mapping[str, int]:
        return totals(self.verdicts)

    @property
    def anchor(self) -> str:
        """Letters and digits as they are, a space as `-`, anything else by its number."""
        return "area-" + "".join(
            "-" if c == " " else c if c.isascii() and c.isalnum() else f"_{ord(c):x}_"
            for c in self.name
        )


@dataclass(frozen=True)
class Summary:
    """A run, counted."""

    verdicts: tuple[RequirementVerdict, ...]
    contract: Contract
    headline: str
    """What the contract came to, in a few words."""
    detail: str
    """The numbers behind it, in one sentence."""
    hardening: tuple[int, int]
    """Of the `should` and `may` requirements: passed, decided."""
    cut_short: str | None
    """Why and that the run was cut short; None for a whole one."""

    @property
    def totals(self) -> Mapping[str, int]:
        return totals(self.verdicts)

    @property
    def areas(self) -> tuple[Area, ...]:
        names = dict.fromkeys(verdict.requirement.area for verdict in self.verdicts)
        return tuple(
            Area(name, tuple(v for v in self.verdicts if v.requirement.area == name))
            for name in names
        )

    def worst_first(self, *outcomes: Outcome) -> tuple[RequirementVerdict, ...]:
        """Those with one of the outcomes: by level, then by outcome, then as the catalogue has them."""
        chosen = [verdict for verdict in self.verdicts if verdict.outcome in outcomes]
        return tuple(
            sorted(
                chosen,
                key=lambda v: (LEVELS.index(v.requirement.level), WORST_FIRST.index(v.outcome)),
            )
        )

    @property
    def failures(self) -> tuple[RequirementVerdict, ...]:
        """What failed, the target's fault and ours."""
        return self.worst_first(Outcome.FAIL, Outcome.ERROR)


def summarize(run: Run) -> Summary:
    """The summary of a run."""
    found = verdicts(run)
    must = totals(verdict for verdict in found if verdict.requirement.level == "must")
    contract = _contract(must, complete=_whole(run))
    return Summary(
        verdicts=found,
        contract=contract,
        headline=_HEADLINES[contract],
        detail=_detail(must),
        hardening=hardening(found),
        cut_short=_cut_short(run),
    )


def exchanges_of(run: Run, result: Result) -> Sequence[Exchange]:
    """The recorded exchanges of a result; one that was lost with a cut-off line is left out."""
    return [run.exchanges[id_] for id_ in result.exchanges if id_ in run.exchanges]


def seconds_of(verdict: RequirementVerdict, run: Run) -> float:
    """How long all tests of a requirement took."""
    return sum(r.seconds for r in run.results if r.requirement == verdict.requirement.id)


def metadata(run: Run) -> Sequence[tuple[str, str]]:
    """What a reader has to know about a run, as names and values."""
    header, footer = run.header, run.footer
    tool = f"{header.tool.get('name', 'authspec')} {header.tool.get('version', '')}".strip()
    rows = [
        ("target", _joined(header.target.get("url", ""), header.target.get("server", ""))),
        ("profile", _joined(header.profile.get("name", ""), header.profile.get("source", ""))),
        ("mailbox", header.mailbox),
        ("gate", f"level {header.level}, mode {header.mode}"),
        ("seed", str(header.seed)),
        ("started", header.started),
        ("run", header.run),
        ("tool", f"{tool}, contract {header.contract}"),
        ("command", " ".join(header.command)),
    ]
    if footer is not None:
        made = (
            f"{footer.requests} requests, {footer.accounts} accounts, {footer.mails} mails, "
            f"about {footer.password_computations} password computations"
        )
        rows.insert(6, ("took", f"{footer.seconds:.1f} s"))
        rows.insert(7, ("made", made))
    return rows


# --- in words ---------------------------------------------------------------------------------

_HEADLINES = {
    Contract.BROKEN: "The contract is broken",
    Contract.ERROR: "The suite itself failed",
    Contract.CUT_SHORT: "No verdict: the run was cut short",
    Contract.UNKNOWN: "No verdict: nothing was tested",
    Contract.OPEN: "The contract holds as far as it could be tried",
    Contract.HOLDS: "The contract holds",
}


def _whole(run: Run) -> bool:
    return run.footer is not None and run.footer.stopped is None


def _contract(must: Mapping[str, int], *, complete: bool) -> Contract:
    if must["fail"]:
        return Contract.BROKEN
    if must["error"]:
        return Contract.ERROR
    if not complete:
        return Contract.CUT_SHORT
    if not must["pass"]:
        return Contract.UNKNOWN
    return Contract.OPEN if must["inconclusive"] else Contract.HOLDS


def _detail(must: Mapping[str, int]) -> str:
    decided = must["pass"] + must["fail"]
    parts = [f"{must['pass']} of {decided} tested must requirements passed"]
    words = {
        "fail": "failed",
        "error": "ended in an error of the suite",
        "inconclusive": "could not be tried",
        "waived": "waived",
        "not-applicable": "not applicable",
        "not-run": "not run",
        "untested": "untested",
    }
    parts += [f"{must[key]} {word}" for key, word in words.items() if must[key]]
    return ", ".join(parts) + "."


def _cut_short(run: Run) -> str | None:
    if run.footer is None:
        return (
            "This run was cut short: its results file has no last line. "
            "What it did not reach counts as not run."
        )
    if run.footer.stopped is not None:
        return (
            f"This run ended before its time: {run.footer.stopped}. "
            "What it did not reach counts as not run."
        )
    return None


def _joined(*parts: str) -> str:
    return " · ".join(dict.fromkeys(part for part in map(str, parts) if part))


def count(number: int, noun: str) -> str:
    """`1 requirement`, `2 requirements`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def names(items: Iterable[object]) -> str:
    """Several things with commas between them."""
    return ", ".join(map(str, items))
