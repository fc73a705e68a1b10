"""The review of the source page: each statement with its element, requirements and findings; as Markdown and HTML."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from authspec_contract.catalogue import FINDING_KINDS, Catalogue, Finding, Statement
from authspec_contract.facts import facts, failing
from authspec_contract.lint import Element, captured
from authspec_contract.openapi_page import html_page, prose, table
from authspec_contract.profile import Profile

_RERUN = (
    "Each evidence is a script: `python -m tests.spec.evidence {id}`, in a checkout, plays it against a real "
    "Djoser. A line `>` is a call, `<` its answer, `mail` the one mail that it caused, `see` what a file of the "
    "installed packages says; `…` stands for anything, `account` registers, activates and logs in."
)
_KINDS = {
    "contradiction": "Contradictions: the page says one thing, its own settings do another",
    "silence": "Silences: what a client must know and the page does not say",
    "risk": "Risks: the page is kept to, and somebody gets hurt",
}


@dataclass(frozen=True)
class Row:
    """One statement and everything that hangs on it."""

    statement: Statement
    elements: tuple[Element, ...]
    requirements: tuple[str, ...]
    findings: tuple[str, ...]
    profiles: Mapping[str, str]
    """Profile → `holds`, the condition that is off there, or the finding that contradicts it."""


@dataclass(frozen=True)
class Review:
    """The whole review."""

    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]

    def of_kind(self, kind: str) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.kind == kind)


def build_review(catalogue: Catalogue, profiles: Iterable[Profile]) -> Review:
    """The review of a catalogue; `profiles` are the ones to say what holds in."""
    elements = captured(files("authspec_contract") / "openapi")
    known = {profile.name: facts(profile) for profile in profiles}
    rows = (
        _row(statement, catalogue, elements, known) for statement in catalogue.statements.values()
    )
    return Review(tuple(rows), tuple(catalogue.findings.values()))


def _row(
    statement: Statement,
    catalogue: Catalogue,
    elements: Iterable[Element],
    known: Mapping[str, Mapping[str, bool]],
) -> Row:
    return Row(
        statement,
        tuple(element for element in elements if element.statement == statement.id),
        tuple(r.id for r in catalogue if statement.id in r.sources),
        tuple(f.id for f in catalogue.findings.values() if statement.id in f.statements),
        {name: _said(statement, catalogue, name, values) for name, values in known.items()},
    )


def _said(
    statement: Statement, catalogue: Catalogue, profile: str, known: Mapping[str, bool]
) -> str:
    """What a real Djoser of the profile makes of a statement."""
    against = [
        finding.id
        for finding in catalogue.findings.values()
        if finding.kind == "contradiction"
        and statement.id in finding.statements
        and finding.evidence.split()[1] == profile
    ]
    if against:
        return f"contradicted: {', '.join(against)}"
    off = failing(statement.when, known)
    return f"off: {off}" if off else "holds"


# --- Markdown ---------------------------------------------------------------------------------


def as_markdown(review: Review) -> str:
    """The review as one Markdown text."""
    parts = ["# Review of the source page\n", f"{_summary(review)}\n", f"{_RERUN}\n"]
    for kind in FINDING_KINDS:
        parts.append(f"## {_KINDS[kind]}\n")
        parts += [_finding_text(finding) for finding in review.of_kind(kind)]
    names = list(review.rows[0].profiles) if review.rows else []
    parts.append("## Statements\n")
    parts.append(
        _line(["", "Statement", "OpenAPI", "Requirements", "Findings", *names])
        + _line(["---"] * (5 + len(names)))
        + "".join(_row_text(row) for row in review.rows)
    )
    return "\n".join(parts)


def _finding_text(finding: Finding) -> str:
    rests = ", ".join((*finding.statements, *finding.requirements))
    return (
        f"### {finding.id}: {finding.title}\n\n{finding.text}\n\nSee {rests}.\n\n"
        f"```text\n{finding.evidence.rstrip()}\n```\n"
    )


def _row_text(row: Row) -> str:
    tested = ", ".join(row.requirements) or f"none: {row.statement.untested}"
    elements = ", ".join(dict.fromkeys(f"`{element.place}`" for element in row.elements))
    cells = [row.statement.id, row.statement.text, elements, tested, ", ".join(row.findings)]
    return _line([*cells, *row.profiles.values()])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _summary(review: Review) -> str:
    counts = ", ".join(f"{len(review.of_kind(kind))} {_plural(kind)}" for kind in FINDING_KINDS)
    return f"{len(review.rows)} statements; {len(review.findings)} findings: {counts}."


def _plural(kind: str) -> str:
    return {"silence": "silences", "risk": "risks"}.get(kind, f"{kind}s")


# --- HTML -------------------------------------------------------------------------------------

_STYLE = """
main{max-width:84rem}article{border:1px solid var(--line);border-radius:8px;padding:.2rem 1rem .8rem;margin:.8rem 0}
article h3{margin:.6rem 0 .2rem;font-size:1.02rem}article:target,tr:target{outline:2px solid var(--link)}
td:first-child{white-space:nowrap}.off{color:var(--soft)}
table{font-size:14px}td{overflow-wrap:anywhere}td:nth-child(2){min-width:14rem}
td:nth-child(3),td:nth-child(4){min-width:9rem}td.said{min-width:6.8rem}
"""


def as_html(review: Review) -> str:
    """The review as one page that needs no network."""
    sections = "".join(
        f"<h2 id='{kind}'>{escape(_KINDS[kind])}</h2>"
        + "".join(_article(finding) for finding in review.of_kind(kind))
        for kind in FINDING_KINDS
    )
    body = (
        f"<h1>Review of the source page</h1><p><b>{escape(_summary(review))}</b></p>"
        f"<p class=soft>{prose(_RERUN)}</p>{sections}{_table(review)}"
    )
    return html_page("Review of the source page", body, style=_STYLE)


def _article(finding: Finding) -> str:
    links = " ".join(f"<a href='#{escape(s)}'>{escape(s)}</a>" for s in finding.statements)
    tests = " ".join(f"<span class=tag>{escape(r)}</span>" for r in finding.requirements)
    return (
        f"<article id='{escape(finding.id)}'><h3>{escape(finding.id)}: {escape(finding.title)}</h3>"
        f"<p>{escape(finding.text)}</p><p class=soft>{links} {tests}</p>"
        f"<pre>{escape(finding.evidence.rstrip())}</pre></article>"
    )


def _table(review: Review) -> str:
    names = "".join(
        f"<th>{escape(name)}</th>" for name in (review.rows[0].profiles if review.rows else ())
    )
    rows = "".join(_row_html(row) for row in review.rows)
    head = (
        "<thead><tr><th></th><th>Statement</th>"
        f"<th>OpenAPI</th><th>Requirements</th><th>Findings</th>{names}</tr></thead>"
    )
    return f"<h2 id='statements'>Statements</h2>{table(rows, head=head)}"


def _row_html(row: Row) -> str:
    elements = "<br>".join(
        dict.fromkeys(
            f"<code>{escape(e.place.removeprefix('openapi/'))}</code>" for e in row.elements
        )
    )
    tested = " ".join(row.requirements) or f"none: {row.statement.untested}"
    found = " ".join(f"<a href='#{escape(f)}'>{escape(f)}</a>" for f in row.findings)
    holds = "".join(
        f"<td class='said{' off' if said.startswith('off') else ''}'>{escape(said)}</td>"
        for said in row.profiles.values()
    )
    return (
        f"<tr id='{escape(row.statement.id)}'><td>{escape(row.statement.id)}</td>"
        f"<td>{escape(row.statement.text)}<br><span class=soft>{escape(row.statement.section)}</span></td>"
        f"<td>{elements}</td><td>{escape(tested)}</td><td>{found}</td>{holds}</tr>"
    )
