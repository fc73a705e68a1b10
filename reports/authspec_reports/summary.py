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


_ORDER = (
    Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.WAIVED,
    Outcome.NOT_APPLICABLE, Outcome.NOT_RUN, Outcome.UNTESTED,
)  # fmt: skip


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
    PARTLY = "partly"
    """All that was selected holds; the selection left some out."""
    HOLDS = "holds"


@dataclass(frozen=True)
class Column:
    """An outcome as the tables count it; failures stand apart by whether the gate asks for them."""

    outcome: Outcome
    levels: tuple[str, ...] = LEVELS

    @property
    def label(self) -> str:
        """`fail must`, `fail should/may`; for other outcomes just their name."""
        return " ".join(filter(None, (self.outcome.value, self.of)))

    @property
    def of(self) -> str:
        return "" if self.levels == LEVELS else "/".join(self.levels)

    @property
    def kind(self) -> str:
        """The name that the style knows it by."""
        advisory = self.outcome is Outcome.FAIL and "must" not in self.levels
        return "advisory" if advisory else self.outcome.value

    def count(self, verdicts_: Iterable[RequirementVerdict]) -> int:
        return sum(
            v.outcome is self.outcome and v.requirement.level in self.levels for v in verdicts_
        )


@dataclass(frozen=True)
class Area:
    """The requirements of one area."""

    name: str
    verdicts: tuple[RequirementVerdict, ...]

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
    level: str
    """The gate asks for this level and stricter ones."""
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
        """What failed of that which the gate asks for, and whatever is our fault."""
        bad = self.worst_first(Outcome.FAIL, Outcome.ERROR)
        return tuple(v for v in bad if v.outcome is Outcome.ERROR or self.gates(v))

    @property
    def shortcomings(self) -> tuple[RequirementVerdict, ...]:
        """Recommendations that do not hold, and for which the gate does not ask."""
        return tuple(v for v in self.worst_first(Outcome.FAIL) if not self.gates(v))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a table by area: those that count anything."""
        gate = LEVELS.index(self.level) + 1
        failing = [Column(Outcome.FAIL, levels) for levels in (LEVELS[:gate], LEVELS[gate:])]
        every = [
            column
            for outcome in _ORDER
            for column in (failing if outcome is Outcome.FAIL else [Column(outcome)])
        ]
        return tuple(column for column in every if column.count(self.verdicts))

    def gates(self, verdict: RequirementVerdict) -> bool:
        """Whether the gate asks for the requirement."""
        return LEVELS.index(verdict.requirement.level) <= LEVELS.index(self.level)


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
        level=run.header.level,
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
    shard = f", shard {header.shard}" if header.shard is not None else ""
    tool = f"{header.tool.get('name', 'authspec')} {header.tool.get('version', '')}".strip()
    rows = [
        ("target", _joined(header.target.get("url", ""), header.target.get("server", ""))),
        ("profile", _joined(header.profile.get("name", ""), header.profile.get("source", ""))),
        ("mailbox", header.mailbox),
        ("gate", f"level {header.level}, mode {header.mode}{shard}"),
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
    Contract.CUT_SHORT: "No verdict, the run was cut short",
    Contract.UNKNOWN: "No verdict, nothing was tested",
    Contract.OPEN: "The contract holds as far as it could be tried",
    Contract.PARTLY: "What was selected of the contract holds",
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
    if must["inconclusive"]:
        return Contract.OPEN
    return Contract.PARTLY if must["not-run"] else Contract.HOLDS


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
    if (stopped := run.footer.stopped) is not None:
        return (
            f"This run ended before its time: {_STOPS.get(stopped, stopped)}. "
            "What it did not reach counts as not run."
        )
    return None


_STOPS = {
    "exitfirst": "at the first failure, as --exitfirst asks",
    "interrupted": "somebody interrupted it",
    "locked-out": "the target locks logins after wrong passwords",
    "max-seconds": "the time that --max-seconds gives was over",
    "target-gone": "the target gave no answer any more",
}
"""Why runs end, by the word in the footer."""


def _joined(*parts: str) -> str:
    return " · ".join(dict.fromkeys(part for part in map(str, parts) if part))


def count(number: int, noun: str) -> str:
    """`1 requirement`, `2 requirements`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def names(items: Iterable[object]) -> str:
    """Several things with commas between them."""
    return ", ".join(map(str, items))
