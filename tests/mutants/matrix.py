"""The kill matrix: requirement × mutant, and who survived."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from authspec_contract.catalogue import load_catalogue

from .runs import Killed, Mutant

KILLED = Path(__file__).parent / "killed.txt"
"""The mutants that a run has seen killed, a key a line; the tests draw their sample from them."""


@dataclass(frozen=True)
class Row:
    """One mutant and what became of it."""

    mutant: Mutant
    run: Killed

    @property
    def killed(self) -> bool:
        """Reported, and by a requirement that the mutant was written for where it names some."""
        if self.mutant.level == "must":
            red = self.run.failed if self.run.exit == 1 else ()
        else:
            red = (*self.run.failed, *self.run.weaker)
        expected = self.mutant.expected
        return bool(red) and (not expected or any(id_ in red for id_ in expected))


def rows(mutants: Sequence[Mutant], done: Mapping[str, Killed]) -> list[Row]:
    """A row for each mutant that has run."""
    return [Row(mutant, done[mutant.key]) for mutant in mutants if mutant.key in done]


def summary(matrix: Sequence[Row]) -> str:
    """How many died, who lives, and which requirements nothing turned red."""
    survivors = [row for row in matrix if not row.killed]
    lines = [f"{len(matrix) - len(survivors)} of {len(matrix)} mutants killed."]
    lines += [
        f"  survived: {row.mutant.name} ({row.mutant.profile}): {row.mutant.text}"
        for row in survivors
    ]
    quiet = _never_red(matrix)
    lines.append(
        f"{len(quiet)} requirements that no mutant turned red: {', '.join(quiet) or 'none'}"
    )
    return "\n".join(lines)


def page(matrix: Sequence[Row]) -> str:
    """The matrix as Markdown, requirement by requirement."""
    by_requirement: dict[str, list[str]] = defaultdict(list)
    for row in matrix:
        for id_ in (*row.run.failed, *row.run.weaker):
            by_requirement[id_].append(row.mutant.name)
    lines = [
        "# Kill matrix",
        "",
        f"Generated on {datetime.now(UTC).date()} by `nox -s mutants`; "
        f"{sum(row.killed for row in matrix)} of {len(matrix)} mutants were reported.",
        "",
        "| requirement | turned red by |",
        "|---|---|",
    ]
    for requirement in load_catalogue():
        if requirement.untested:
            names = f"(untested: {requirement.untested})"
        else:
            names = ", ".join(sorted(set(by_requirement[requirement.id]))) or "–"
        lines.append(f"| {requirement.id} | {names} |")
    lines += ["", "| mutant | what is wrong | red |", "|---|---|---|"]
    for row in sorted(matrix, key=lambda row: row.mutant.key):
        red = ", ".join((*row.run.failed, *row.run.weaker)[:12]) or "**survived**"
        lines.append(f"| {row.mutant.kind} {row.mutant.name} | {row.mutant.text} | {red} |")
    return "\n".join(lines) + "\n"


def _never_red(matrix: Sequence[Row]) -> list[str]:
    red = {id_ for row in matrix for id_ in (*row.run.failed, *row.run.weaker)}
    return [r.id for r in load_catalogue() if r.id not in red and not r.untested]
