"""Builds HTML and SVG whose every text is escaped: there is no other way to put text in."""

from collections.abc import Iterable
from html import escape

from authspec_reports.shown import shown

_VOID = frozenset({"br", "hr", "link", "meta"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | int | Iterable["Child"] | None
"""What an element may hold; a `str` that is not `Markup` is escaped."""


def element(tag: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """An element.

    An attribute's `_` stands for `-`, one at its end is dropped (`class_`); None and False leave
    the attribute out.
    """
    parts = [f"<{tag}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        parts.append(f" {attribute}" if value is True else f' {attribute}="{_text(value)}"')
    if tag in _VOID:
        return Markup("".join([*parts, ">"]))
    return Markup("".join([*parts, ">", *map(_child, children), f"</{tag}>"]))


def fragment(*children: Child) -> Markup:
    """Several children without an element around them."""
    return Markup("".join(map(_child, children)))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str | int):
        return _text(child)
    return "".join(map(_child, child))


def _text(value: str | int) -> str:
    return escape(shown(value), quote=True)
