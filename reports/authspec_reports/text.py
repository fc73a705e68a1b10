"""A run in plain text: a table by area, the failures, the verdict last."""

from collections.abc import Iterable, Sequence

from authspec_contract.results import Exchange, Message, Result, Run
from authspec_contract.verdict import RequirementVerdict
from authspec_reports.shown import shortened, shown, shown_body, shown_line
from authspec_reports.since import since_baseline
from authspec_reports.summary import SYMBOLS, Summary, exchanges_of, summarize


def render(run: Run) -> str:
    """What a terminal shows of a run."""
    summary = summarize(run)
    parts = [
        _areas(summary),
        *(_failure(run, verdict) for verdict in summary.failures),
        *(_failure(run, verdict) for verdict in summary.shortcomings),
        "\n".join(since_baseline(run)),
        shown_line(summary.cut_short or ""),
        _verdict(summary),
    ]
    return shown("\n\n".join(part for part in parts if part)) + "\n"


def table(rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """Rows in columns, the first `left` of them flush left, the others flush right."""
    cells = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def exchanges_in_words(run: Run, result: Result) -> str:
    """The calls of a result as `curl` lines with their statuses; the last one in full."""
    exchanges = exchanges_of(run, result)
    if not exchanges:
        return ""
    *earlier, last = exchanges
    lines = [f"{exchange.curl}\n  -> {_answer(exchange)}" for exchange in earlier[-20:]]
    return "\n".join([*lines, _in_full(last)])


def _in_full(exchange: Exchange) -> str:
    lines = [exchange.curl, f"{exchange.method} {exchange.url}", *_message(exchange.request)]
    lines += ["", f"-> {_answer(exchange)}"]
    if exchange.response is not None:
        lines += _message(exchange.response)
    return "\n".join(lines)


def _message(message: Message) -> list[str]:
    headers = [f"{name}: {value}" for name, value in message.headers.items()]
    return [*headers, "", shown_body(message.body)] if message.body else headers


def _answer(exchange: Exchange) -> str:
    if exchange.status is None:
        return f"no answer: {exchange.error or 'none came'}"
    return str(exchange.status)


def _areas(summary: Summary) -> str:
    columns = summary.columns
    head = ["", *(column.label for column in columns), "all"]
    rows = [
        [
            shown_line(area.name),
            *(str(column.count(area.verdicts) or "") for column in columns),
            str(len(area.verdicts)),
        ]
        for area in summary.areas
    ]
    counts = (str(column.count(summary.verdicts)) for column in columns)
    return table([head, *rows, ["all areas", *counts, str(len(summary.verdicts))]])


def _failure(run: Run, verdict: RequirementVerdict) -> str:
    line = verdict.requirement
    result = verdict.results[0]
    exchanges = exchanges_of(run, result)
    rows = [
        f"{SYMBOLS[verdict.outcome]} {line.id} ({line.level}) {shown_line(line.text)}",
        f"  {shown_line(shortened(result.message, 1000))}",
    ]
    if exchanges:
        last = exchanges[-1]
        rows.append(
            f"  {shown_line(last.method)} {shown_line(last.url)} -> {shown_line(_answer(last))}"
        )
        rows.append(f"  {shown_line(shortened(last.curl, 1000))}")
    if len(verdict.results) > 1:
        rows.append(f"  and {len(verdict.results) - 1} more of its tests failed")
    return "\n".join(rows)


def _verdict(summary: Summary) -> str:
    passed, decided = summary.hardening
    return (
        f"{summary.headline}: {summary.detail}\n"
        f"Hardening: {passed} of {decided} tested recommendations hold."
    )
