"""Pieces that several sections of the page share."""

from authspec_contract.results import Outcome
from authspec_contract.verdict import RequirementVerdict
from authspec_reports.markup import Markup, element, fragment
from authspec_reports.shown import shortened, shown
from authspec_reports.summary import SYMBOLS


def line_of(verdict: RequirementVerdict) -> Markup:
    """A requirement on one line: outcome, id, level, sentence, and why."""
    line = verdict.requirement
    return fragment(
        badge(verdict.outcome, advisory=line.level != "must"),
        element("a", line.id, href=f"#{line.id}", class_="id"),
        element("span", line.level, class_=f"level {line.level}"),
        element("span", line.text, class_="sentence"),
        element("span", shortened(shown(verdict.message), 400), class_="why")
        if verdict.message
        else None,
    )


def badge(outcome: Outcome, *, advisory: bool = False) -> Markup:
    """A sign and a word; the colour only repeats them."""
    kind = "advisory" if advisory and outcome is Outcome.FAIL else outcome.value
    return element("span", f"{SYMBOLS[outcome]} {outcome.value}", class_=f"badge {kind}")


def sources(verdict: RequirementVerdict) -> Markup:
    """Where a requirement comes from."""
    line = verdict.requirement
    rests_on = ", ".join(line.sources) or "no source"
    where = f"{line.file}:{line.line}" if line.file else None
    parts = [line.area, line.operation, f"origin {line.origin}", f"rests on {rests_on}", where]
    return element("p", " · ".join(part for part in parts if part), class_="sources")
