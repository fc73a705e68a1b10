"""One self-contained HTML page of a run: the verdict first, then what failed, then everything."""

from collections.abc import Sequence

from authspec_contract.results import Outcome, Run
from authspec_contract.verdict import RequirementVerdict
from authspec_reports.html_failures import failures, shortcomings
from authspec_reports.html_parts import line_of, sources
from authspec_reports.markup import Markup, element
from authspec_reports.page import page
from authspec_reports.since import since_baseline
from authspec_reports.summary import Area, Column, Summary, metadata, summarize


def render(run: Run) -> str:
    """The page."""
    summary = summarize(run)
    name = f"{run.header.profile.get('name', '')} at {run.header.target.get('url', '')}"
    return page(
        f"{summary.headline}: {name}",
        _top(run, summary),
        element(
            "main",
            _metadata(run),
            _baseline(run),
            _areas(summary),
            failures(run, summary),
            shortcomings(run, summary),
            _unsettled(summary),
            _leftovers(run),
            _all(run, summary),
            _coverage(run),
        ),
    )


# --- the verdict ------------------------------------------------------------------------------


def _top(run: Run, summary: Summary) -> Markup:
    kind = summary.contract.name.lower().replace("_", "-")
    return element(
        "header",
        element("p", "authspec", class_="brand"),
        element(
            "div",
            element(
                "div",
                element("p", "Contract", class_="label"),
                element("h1", summary.headline),
                element("p", summary.detail),
                class_=f"verdict {kind}",
                id="verdict",
            ),
            _hardening(summary),
            class_="verdicts",
        ),
        element("p", summary.cut_short, class_="cut-short", role="alert")
        if summary.cut_short
        else None,
        _exit(run),
    )


def _hardening(summary: Summary) -> Markup:
    passed, decided = summary.hardening
    score: list[Markup] = (
        [
            element("p", str(passed), element("small", f" of {decided}"), class_="score"),
            element("meter", value=passed, max=decided, min=0, aria_label="hardening score"),
            element("p", "recommendations (should, may) that were tested hold."),
        ]
        if decided
        else [element("p", "None of the recommendations (should, may) was tested.")]
    )
    return element(
        "div", element("p", "Hardening", class_="label"), *score, class_="hardening", id="hardening"
    )


def _exit(run: Run) -> Markup | None:
    if run.footer is None:
        return None
    return element(
        "p", element("b", f"Exit {run.footer.exit}. "), run.footer.verdict, class_="exit"
    )


def _baseline(run: Run) -> Markup | None:
    lines = since_baseline(run)
    if not lines:
        return None
    head, *rest = lines
    return element(
        "section",
        element("h2", "Since the baseline"),
        element("p", head),
        element("ul", [element("li", line) for line in rest]) if rest else None,
        id="baseline",
    )


def _metadata(run: Run) -> Markup:
    rows = [
        element("div", element("dt", name), element("dd", value)) for name, value in metadata(run)
    ]
    rest = {k: v for k, v in run.header.profile.items() if k not in {"name", "source"}}
    settings = element(
        "details",
        element("summary", "The profile's settings"),
        element(
            "table",
            [element("tr", element("th", key, scope="row"), element("td", _value(value)))
             for key, value in rest.items()],
            class_="settings",
        ),
    )  # fmt: skip
    return element(
        "section", element("dl", rows), settings if rest else None, class_="metadata", id="run"
    )


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {inner}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


# --- the table by area ------------------------------------------------------------------------


