"""What a mutation does to one node of a syntax tree: negates, drops, swaps, answers otherwise."""

import ast
from collections.abc import Callable

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
_UNSEEN = {None, "style", "sender"}
"""Arguments that no client of JSON can see: `**kwargs` that are empty, and what DRF's forms look like."""
_TYPED_ALIKE = {"SERIALIZERS", "PERMISSIONS", "EMAIL", "messages"}
"""Attributes of these are swapped: one serializer, permission, mail or message for another."""


def swaps_of(tree: ast.AST) -> dict[str, str]:
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


def changes(node: ast.AST, swaps: dict[str, str]) -> list[Change]:
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
        found += [
            (f"drop argument {_short(k)}", _dropping("keywords", k))
            for k in node.keywords
            if k.arg not in _UNSEEN
        ]
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
