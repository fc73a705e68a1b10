"""Makes mutants by machine: an installed module, with one small thing of its source changed."""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from ..deployment.environment import real_python

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

Change = tuple[str, Callable[[ast.AST], ast.AST | None]]
"""What is done to a node, and the doing: it changes or replaces a copy; None takes it away."""

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
}
_STATUSES = {
    "HTTP_200_OK": "HTTP_201_CREATED",
    "HTTP_204_NO_CONTENT": "HTTP_200_OK",
    "HTTP_400_BAD_REQUEST": "HTTP_204_NO_CONTENT",
}
_TYPED_ALIKE = {"SERIALIZERS", "PERMISSIONS", "EMAIL", "messages"}
"""Attributes of these are swapped: one serializer, permission, mail or message for another."""


@dataclass(frozen=True)
class SourceMutant:
    """A module of the deployment whose source differs in one place."""

    name: str
    """`MODULE:SYMBOL:WHAT`, and `#N` where one symbol gives several of that name."""
    module: str
    line: int
    place: tuple[int, int]
    """Which node of the module, and which of the changes that it allows."""

    def source(self) -> str:
        """The module's source with the change in it."""
        tree = _tree(self.module)
        swaps, fresh = _swaps(tree), copy.deepcopy(tree)
        node = [node for _, node in _nodes(fresh)][self.place[0]]
        _, change = _changes(node, swaps)[self.place[1]]
        result = change(node)
        if result is not node:
            _replace(fresh, node, result)
        return ast.unparse(ast.fix_missing_locations(fresh))


@cache
def source_mutants(module: str) -> tuple[SourceMutant, ...]:
    """Every mutant of the module, in the order of its lines."""
    tree = _tree(module)
    swaps = _swaps(tree)
    found, names = [], Counter[str]()
    for position, (symbol, node) in enumerate(_nodes(tree)):
        for number, (what, _) in enumerate(_changes(node, swaps)):
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


def _swaps(tree: ast.AST) -> dict[str, str]:
    """For `PERMISSIONS.user_create` and its like the next one of the same kind in this module."""
    kinds: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if kind := _alike(node):
            kinds.setdefault(kind, []).append(node.attr)  # type: ignore[attr-defined]
    found = {}
    for kind, names in kinds.items():
        ordered = list(dict.fromkeys(names))
        for here, there in zip(ordered, [*ordered[1:], ordered[0]], strict=True):
            found[f"{kind}.{here}"] = there
    return found


def _alike(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
        return node.value.attr if node.value.attr in _TYPED_ALIKE else ""
    return ""


# --- the operators -----------------------------------------------------------------------------


def _changes(node: ast.AST, swaps: dict[str, str]) -> list[Change]:
    """What can be done to this node."""
    found: list[Change] = []
    if isinstance(node, ast.If | ast.IfExp):
        found.append((f"negate {_short(node.test)}", _negate))
    if isinstance(node, ast.Expr | ast.Raise | ast.Assign) and _droppable(node):
        found.append((f"drop {_short(node)}", lambda _: ast.Pass()))
    if isinstance(node, ast.BoolOp):
        found.append((f"swap and/or in {_short(node)}", _swap_boolean))
        found += [(f"drop operand {_short(v)}", _dropping("values", v)) for v in node.values]
    if isinstance(node, ast.Compare):
        found.append((f"flip {_short(node)}", _flip))
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int):
        found.append((f"change {node.value}", _other_constant))
    if isinstance(node, ast.Call):
        found += [(f"drop argument {_short(k)}", _dropping("keywords", k)) for k in node.keywords]
    if isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1:
        found += [(f"drop element {_short(e)}", _dropping("elts", e)) for e in node.elts]
    if isinstance(node, ast.JoinedStr):
        found += [
            (f"drop part {_short(v)}", _dropping("values", v))
            for v in node.values
            if isinstance(v, ast.FormattedValue)
        ]
    if isinstance(node, ast.ClassDef) and len(node.bases) > 1:
        found += [(f"drop base {_short(b)}", _dropping("bases", b)) for b in node.bases]
    if isinstance(node, ast.Attribute):
        found += _other_attributes(node, swaps)
    if isinstance(node, ast.FunctionDef) and (change := _early_return(node)):
        found.append(change)
    return found


def _droppable(node: ast.Expr | ast.Raise | ast.Assign) -> bool:
    """A call, a raise, or a setting of something that is there without it: no mere name."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    return isinstance(node, ast.Raise) or not isinstance(node.targets[0], ast.Name)


def _early_return(node: ast.FunctionDef) -> Change | None:
    """A function that does nothing, or a validation that takes everything."""
    if node.name.startswith("__"):
        return None
    if node.name.startswith("validate") and len(node.args.args) > 1:
        value = ast.Name(node.args.args[1].arg)
        return "take anything", lambda n: _with_body(n, [ast.Return(value)])
    returns = any(isinstance(n, ast.Return) for n in ast.walk(node))
    return None if returns else ("do nothing", lambda n: _with_body(n, [ast.Pass()]))


def _with_body(node: ast.AST, body: list[ast.stmt]) -> ast.AST:
    node.body = body  # type: ignore[attr-defined]
    return node


def _negate(node: ast.AST) -> ast.AST:
    node.test = ast.UnaryOp(ast.Not(), node.test)  # type: ignore[attr-defined]
    return node


def _swap_boolean(node: ast.AST) -> ast.AST:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()  # type: ignore[attr-defined]
    return node


def _flip(node: ast.AST) -> ast.AST:
    node.ops[0] = _OPPOSITE[type(node.ops[0])]()  # type: ignore[attr-defined]
    return node


def _other_constant(node: ast.AST) -> ast.AST:
    value = node.value  # type: ignore[attr-defined]
    return ast.Constant(not value if isinstance(value, bool) else value + 1)


def _dropping(field: str, item: ast.AST) -> Callable[[ast.AST], ast.AST]:
    """Takes an item out of the node's list, by its place, for the node is a copy."""

    def drop(node: ast.AST) -> ast.AST:
        items = [n for n in getattr(node, field) if n is not item]
        setattr(node, field, items)
        return items[0] if isinstance(node, ast.BoolOp) and len(items) == 1 else node

    return drop


def _other_attributes(node: ast.Attribute, swaps: dict[str, str]) -> list[Change]:
    if node.attr in _STATUSES:
        return [(f"answer {_STATUSES[node.attr]}", _named(_STATUSES[node.attr]))]
    if other := swaps.get(f"{_alike(node)}.{node.attr}"):
        return [(f"take {other} for {node.attr}", _named(other))] if other != node.attr else []
    return []


def _named(attribute: str) -> Callable[[ast.AST], ast.AST]:
    def rename(node: ast.AST) -> ast.AST:
        node.attr = attribute  # type: ignore[attr-defined]
        return node

    return rename


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
