"""Markdown of a run, for the summary page of a CI job or a comment on a change."""

import re
from collections.abc import Sequence

from authspec_contract.results import Outcome, Run
from authspec_contract.verdict import RequirementVerdict
from authspec_reports.shown import shortened, shown, shown_line
from authspec_reports.since import since_baseline
from authspec_reports.summary import SYMBOLS, Contract, Summary, metadata, summarize
from authspec_reports.text import exchanges_in_words

LIMIT = 60_000
"""Characters: a comment on GitHub may hold 65,536."""
_SIGNS = {
    Contract.HOLDS: "✅",
    Contract.PARTLY: "✅",
    Contract.OPEN: "🟡",
    Contract.BROKEN: "❌",
    Contract.ERROR: "💥",
    Contract.CUT_SHORT: "✂️",
    Contract.UNKNOWN: "❔",
}
_SPECIAL = re.compile(r"[\`*_{}\[\]#|~$^@<>&]|:(?=//)|(?<=www)\.")


def render(run: Run) -> str:
    """The text, bounded: failures that do not fit are counted."""
    summary = summarize(run)
    passed, decided = summary.hardening
    head = [
        f"## {_SIGNS[summary.contract]} authspec: {summary.headline}",
        f"{summary.detail} Hardening: {passed} of {decided} tested recommendations hold.",
        f"> **{inline(summary.cut_short)}**" if summary.cut_short else "",
        "\n".join(f"- {inline(line)}" for line in since_baseline(run)),
        _areas(summary),
    ]
    tail = [
        _folded("Recommendations that do not hold", summary.shortcomings),
        _folded("Not settled", summary.worst_first(Outcome.INCONCLUSIVE, Outcome.WAIVED)),
        _metadata(run),
    ]
    room = LIMIT - sum(map(len, (*head, *tail))) - 200
    body = _failures(run, summary, max(room, 0))
    return "\n\n".join(part for part in (*head, *body, *tail) if part) + "\n"


def inline(text: object, limit: int = 500) -> str:
    """Text on one line that is shown as it is: no markup, no link, nobody mentioned."""
    plain = shortened(shown_line(text), limit)
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", " ".join(plain.split()))


def fenced(text: str, language: str = "") -> str:
    """A block of code that its own backticks cannot end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, its first column flush left; the cells are Markdown already."""
    marks = [":--", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def _areas(summary: Summary) -> str:
    columns = summary.columns
    rows = [
        [inline(area.name), *(str(column.count(area.verdicts) or "") for column in columns)]
        for area in summary.areas
    ]
    total = ["**all areas**", *(f"**{column.count(summary.verdicts)}**" for column in columns)]
    return table(["area", *(column.label for column in columns)], [*rows, total])


def _failures(run: Run, summary: Summary, room: int) -> list[str]:
    if not summary.failures:
        return []
    blocks = ["### Failures, worst first"]
    for shown_so_far, verdict in enumerate(summary.failures):
        block = _failure(run, verdict)
        if len(block) > room:
            left = len(summary.failures) - shown_so_far
            blocks.append(
                f"{left} more failed; the HTML report and the results file hold them all."
            )
            break
        room -= len(block) + 2
        blocks.append(block)
    return blocks


def _failure(run: Run, verdict: RequirementVerdict) -> str:
    line = verdict.requirement
    results = verdict.results[:3]
    calls = "\n\n".join(filter(None, (exchanges_in_words(run, result) for result in results)))
    parts = [
        f"**{SYMBOLS[verdict.outcome]} {inline(line.id)}** ({inline(line.level)}) {inline(line.text)}",
        *(f"- {inline(result.message)}" for result in results),
        f"- and {len(verdict.results) - 3} more tests of it failed" if verdict.results[3:] else "",
        f"- rests on {inline(', '.join(line.sources))}" if line.sources else "",
    ]
    text = "\n".join(part for part in parts if part)
    if not calls:
        return text
    block = fenced(shortened(shown(calls), 4000))
    return f"{text}\n\n<details><summary>Calls</summary>\n\n{block}\n\n</details>"


def _folded(title: str, verdicts: Sequence[RequirementVerdict]) -> str:
    """A list that opens on a click."""
    if not verdicts:
        return ""
    rows = [
        f"- {inline(v.requirement.id)} ({v.requirement.level}) {v.outcome.value}: "
        f"{inline(v.requirement.text, 200)} {inline(v.message, 200)}"
        for v in verdicts[:50]
    ]
    if verdicts[50:]:
        rows.append(f"- and {len(verdicts) - 50} more")
    summary = f"<details><summary>{title}: {len(verdicts)}</summary>\n"
    return "\n".join([summary, *rows, "\n</details>"])


def _metadata(run: Run) -> str:
    rows = [f"- {name}: {inline(value)}" for name, value in metadata(run)]
    return "\n".join(["<details><summary>The run</summary>\n", *rows, "\n</details>"])
