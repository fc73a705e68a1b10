"""What a person sees while a run goes on and at its end."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from authspec_contract.results import Against, Outcome, Result, Run
from authspec_contract.verdict import RequirementVerdict, gated, hardening, verdicts

_MARKS = {
    Outcome.PASS: ".",
    Outcome.FAIL: "F",
    Outcome.ERROR: "E",
    Outcome.INCONCLUSIVE: "?",
}
_COLOURS = {
    Outcome.PASS: "32",
    Outcome.FAIL: "31;1",
    Outcome.ERROR: "35;1",
    Outcome.INCONCLUSIVE: "33",
}


class Console:
    """Writes progress and the final table to a stream; colours only where it is a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._colour = self._stream.isatty()
        self._column = 0

    def line(self, text: str = "") -> None:
        """One line of its own."""
        if self._column:
            self._write("\n")
            self._column = 0
        self._write(text + "\n")

    def progress(self, result: Result, *, counts: bool = True) -> None:
        """One mark per decision; a small f for a failure that the gate does not count."""
        mark = _MARKS.get(result.outcome, "-")
        if not counts and mark == "F":
            mark = "f"
        self._write(self._paint(mark, result.outcome))
        self._column += 1
        if self._column == 80:
            self._write("\n")
            self._column = 0

    def summary(self, run: Run) -> None:
        """The table by area, then what failed, worst first."""
        decided = verdicts(run)
        self.line()
        self._table(decided)
        counted = gated(decided, run.header.level)
        for outcome, title in (
            (Outcome.FAIL, "Failed"),
            (Outcome.ERROR, "Errors of authspec itself"),
            (Outcome.INCONCLUSIVE, "Could not be tried"),
        ):
            self._section(title, [v for v in counted if v.outcome is outcome], run)
        self._recommended([v for v in decided if v not in counted and v.outcome is Outcome.FAIL])

    def _table(self, decided: Sequence[RequirementVerdict]) -> None:
        columns = (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE)
        areas = list(dict.fromkeys(v.requirement.area for v in decided))
        width = max((len(area) for area in areas), default=4) + 2
        self.line(f"{'':{width}}{'pass':>6}{'fail':>6}{'open':>6}{'n/a':>6}{'other':>7}")
        for area in areas:
            counts = [v.outcome for v in decided if v.requirement.area == area]
            cells = "".join(f"{counts.count(outcome):>6}" for outcome in columns)
            other = sum(outcome not in columns for outcome in counts)
            self.line(f"{area:{width}}{cells}{other:>7}")

    def _section(self, title: str, found: Sequence[RequirementVerdict], run: Run) -> None:
        if not found:
            return
        self.line()
        self.line(f"{title}:")
        alone: list[RequirementVerdict] = _must_first(found)
        alike: dict[str, list[str]] = {}
        if found[0].outcome is Outcome.INCONCLUSIVE:  # one broken step leaves many of them open
            alone, alike = _grouped(alone)
        for message, ids in alike.items():
            self.line(f"  {len(ids)} requirements: {message}")
            self.line(f"      {', '.join(ids)}")
        for verdict in alone:
            requirement = verdict.requirement
            name = self._paint(requirement.id, verdict.outcome)
            self.line(f"  {name} ({requirement.level}) {requirement.text}")
            self.line(f"      {verdict.message}")
            if verdict.outcome is Outcome.FAIL and (curl := _curl(verdict, run)):
                self.line(f"      {curl}")

    def _recommended(self, failed: Sequence[RequirementVerdict]) -> None:
        """One line for each recommendation that does not hold; the report has the rest."""
        if not failed:
            return
        self.line()
        self.line(
            "Recommended, and not so here (outside of the gate; the report shows the exchanges):"
        )
        for verdict in failed:
            self.line(
                f"  {verdict.requirement.id} ({verdict.requirement.level}) {verdict.requirement.text}"
            )

    def _paint(self, text: str, outcome: Outcome) -> str:
        colour = _COLOURS.get(outcome)
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour and colour else text

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except OSError:
            pass  # `| head`: nobody reads on, and the files are written all the same


def _must_first(found: Iterable[RequirementVerdict]) -> list[RequirementVerdict]:
    order = ("must", "should", "may")
    return sorted(found, key=lambda verdict: order.index(verdict.requirement.level))


def _grouped(
    found: Sequence[RequirementVerdict],
) -> tuple[list[RequirementVerdict], dict[str, list[str]]]:
    """Those with a message of their own, and message → ids for a message that several share."""
    ids: dict[str, list[str]] = {}
    for verdict in found:
        ids.setdefault(verdict.message, []).append(verdict.requirement.id)
    alike = {message: names for message, names in ids.items() if len(names) > 2}
    return [verdict for verdict in found if verdict.message not in alike], alike


def _curl(verdict: RequirementVerdict, run: Run) -> str | None:
    """The last exchange before the failure, as a shell line."""
    ids = verdict.results[0].exchanges if verdict.results else ()
    return run.exchanges[ids[-1]].curl if ids and ids[-1] in run.exchanges else None


def hardening_line(run: Run) -> str:
    """The score of what is recommended beyond the contract."""
    passed, decided = hardening(verdicts(run))
    return f"Hardening: {passed} of {decided} recommendations hold." if decided else ""


def against_lines(baseline: Against) -> Iterator[str]:
    """What changed since the baseline: a line that counts, and the ids."""
    lists = (("New", baseline.new), ("Known", baseline.known), ("Fixed", baseline.fixed))
    new, known, fixed = (len(ids) for _, ids in lists)
    yield (
        f"Against the baseline {baseline.file} (run {baseline.run}, {baseline.started}): {new} new "
        f"failure{'' if new == 1 else 's'}, {known} known, {fixed} fixed."
    )
    yield from (f"  {name}: {', '.join(ids)}" for name, ids in lists if ids)
