"""Keeps secrets out of everything a run writes: each is replaced by the name of a shell variable.

The same secret always gets the same name, so that a reader sees which password was used where, and
a `curl` line runs again once the variables are set.
"""

import re
from collections.abc import Iterable
from threading import Lock
from typing import Any

SECRET_KEYS = {
    "password": "PASSWORD",
    "re_password": "PASSWORD",
    "new_password": "PASSWORD",
    "re_new_password": "PASSWORD",
    "current_password": "PASSWORD",
    "token": "TOKEN",
    "auth_token": "TOKEN",
    "access": "TOKEN",
    "refresh": "TOKEN",
    "csrfmiddlewaretoken": "COOKIE",
}
"""Keys of bodies whose value is a secret → the kind of variable that stands for it."""

_SECRET_HEADERS = {"authorization", "cookie", "set-cookie", "proxy-authorization", "x-csrftoken"}
_SHORTEST = 6
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_DJANGO_TOKEN = re.compile(r"\b[0-9a-z]{5,8}-[0-9a-f]{20,64}\b")


class Redactor:
    """Knows the secrets of one run. Safe to use from several threads."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._lock = Lock()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secret: str, kind: str = "PASSWORD") -> str:
        """Masks this text from now on; gives the variable that stands for it.

        Texts under six characters are not learnt: they would be found in ordinary words.
        """
        if len(secret) < _SHORTEST:
            return f"${kind}"
        with self._lock:
            if secret not in self._names:
                self._counts[kind] = number = self._counts.get(kind, 0) + 1
                self._names[secret] = f"${kind}_{number}"
                self._pattern = None
            return self._names[secret]

    def learn_from(self, body: Any) -> None:
        """Learns every secret in a decoded JSON answer."""
        if isinstance(body, dict):
            for key, value in body.items():
                kind = SECRET_KEYS.get(key)
                if kind == "TOKEN" and isinstance(value, str) and len(value) >= 20:
                    self.learn(value, kind)
                else:
                    self.learn_from(value)
        elif isinstance(body, list):
            for item in body:
                self.learn_from(item)

    def text(self, text: str) -> str:
        """The text with every known secret, and whatever looks like a token, masked."""
        pattern = self._compiled()
        if pattern is not None:
            text = pattern.sub(lambda match: self._names[match[0]], text)
        text = _JWT.sub("$TOKEN", text)
        return _DJANGO_TOKEN.sub("$TOKEN", text)

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Headers with secret values masked; a repeated one is joined by commas."""
        shown: dict[str, str] = {}
        for name, value in headers:
            masked = self._header(name, value)
            shown[name] = f"{shown[name]}, {masked}" if name in shown else masked
        return shown

    def _header(self, name: str, value: str) -> str:
        folded = name.lower()
        if folded not in _SECRET_HEADERS:
            return self.text(value)
        known = self.text(value)
        if "$" in known:
            return known
        word, _, rest = value.partition(" ")
        if folded in {"authorization", "proxy-authorization"} and rest:
            return f"{word} $CREDENTIALS"
        name_of_cookie = value.partition("=")[0]
        return f"{name_of_cookie}=$COOKIE" if "=" in value else "$CREDENTIALS"

    def _compiled(self) -> re.Pattern[str] | None:
        with self._lock:
            if self._pattern is None and self._names:
                longest_first = sorted(self._names, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))
            return self._pattern
