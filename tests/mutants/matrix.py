"""The kill matrix: requirement × mutant, and who survived."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from authspec_contract.catalogue import load_catalogue

from .runs import Killed, Mutant

KILLED = Path(__file__).parent / "killed.txt"
"""The mutants that a run has seen killed, a key a line; the tests draw their sample from them."""
MANY = 100
"""From so many mutants on it says something which requirements none of them turned red."""


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
    """A row for each mutant that has run; what stock Djoser turns red is nobody else's merit."""
    stock = {m.profile: done[m.key] for m in mutants if m.kind == "stock" and m.key in done}
    found = []
    for mutant in mutants:
        if mutant.key in done and mutant.kind != "stock":
            run, as_it_is = done[mutant.key], stock.get(mutant.profile)
            own = set(as_it_is.weaker if as_it_is else ()) - set(mutant.expected)
            weaker = tuple(id_ for id_ in run.weaker if id_ not in own)
            found.append(Row(mutant, replace(run, weaker=weaker)))
    return found


def stock_reds(done: Mapping[str, Killed]) -> set[str]:
    """The requirements that a Djoser as it is turns red: recommendations, never a `must`."""
    return {id_ for run in done.values() if run.key.startswith("stock:") for id_ in run.weaker}


def summary(matrix: Sequence[Row], stock: Set[str]) -> str:
    """How many died, who lives, and which requirements nothing turned red."""
    survivors = [row for row in matrix if not row.killed]
    lines = [f"{len(matrix) - len(survivors)} of {len(matrix)} mutants killed."]
    lines += [
        f"  survived: {row.mutant.name} ({row.mutant.profile}): {row.mutant.text}"
        for row in survivors
    ]
    if len(matrix) > MANY:
        quiet = _never_red(matrix, stock)
        lines.append(
            f"{len(quiet)} requirements that no mutant turned red: {', '.join(quiet) or 'none'}"
        )
    return "\n".join(lines)


def page(matrix: Sequence[Row], stock: Set[str]) -> str:
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
            own = ["stock Djoser"] if requirement.id in stock else []
            names = ", ".join([*own, *sorted(set(by_requirement[requirement.id]))]) or "–"
        lines.append(f"| {requirement.id} | {names} |")
    lines += ["", "| mutant | what is wrong | red |", "|---|---|---|"]
    for row in sorted(matrix, key=lambda row: row.mutant.key):
        red = ", ".join((*row.run.failed, *row.run.weaker)[:12]) or "**survived**"
        lines.append(f"| {row.mutant.kind} {row.mutant.name} | {row.mutant.text} | {red} |")
    return "\n".join(lines) + "\n"


def _never_red(matrix: Sequence[Row], stock: Set[str]) -> list[str]:
    red = {id_ for row in matrix for id_ in (*row.run.failed, *row.run.weaker)} | stock
    return [r.id for r in load_catalogue() if r.id not in red and not r.untested]
