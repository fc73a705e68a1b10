"""The section of the page that shows what failed, call by call."""

from collections.abc import Sequence

from authspec_contract.results import Exchange, Message, Result, Run
from authspec_contract.verdict import RequirementVerdict
from authspec_reports.html_parts import badge, line_of, sources
from authspec_reports.markup import Markup, element, fragment
from authspec_reports.shown import shortened, shown, shown_body
from authspec_reports.summary import Summary, count, exchanges_of

MOST_EXCHANGES = 20
"""Exchanges that are shown of one failing test: its last ones."""


_NOTE = element(
    "p",
    "A name such as ",
    element("code", "$PASSWORD_1"),
    " stands for a secret that the run did not write down; the same name is the same secret.",
    class_="quiet",
)


def failures(run: Run, summary: Summary) -> Markup:
    """Worst first; each with its calls and the line that sends the last one again."""
    failed = summary.failures
    if not failed:
        return element(
            "section",
            element("h2", "Failures"),
            element("p", "Nothing that the gate asks for failed.", class_="quiet"),
            id="failures",
        )
    return element(
        "section",
        element("h2", "Failures, worst first ", element("small", str(len(failed)))),
        _NOTE,
        [_failure(run, verdict) for verdict in failed],
        id="failures",
    )


def shortcomings(run: Run, summary: Summary) -> Markup | None:
    """The same of recommendations, folded: they fail no gate."""
    short = summary.shortcomings
    if not short:
        return None
    return element(
        "section",
        element("h2", "Hardening: recommendations that do not hold ", element("small", len(short))),
        element(
            "p",
            "They are not part of the gate; ",
            element("code", f"--level {short[-1].requirement.level}"),
            " makes them so.",
            class_="quiet",
        ),
        [
            element(
                "details",
                element("summary", line_of(verdict)),
                _body(run, verdict),
                class_="requirement advisory",
                id=f"failure-{verdict.requirement.id}",
            )
            for verdict in short
        ],
        id="shortcomings",
    )


def _failure(run: Run, verdict: RequirementVerdict) -> Markup:
    line = verdict.requirement
    return element(
        "article",
        element(
            "h3",
            badge(verdict.outcome),
            element("a", line.id, href=f"#{line.id}", class_="id"),
            element("span", line.level, class_=f"level {line.level}"),
            element("span", line.text, class_="sentence"),
        ),
        _body(run, verdict),
        class_=f"failure {verdict.outcome.value}",
        id=f"failure-{line.id}",
    )


def _body(run: Run, verdict: RequirementVerdict) -> Markup:
    return fragment(sources(verdict), [_failed_test(run, result) for result in verdict.results])


def _failed_test(run: Run, result: Result) -> Markup:
    exchanges = exchanges_of(run, result)
    return element(
        "div",
        element("p", shortened(shown(result.message or "No message was recorded.")), class_="message"),
        element("p", "Test ", element("code", result.test), class_="quiet") if result.test else None,
        _exchanges(exchanges),
        class_="test",
    )  # fmt: skip


def _exchanges(exchanges: Sequence[Exchange]) -> Markup:
    if not exchanges:
        return element("p", "No exchange was recorded for it.", class_="quiet")
    kept = exchanges[-MOST_EXCHANGES:]
    *earlier, last = kept
    left_out = len(exchanges) - len(kept)
    before = element(
        "details",
        element("summary", f"{count(len(earlier) + left_out, 'call')} before it"),
        element("p", f"The first {left_out} stand in the results file.", class_="quiet")
        if left_out
        else None,
        [_exchange(exchange) for exchange in earlier],
    )
    return fragment(before if earlier else None, _exchange(last))


def _exchange(exchange: Exchange) -> Markup:
    """The call, both messages, and the line that sends it again."""
    answered = (
        element("b", str(exchange.status), class_=f"status s{str(exchange.status)[0]}")
        if exchange.status is not None
        else element("b", "no answer", class_="status none")
    )
    return element(
        "div",
        element(
            "p",
            element("b", exchange.method),
            " ",
            element("span", exchange.url, class_="url"),
            " ",
            answered,
            element("small", f" {exchange.seconds * 1000:.0f} ms"),
            class_="call",
        ),
        element(
            "div",
            _message("Request", exchange.request),
            _message("Response", exchange.response)
            if exchange.response is not None
            else element(
                "div",
                element("h4", "Response"),
                element("pre", shortened(shown(exchange.error or "None came."))),
            ),
            class_="messages",
        ),
        element("h4", "Send it again"),
        element("pre", shortened(shown(exchange.curl)), class_="curl"),
        class_="exchange",
    )


def _message(title: str, message: Message) -> Markup:
    headers = "\n".join(f"{name}: {value}" for name, value in message.headers.items())
    return element(
        "div",
        element("h4", title),
        element("pre", shortened(shown(headers)), class_="headers") if headers else None,
        element("pre", shown_body(message.body))
        if message.body
        else element("p", "no body", class_="quiet"),
    )