def _areas(summary: Summary) -> Markup:
    columns = summary.columns
    head = element(
        "tr",
        element("th", "Area", scope="col"),
        element("th", "", scope="col", aria_label="share of outcomes"),
        [_column_head(column) for column in columns],
        element("th", "all", scope="col", class_="number"),
    )
    rows = [
        element(
            "tr",
            element("th", element("a", area.name, href=f"#{area.anchor}"), scope="row"),
            element("td", _bar(area, columns), class_="bar-cell"),
            _numbers(area.verdicts, columns),
        )
        for area in summary.areas
    ]
    total = element(
        "tr",
        element("th", "all areas", scope="row"),
        element("td", ""),
        _numbers(summary.verdicts, columns),
    )
    return element(
        "section",
        element("h2", "By area"),
        element(
            "div",
            element(
                "table",
                element("thead", head),
                element("tbody", rows),
                element("tfoot", total),
                class_="areas",
            ),
            class_="scroll",
        ),
        id="areas",
    )


def _column_head(column: Column) -> Markup:
    of = element("small", f" {column.of}") if column.of else None
    return element("th", column.outcome.value, of, scope="col", class_="number")


def _numbers(verdicts: Sequence[RequirementVerdict], columns: Sequence[Column]) -> list[Markup]:
    counted = [(column.count(verdicts), column.kind) for column in columns]
    cells = [
        element("td", number or "·", class_=f"number {kind if number else 'none'}")
        for number, kind in counted
    ]
    return [*cells, element("td", len(verdicts), class_="number")]


def _bar(area: Area, columns: Sequence[Column]) -> Markup:
    shares = [(column, column.count(area.verdicts)) for column in columns]
    return element(
        "div",
        [
            element(
                "i",
                class_=column.kind,
                style=f"width:{100 * number / len(area.verdicts):.2f}%",
                title=f"{column.label}: {number}",
            )
            for column, number in shares
            if number
        ],
        class_="bar",
    )


# --- what is not settled, and everything ------------------------------------------------------


def _unsettled(summary: Summary) -> Markup | None:
    unsettled = summary.worst_first(Outcome.INCONCLUSIVE, Outcome.WAIVED)
    if not unsettled:
        return None
    return element(
        "section",
        element("h2", "Not settled ", element("small", str(len(unsettled)))),
        element("ul", [element("li", line_of(verdict)) for verdict in unsettled], class_="lines"),
        id="unsettled",
    )


def _leftovers(run: Run) -> Markup | None:
    if run.footer is None or not run.footer.leftovers:
        return None
    return element(
        "section",
        element("h2", "Left on the target"),
        element(
            "p",
            "These accounts could not be deleted; ",
            element("code", "authspec clean"),
            " tries again.",
        ),
        element("ul", [element("li", element("code", name)) for name in run.footer.leftovers]),
        id="leftovers",
    )


def _all(run: Run, summary: Summary) -> Markup:
    return element(
        "section",
        element("h2", "All requirements ", element("small", str(len(summary.verdicts)))),
        [
            element(
                "section",
                element("h3", area.name, id=area.anchor),
                [_requirement(run, verdict) for verdict in area.verdicts],
                class_="area",
            )
            for area in summary.areas
        ],
        id="requirements",
    )


def _requirement(run: Run, verdict: RequirementVerdict) -> Markup:
    line = verdict.requirement
    tests = dict.fromkeys(r.test for r in run.results if r.requirement == line.id and r.test)
    failed = verdict.outcome in {Outcome.FAIL, Outcome.ERROR}
    return element(
        "details",
        element("summary", line_of(verdict)),
        sources(verdict),
        element("p", "Applies when ", element("code", " and ".join(line.when)), class_="quiet")
        if line.when
        else None,
        element("p", "Tests: ", element("code", ", ".join(tests)), class_="quiet")
        if tests
        else None,
        element("p", element("a", "The failure and its exchanges", href=f"#failure-{line.id}"))
        if failed
        else None,
        id=line.id,
        class_="requirement",
    )


def _coverage(run: Run) -> Markup | None:
    if run.footer is None or not run.footer.coverage:
        return None
    return element(
        "section",
        element("h2", "What the run touched"),
        element(
            "table",
            [
                element("tr", element("th", name, scope="row"), element("td", _value(value)))
                for name, value in run.footer.coverage.items()
            ],
            class_="settings",
        ),
        id="coverage",
    )
