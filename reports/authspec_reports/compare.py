"""Several runs side by side: requirements by target, and what got worse since the first."""

from collections.abc import Sequence
from dataclasses import dataclass

from authspec_contract.errors import UsageError
from authspec_contract.results import Outcome, RequirementLine, Run
from authspec_contract.verdict import RequirementVerdict
from authspec_reports import markdown, text
from authspec_reports.shown import shown, shown_line
from authspec_reports.summary import SYMBOLS, Summary, count, summarize

_BAD = frozenset({Outcome.FAIL, Outcome.ERROR})


@dataclass(frozen=True)
class Row:
    """One requirement and what each run found."""

    requirement: RequirementLine
    verdicts: tuple[RequirementVerdict | None, ...]
    """One per run; None where its catalogue did not have the requirement."""

    @property
    def regressed(self) -> tuple[bool, ...]:
        """Per run: whether it is bad there and was not in the first."""
        return tuple(_is_bad(v) and not _is_bad(self.verdicts[0]) for v in self.verdicts)

    @property
    def improved(self) -> tuple[bool, ...]:
        """Per run: whether it passes there and was bad in the first."""
        first_bad = _is_bad(self.verdicts[0])
        return tuple(
            first_bad and verdict is not None and verdict.outcome is Outcome.PASS
            for verdict in self.verdicts
        )

    @property
    def differs(self) -> bool:
        return len({None if v is None else v.outcome for v in self.verdicts}) > 1


@dataclass(frozen=True)
class Comparison:
    """The matrix. `labels` name its columns."""

    labels: tuple[str, ...]
    summaries: tuple[Summary, ...]
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]
    """What makes the runs hard to compare: another contract, a run cut short."""

    @property
    def regressions(self) -> tuple[tuple[Row, int], ...]:
        """What is bad in a later run and was not in the first: the row, and the run's number."""
        return tuple((r, n) for r in self.rows for n, worse in enumerate(r.regressed) if worse)

    @property
    def improvements(self) -> tuple[tuple[Row, int], ...]:
        """What passes in a later run and was bad in the first."""
        return tuple((r, n) for r in self.rows for n, better in enumerate(r.improved) if better)


def compare(runs: Sequence[Run], labels: Sequence[str] | None = None) -> Comparison:
    """The comparison of two or more runs; without labels each is called by profile and target."""
    if len(runs) < 2:
        raise UsageError("There is one results file to compare; give two or more.")
    names = tuple(shown_line(name) for name in labels or map(_name, runs))
    if len(names) != len(runs):
        raise ValueError(f"{len(names)} labels for {len(runs)} runs")
    summaries = tuple(map(summarize, runs))
    by_id = [{v.requirement.id: v for v in summary.verdicts} for summary in summaries]
    lines: dict[str, RequirementLine] = {}
    for run in runs:
        for line in run.header.requirements:
            lines.setdefault(line.id, line)
    rows = tuple(Row(line, tuple(v.get(line.id) for v in by_id)) for line in lines.values())
    return Comparison(names, summaries, rows, _remarks(runs, names, summaries))


def _is_bad(verdict: RequirementVerdict | None) -> bool:
    return verdict is not None and verdict.outcome in _BAD


def _name(run: Run) -> str:
    return f"{run.header.profile.get('name', '')} at {run.header.target.get('url', '')}"


def _remarks(
    runs: Sequence[Run], names: Sequence[str], summaries: Sequence[Summary]
) -> tuple[str, ...]:
    cut = [
        f"{name}: {s.cut_short}" for name, s in zip(names, summaries, strict=True) if s.cut_short
    ]
    hashes = {run.header.contract for run in runs}
    contract = (
        ["The runs tested against different contracts; a requirement may mean something else."]
        if len(hashes) > 1
        else []
    )
    return (*contract, *cut)


# --- as text ----------------------------------------------------------------------------------


def render_text(comparison: Comparison) -> str:
    """The rows that differ, the regressions, and a line per run."""
    rows = [
        [row.requirement.id, row.requirement.level, *map(_cell, row.verdicts)]
        for row in comparison.rows
        if row.differs
    ]
    head = ["", "", *(f"[{number}]" for number in range(1, len(comparison.labels) + 1))]
    runs = [
        f"[{number}] {label}: {summary.headline}"
        for number, (label, summary) in enumerate(
            zip(comparison.labels, comparison.summaries, strict=True), 1
        )
    ]
    parts = [
        "\n".join(runs),
        "\n".join(comparison.remarks),
        text.table([head, *rows], left=2) if rows else "No requirement came to another outcome.",
        *_changes(comparison),
    ]
    return shown("\n\n".join(part for part in parts if part)) + "\n"


def _changes(comparison: Comparison) -> list[str]:
    found = []
    for title, changes in (
        ("Regressions against the first", comparison.regressions),
        ("Better than in the first", comparison.improvements),
    ):
        lines = [f"  {change_in_words(comparison, row, number)}" for row, number in changes]
        found.append("\n".join([f"{title}: {len(lines)}", *lines]))
    return found


def change_in_words(comparison: Comparison, row: Row, number: int) -> str:
    """What became of a requirement in run `number`, on one line."""
    verdict = row.verdicts[number]
    message = (verdict.message if verdict is not None else "") or row.requirement.text
    line = row.requirement
    change = f"{_cell(row.verdicts[0])} -> {_cell(verdict)} in {comparison.labels[number]}"
    return shown_line(f"{line.id} ({line.level}) {change}: {message}")


def _cell(verdict: RequirementVerdict | None) -> str:
    return "unknown" if verdict is None else verdict.outcome.value


# --- as Markdown ------------------------------------------------------------------------------


def render_markdown(comparison: Comparison, *, every_row: bool = False) -> str:
    """The verdicts, the regressions, and the matrix of the rows that differ, or of all."""
    inline = markdown.inline
    rows = [
        [
            f"{inline(row.requirement.id)} {inline(row.requirement.text, 120)}",
            row.requirement.level,
            *(_mark(v, worse=worse) for v, worse in zip(row.verdicts, row.regressed, strict=True)),
        ]
        for row in comparison.rows
        if every_row or row.differs
    ]
    labels = [inline(label) for label in comparison.labels]
    verdicts = ["**verdict**", "must", *(inline(s.headline) for s in comparison.summaries)]
    scores = ["**hardening**", "should, may", *(score_in_words(s) for s in comparison.summaries)]
    regressions = [
        f"- {inline(change_in_words(comparison, row, number))}"
        for row, number in comparison.regressions
    ]
    parts = [
        "## authspec: comparison",
        "\n".join(f"> {inline(remark)}" for remark in comparison.remarks),
        f"{count(len(regressions), 'regression')} against the first.",
        "\n".join(regressions),
        markdown.table(["requirement", "level", *labels], [verdicts, scores, *rows]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def score_in_words(summary: Summary) -> str:
    """The hardening score."""
    passed, decided = summary.hardening
    return f"{passed} of {decided}"


def _mark(verdict: RequirementVerdict | None, *, worse: bool) -> str:
    if verdict is None:
        return ""
    words = f"{SYMBOLS[verdict.outcome]} {verdict.outcome.value}".replace("~", "&#126;")
    return f"**{words}**" if worse else words
