"""JUnit XML of a run: a suite per area, a case per requirement."""

from collections import Counter
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from authspec_contract.results import Outcome, Run
from authspec_contract.verdict import RequirementVerdict
from authspec_reports.shown import shortened, shown, shown_line
from authspec_reports.summary import Area, Summary, metadata, seconds_of, summarize
from authspec_reports.text import exchanges_in_words

MOST_TEXT = 60_000
"""Characters of one failure; what is longer makes CI servers slow."""


def render(run: Run) -> str:
    """The document. Fail is a failure, error an error; what was not decided is skipped."""
    summary = summarize(run)
    root = ET.Element("testsuites", _counts(summary.verdicts, run, name="authspec"))
    for area in summary.areas:
        root.append(_suite(area, run, summary))
    ET.indent(root)
    xml = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _counts(verdicts: Iterable[RequirementVerdict], run: Run, *, name: str) -> dict[str, str]:
    found = tuple(verdicts)
    kinds = Counter(_kind(verdict.outcome) for verdict in found)
    return {
        "name": shown_line(name),
        "tests": str(len(found)),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
        "skipped": str(kinds["skipped"]),
        "time": f"{sum(seconds_of(verdict, run) for verdict in found):.3f}",
    }


def _kind(outcome: Outcome) -> str | None:
    """The element that tells an outcome; None for a pass."""
    if outcome is Outcome.PASS:
        return None
    return {Outcome.FAIL: "failure", Outcome.ERROR: "error"}.get(outcome, "skipped")


def _suite(area: Area, run: Run, summary: Summary) -> ET.Element:
    timestamp = {"timestamp": shown_line(run.header.started)}
    suite = ET.Element("testsuite", _counts(area.verdicts, run, name=area.name) | timestamp)
    properties = ET.SubElement(suite, "properties")
    rows = [*metadata(run), ("verdict", f"{summary.headline}. {summary.detail}")]
    if summary.cut_short:
        rows.append(("cut-short", summary.cut_short))
    for name, value in rows:
        ET.SubElement(properties, "property", name=name, value=shown_line(value))
    for verdict in area.verdicts:
        suite.append(_case(verdict, run, area))
    return suite


def _case(verdict: RequirementVerdict, run: Run, area: Area) -> ET.Element:
    line = verdict.requirement
    case = ET.Element(
        "testcase",
        name=shown_line(f"{line.id} {line.text}"),
        classname=f"authspec.{shown_line(area.name).replace('.', ' ')}",
        time=f"{seconds_of(verdict, run):.3f}",
    )
    kind = _kind(verdict.outcome)
    if kind == "skipped":
        message = (
            f"{verdict.outcome.value}: {verdict.message}" if verdict.message else verdict.outcome
        )
        ET.SubElement(case, "skipped", message=shown_line(message))
    elif kind is not None:
        message = shown_line(verdict.message) or verdict.outcome.value
        element = ET.SubElement(case, kind, message=message, type=f"{line.level} {line.origin}")
        element.text = _details(verdict, run)
    return case


def _details(verdict: RequirementVerdict, run: Run) -> str:
    line = verdict.requirement
    parts = [f"{line.id} ({line.level}) rests on {', '.join(line.sources) or 'no source'}"]
    for result in verdict.results:
        parts += [f"{result.test or line.id}: {result.message}", exchanges_in_words(run, result)]
    return shortened(shown("\n\n".join(part for part in parts if part)), MOST_TEXT)
