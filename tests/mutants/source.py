"""Makes mutants by machine: an installed module, with one small thing of its source changed."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ..deployment.environment import real_python
from .operators import changes, swaps_of

MODULES = (
    "djoser.views",
    "djoser.serializers",
    "djoser.email",
    "djoser.utils",
    "djoser.permissions",
    "django.contrib.auth.tokens",
    "django.contrib.auth.backends",
    "django.contrib.auth.password_validation",
    "rest_framework.authentication",
    "rest_framework_simplejwt.serializers",
    "rest_framework_simplejwt.authentication",
    "rest_framework_simplejwt.tokens",
)
"""What makes up the answers and mails of the user endpoints, the nearest first."""

_UNHEARD = ("signals.", "user_logged_out.", "logger.")
"""What statements begin with that only the project itself listens to."""


@dataclass(frozen=True)
class SourceMutant:
    """A module of the deployment whose source differs in one place."""

    name: str
    """`MODULE:SYMBOL:WHAT`, and `#N` where one symbol gives several of that name."""
    module: str
    line: int
    place: tuple[int, int]
    """Which node of the module, and which of the changes that it allows."""

    @property
    def symbol(self) -> str:
        """The class and function that it stands in, behind the module's name."""
        return ":".join(self.name.split(":", 2)[:2])

    @property
    def what(self) -> str:
        """What is done there."""
        return self.name.split(":", 2)[2]

    def source(self) -> str:
        """The module's source with the change in it."""
        tree = _tree(self.module)
        swaps, fresh = swaps_of(tree), copy.deepcopy(tree)
        node = [node for _, node in _nodes(fresh)][self.place[0]]
        _, change = changes(node, swaps)[self.place[1]]
        result = change(node)
        if result is not node:
            _replace(fresh, node, result)
        return ast.unparse(ast.fix_missing_locations(fresh))


@cache
def source_mutants(module: str) -> tuple[SourceMutant, ...]:
    """Every mutant of the module, in the order of its lines."""
    tree = _tree(module)
    swaps = swaps_of(tree)
    found, names = [], Counter[str]()
    for position, (symbol, node) in enumerate(_nodes(tree)):
        for number, (what, _) in enumerate(changes(node, swaps)):
            name = f"{module}:{symbol}:{what}"
            names[name] += 1
            numbered = f"{name}#{names[name]}" if names[name] > 1 else name
            line = getattr(node, "lineno", 0)
            found.append(SourceMutant(numbered, module, line, (position, number)))
    return tuple(found)


def find_source(name: str) -> SourceMutant:
    """The mutant of that name. Raises StopIteration where there is none."""
    return next(m for m in source_mutants(name.partition(":")[0]) if m.name == name)


@cache
def _tree(module: str) -> ast.Module:
    """The module as the environment of the real Djoser has it."""
    packages = next(real_python().parent.parent.glob("lib/python3*/site-packages"))
    file = packages.joinpath(*module.split(".")).with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def _nodes(tree: ast.AST, symbol: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node that may be changed, with the class and function that it stands in."""
    for child in _read_at_run_time(tree):
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            inner = f"{symbol}.{child.name}".lstrip(".")
            yield inner, child
            yield from _nodes(child, inner)
        else:
            if symbol:
                yield symbol, child
            yield from _nodes(child, symbol)


def _read_at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """The children of a node, but for annotations, for what is asynchronous, and for repetitions."""
    for field, value in ast.iter_fields(tree):
        if field in {"annotation", "returns", "targets", "target"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            negated = isinstance(tree, ast.If | ast.IfExp) and isinstance(child, ast.Compare)
            if negated or isinstance(child, ast.AsyncFunctionDef | ast.Import | ast.ImportFrom):
                continue  # to flip the comparison of an `if` is to negate it
            if isinstance(child, ast.Expr) and ast.unparse(child).startswith(_UNHEARD):
                continue
            if isinstance(child, ast.AST):
                yield child


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST | None) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(item is old for item in value):
                kept = [new if item is old else item for item in value]
                setattr(parent, name, [item for item in kept if item is not None])
