"""Writes a profile file: YAML with a comment above each setting that has one; needs no YAML library."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

_PLAIN = re.compile(r"[A-Za-z/][\w./@-]*", re.ASCII)
_WORDS_OF_YAML = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
_WIDTH = 100


@dataclass(frozen=True)
class Noted:
    """A value and what is to be said of it."""

    value: Any
    note: str


@dataclass(frozen=True)
class Unset:
    """A setting that only a comment mentions."""

    note: str


def profile_text(settings: Mapping[str, Any], *, heading: Sequence[str] = ()) -> str:
    """The file's text. Mappings nest; a leaf is a plain value, Noted or Unset."""
    lines = [line for text in heading for line in _comment("", text)]
    return "\n".join([*lines, *_block(settings, "")]) + "\n"


def _block(settings: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, item in settings.items():
        if isinstance(item, Unset):
            yield from _comment(indent, f"{key}: {item.note}")
            continue
        if isinstance(item, Noted):
            yield from _comment(indent, item.note)
            item = item.value
        if isinstance(item, Mapping) and item:
            yield f"{indent}{key}:"
            yield from _block(item, indent + "  ")
        elif _is_table(item):
            yield f"{indent}{key}:"
            yield from (f"{indent}  - {flow(row)}" for row in item)
        else:
            yield f"{indent}{key}: {flow(item)}"


def _is_table(item: Any) -> bool:
    return isinstance(item, list | tuple) and any(
        isinstance(row, Mapping) and len(row) > 1 for row in item
    )


def _comment(indent: str, text: str) -> Iterator[str]:
    for line in wrap(text, _WIDTH - len(indent), break_long_words=False, break_on_hyphens=False):
        yield f"{indent}# {line}"


def flow(value: Any) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML:
        return value
    # JSON's scalars are YAML's
    return json.dumps(value, ensure_ascii=False)
