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
_SECRET_HEADER = re.compile(r"token|secret|api-?key|password|credential", re.IGNORECASE)
_SHORTEST = 6
_FEW = 50
"""So many secrets are looked for one by one; more are put into one pattern, which is dear to make."""
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_DJANGO_TOKEN = re.compile(r"\b[0-9a-z]{5,8}-[0-9a-f]{20,64}\b")
VARIABLE = re.compile(
    r"\$(?P<brace>\{)?(?:(?:OWN_)?PASSWORD|TOKEN|COOKIE|SECRET|CREDENTIALS)(?:_\d+)?(?(brace)\}|(?!\w))"
)
"""What stands for a secret in a redacted text."""


class Redactor:
    """Knows the secrets of one run. Safe to use from several threads."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._first = 0
        self._lock = Lock()
        self._recent: tuple[str, ...] = ()
        """Longest first; those that `_pattern` does not know."""
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secret: str, kind: str = "PASSWORD") -> str:
        """Masks this text from now on; gives the variable that stands for it.

        Texts under six characters are not learnt: they would be found in ordinary words.
        """
        if len(secret) < _SHORTEST:
            return f"${kind}"
        with self._lock:
            if secret not in self._names:
                inside_another = any(secret in known for known in self._names)
                self._counts[kind] = number = self._counts.get(kind, self._first) + 1
                self._names[secret] = f"{kind}_{number}"
                self._recent = tuple(sorted((*self._recent, secret), key=len, reverse=True))
                known = len(self._names) - len(self._recent)
                if inside_another or len(self._recent) > max(_FEW, known):
                    self._settle()
            return f"${self._names[secret]}"

    def number_from(self, number: int) -> None:
        """Secrets learnt from now on get higher numbers: no two workers of a run give the same name."""
        with self._lock:
            self._first = number
            self._counts.clear()

    def learn_from(self, body: Any) -> None:
        """Learns every secret in a decoded JSON answer."""
        if isinstance(body, dict):
            for key, value in body.items():
                kind = SECRET_KEYS.get(key)
                if kind == "TOKEN" and isinstance(value, str):
                    if len(value) >= 20 and " " not in value:
                        self.learn(value, kind)
                else:
                    self.learn_from(value)
        elif isinstance(body, list):
            for item in body:
                self.learn_from(item)

    def text(self, text: str) -> str:
        """The text with every known secret, and whatever looks like a token, masked."""
        with self._lock:
            recent, pattern = self._recent, self._pattern
        for secret in recent:
            if secret in text:
                text = self._replaced(text, secret)
        if pattern is not None:
            text = pattern.sub(self._variable, text)
        text = _JWT.sub(lambda match: self.learn(match[0], "TOKEN"), text)
        return _DJANGO_TOKEN.sub(lambda match: self.learn(match[0], "TOKEN"), text)

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Headers with secret values masked; a repeated one is joined by commas."""
        shown: dict[str, str] = {}
        for name, value in headers:
            masked = self._header(name, value)
            shown[name] = f"{shown[name]}, {masked}" if name in shown else masked
        return shown

    def _header(self, name: str, value: str) -> str:
        folded, known = name.lower(), self.text(value)
        if folded == "cookie":
            return "; ".join(_cookie(pair) for pair in known.split("; "))
        if not value or VARIABLE.search(known):
            return known
        if folded == "set-cookie":
            return _cookie(known)
        if folded not in _SECRET_HEADERS and not _SECRET_HEADER.search(folded):
            return known
        word, _, rest = value.partition(" ")
        if folded in {"authorization", "proxy-authorization"} and rest:
            return f"{word} $CREDENTIALS"
        return "$CREDENTIALS"

    def _settle(self) -> None:
        """One pattern of all: a longer secret goes before a shorter one that it contains."""
        longest_first = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        self._recent = ()

    def _variable(self, match: re.Match[str]) -> str:
        return _expanding(self._names[match[0]], match.string[match.end() : match.end() + 1])

    def _replaced(self, text: str, secret: str) -> str:
        first, *others = text.split(secret)
        return first + "".join(
            _expanding(self._names[secret], other[:1]) + other for other in others
        )


def _expanding(name: str, following: str) -> str:
    """The variable as a shell reads it before this character."""
    return f"${{{name}}}" if following.isalnum() or following == "_" else f"${name}"


def _cookie(pair: str) -> str:
    """A cookie with its value masked; what follows it (`Path=/`) is no secret."""
    name, equals, value = pair.partition("=")
    if not equals or not value or VARIABLE.search(value):
        return pair
    return f"{name}=$COOKIE{value[value.find(';') :] if ';' in value else ''}"
