"""Hides passwords and tokens in what the journal shows of an exchange. Pure."""

import json
import re
from collections.abc import Iterable
from math import isfinite
from typing import Any

MASK = "***"
_SECRET = re.compile(
    r"password|passwd|secret|(^|_)token$|^(refresh|access|sessionid|csrf)", re.IGNORECASE
)
_COOKIE_VALUE = re.compile(r"=[^;]*")
_PAIR = re.compile(r"([^&=]+)=([^&]*)")
_HIDDEN_HEADERS = frozenset({"x-csrftoken", "x-mock-token", "proxy-authorization"})


def is_secret(name: str) -> bool:
    """Whether a field of that name holds something that the journal must not show."""
    return _SECRET.search(name) is not None


def headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers, with credentials and cookies masked; a repeated one's values stand in lines."""
    shown: dict[str, str] = {}
    for name, value in pairs:
        masked = _header(name.lower(), value)
        shown[name] = f"{shown[name]}\n{masked}" if name in shown else masked
    return shown


def _header(name: str, value: str) -> str:
    if name == "authorization":
        scheme, _, rest = value.partition(" ")
        return f"{scheme} {MASK}" if rest else MASK
    if name == "cookie":
        return _COOKIE_VALUE.sub(f"={MASK}", value)
    if name == "set-cookie":
        return _COOKIE_VALUE.sub(f"={MASK}", value, count=1)
    return MASK if name in _HIDDEN_HEADERS else value


def query(text: str) -> str:
    """A query string or a form, with the values of secret fields masked."""
    return _PAIR.sub(lambda m: f"{m[1]}={MASK}" if is_secret(m[1]) else m[0], text)


def body(raw: bytes, content_type: str, *, cut: bool = False) -> Any:
    """A body as it may be shown: JSON as a value, a form masked, anything else by its size.

    What cannot be parsed cannot be masked, and may hold a password all the same.
    """
    if not raw:
        return None
    kind = content_type.partition(";")[0].strip().lower()
    if not cut and (kind.endswith("json") or not kind):
        try:
            return _masked(json.loads(raw))
        except (ValueError, RecursionError):
            return f"({len(raw)} bytes that are not JSON)"
    if not cut and kind == "application/x-www-form-urlencoded":
        return query(raw.decode("utf-8", "replace"))
    return f"({'more than ' if cut else ''}{len(raw)} bytes of {kind or 'an unnamed type'})"


def _masked(value: Any, depth: int = 0) -> Any:
    if depth > 20:
        return "…"
    if isinstance(value, dict):
        return {
            key: MASK
            if is_secret(key) and isinstance(item, str | int)
            else _masked(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, depth + 1) for item in value]
    # NaN and Infinity, which Python reads and JSON does not have
    return str(value) if isinstance(value, float) and not isfinite(value) else value
