"""Turns the mappings of a profile or configuration file into frozen dataclasses, complaint by complaint."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from authspec_contract.errors import UsageError, nearest

T = TypeVar("T")
Reader = Callable[[Any, str], Any]
"""Takes a raw value and where it stands; gives the value, or raises UsageError."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")
LONGEST = 1e10
"""Seconds, some three centuries; what is longer than that is a slip."""
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def wrong(where: str, found: Any, expected: str) -> UsageError:
    """The sentence for a value of the wrong kind."""
    return UsageError(f"{where} is {found!r}; expected {expected}.")


def mapping(value: Any, where: str) -> dict[str, Any]:
    """A mapping with string keys; nothing counts as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise wrong(where, value, "a mapping of names to values")
    return dict(value)


def boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(where, value, "true or false")
    return value


def text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise wrong(where, value, "a text")
    return value


def optional_text(value: Any, where: str) -> str | None:
    return None if value is None else text(value, where)


def whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong(where, value, "a whole number, 0 or more")
    return value


def optional_whole(value: Any, where: str) -> int | None:
    return None if value is None else whole(value, where)


def texts(value: Any, where: str) -> tuple[str, ...]:
    """A list of texts; one text stands for a list of one, as in Django's settings."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise wrong(where, value, "a list of texts")
    return tuple(value)


def anything(value: Any, where: str) -> Any:
    return value


def seconds(value: Any, where: str) -> float:
    """A duration in seconds: a number, or `30s`, `5m`, `100h`, `14d`."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST:
        return float(value)
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        said = float(match[1]) * _SECONDS[match[2]]
        if said <= LONGEST:
            return said
    raise wrong(where, value, "a duration: seconds, or such as 30s, 5m, 100h, 14d")


def one_of(*choices: str) -> Reader:
    """A reader of one of these words."""

    def read(value: Any, where: str) -> str:
        if value in choices and isinstance(value, str):
            return value
        raise UsageError(f"{where} is {value!r}; {nearest(str(value), choices)}")

    return read


def list_of(read: Reader) -> Reader:
    """A reader of a list, each item read by `read`."""

    def read_list(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise wrong(where, value, "a list")
        return tuple(read(item, f"{where}[{index}]") for index, item in enumerate(value))

    return read_list


def build(cls: type[T], value: Any, where: str, readers: Mapping[str, Reader]) -> T:
    """A frozen dataclass from a mapping; a key that it does not have, or one it lacks, is an error.

    `readers` has one reader per key of the file; the key is the field's name, or the name with
    an underscore behind it where Python reserves the word.
    """
    raw = mapping(value, where)
    values: dict[str, Any] = {}
    for key, item in raw.items():
        if key not in readers:
            raise UsageError(f"{where} has the unknown key {key!r}; {nearest(key, readers)}")
        name = key if key in getattr(cls, "__dataclass_fields__", {}) else f"{key}_"
        values[name] = readers[key](item, f"{where}.{key}")
    for field in fields(cls):  # type: ignore[arg-type]
        if (
            field.name not in values
            and field.default is MISSING
            and field.default_factory is MISSING
        ):
            raise UsageError(f"{where} lacks the key {field.name!r}.")
    return cls(**values)
