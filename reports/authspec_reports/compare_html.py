"""A comparison as one self-contained HTML page: what got worse, then the whole matrix."""

from collections.abc import Sequence

from authspec_contract.verdict import RequirementVerdict
from authspec_reports.compare import Comparison, Row, change_in_words, score_in_words
from authspec_reports.html_parts import badge
from authspec_reports.markup import Markup, element
from authspec_reports.page import page
from authspec_reports.summary import count


def render(comparison: Comparison) -> str:
    """The page."""
    regressions = comparison.regressions
    title = f"{count(len(regressions), 'regression')} against {comparison.labels[0]}"
    return page(
        f"authspec: {title}",
        element(
            "header",
            element("p", "authspec", class_="brand"),
            element(
                "div",
                element("p", "Comparison", class_="label"),
                element("h1", title),
                element("p", f"{count(len(comparison.improvements), 'requirement')} better."),
                class_=f"verdict {'broken' if regressions else 'holds'}",
                id="verdict",
            ),
            [
                element("p", remark, class_="cut-short", role="alert")
                for remark in comparison.remarks
            ],
        ),
        element(
            "main",
            _list("Regressions", "regressions", comparison, regressions),
            _list("Better", "improvements", comparison, comparison.improvements),
            _matrix(comparison),
        ),
    )


def _list(
    title: str, id_: str, comparison: Comparison, changes: Sequence[tuple[Row, int]]
) -> Markup | None:
    if not changes:
        return None
    items = [
        element(
            "li",
            element("a", row.requirement.id, href=f"#{row.requirement.id}", class_="id"),
            element("span", row.requirement.level, class_=f"level {row.requirement.level}"),
            element("span", row.requirement.text, class_="sentence"),
            element("span", change_in_words(comparison, row, number), class_="why"),
        )
        for row, number in changes
    ]
    return element("section", element("h2", title), element("ul", items, class_="lines"), id=id_)


def _matrix(comparison: Comparison) -> Markup:
    head = element(
        "tr",
        element("th", "Requirement", scope="col"),
        [element("th", label, scope="col") for label in comparison.labels],
    )
    verdicts = element(
        "tr",
        element("th", "Contract", scope="row"),
        [element("td", s.headline, title=s.detail) for s in comparison.summaries],
    )
    scores = element(
        "tr",
        element("th", "Hardening", scope="row"),
        [element("td", score_in_words(summary)) for summary in comparison.summaries],
    )
    grouped: dict[str, list[Row]] = {}
    for row in comparison.rows:
        grouped.setdefault(row.requirement.area, []).append(row)
    bodies = [
        element(
            "tbody",
            element(
                "tr", element("th", area, colspan=len(comparison.labels) + 1, scope="rowgroup")
            ),
            [_matrix_row(row) for row in rows],
        )
        for area, rows in grouped.items()
    ]
    table = element(
        "table", element("thead", head, verdicts, scores), bodies, class_="areas matrix"
    )
    return element(
        "section",
        element("h2", "All requirements"),
        element("div", table, class_="scroll"),
        id="matrix",
    )


def _matrix_row(row: Row) -> Markup:
    line = row.requirement
    cells = zip(row.verdicts, row.regressed, strict=True)
    return element(
        "tr",
        element(
            "td",
            element("a", line.id, href=f"#{line.id}", class_="id"),
            " ",
            element("span", line.level, class_=f"level {line.level}"),
            " ",
            line.text,
        ),
        [_matrix_cell(verdict, line.level, worse=worse) for verdict, worse in cells],
        id=line.id,
    )


def _matrix_cell(verdict: RequirementVerdict | None, level: str, *, worse: bool) -> Markup:
    kind = "cell regression" if worse else "cell"
    if verdict is None:
        return element("td", "", class_=kind)
    mark = badge(verdict.outcome, advisory=level != "must")
    return element("td", mark, class_=kind, title=verdict.message or None)
