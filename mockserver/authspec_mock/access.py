"""Who may talk to the mock from a browser, and who to its control API. Pure."""

import re
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from authspec_mock.options import Options, host_name, is_loopback, origin

COOKIE = "authspec_mock"
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d*)?")
_EXPOSED = "Allow, Content-Disposition, Location, Retry-After, WWW-Authenticate, X-Mock-Fault"
_REMEMBERED = 500


class Access:
    """The rules for Host, Origin and the control token."""

    def __init__(self, options: Options) -> None:
        self._hosts = {options.host.lower().strip("[]"), *map(host_name, options.allow_hosts)}
        self._origins = frozenset(map(origin, options.cors))
        self._token = options.control_token
        self._known_hosts: dict[str, bool] = {}

    def host_allowed(self, host: str) -> bool:
        """Whether `Host` names this server: anything else may be a rebound DNS name."""
        known = self._known_hosts.get(host)
        if known is None:
            known = self._host_allowed(host)
            if len(self._known_hosts) < _REMEMBERED and len(host) < 100:
                self._known_hosts[host] = known
        return known

    def _host_allowed(self, host: str) -> bool:
        match = _AUTHORITY.fullmatch(host)
        if match is None:
            return False
        name = match[1].lower().strip("[]").removesuffix(".")
        return _is_loopback_name(name) or name in self._hosts

    def origin_allowed(self, sent: str, host: str) -> bool:
        """Whether pages of that origin may read answers, with credentials."""
        if sent.lower() in self._origins:
            return True
        try:
            parts = urlsplit(sent)
            name = parts.hostname or ""
        except ValueError:
            return False
        if parts.scheme not in {"http", "https"} or parts.path or parts.query or "@" in sent:
            return False
        # the inbox itself, on whatever name it was opened by; `host` has been checked
        return _is_loopback_name(name) or parts.netloc.lower() == host.lower()

    def control_allowed(self, headers: Mapping[str, str]) -> bool:
        """Whether the request carries the control token, where there is one."""
        if self._token is None:
            return True
        return any(self.is_token(sent) for sent in _tokens(headers))

    def is_token(self, sent: str) -> bool:
        return self._token is not None and compare_digest(sent.encode(), self._token.encode())


def cors_headers(sent: str) -> tuple[tuple[str, str], ...]:
    """What a friendly origin gets on every answer. `*` would not do: it excludes credentials."""
    return (
        ("Access-Control-Allow-Origin", sent),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", _EXPOSED),
        ("Vary", "Origin"),
    )


def preflight_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What a friendly preflight gets besides."""
    asked = headers.get("access-control-request-headers", "")
    extra = [("Access-Control-Allow-Methods", METHODS), ("Access-Control-Max-Age", "600")]
    if asked:
        extra.append(("Access-Control-Allow-Headers", asked))
    if "access-control-request-private-network" in headers:
        extra.append(("Access-Control-Allow-Private-Network", "true"))
    return tuple(extra)


def _is_loopback_name(name: str) -> bool:
    return is_loopback(name) or name.endswith(".localhost")


def _tokens(headers: Mapping[str, str]) -> list[str]:
    """The tokens that a request offers: as Bearer, as the password of Basic, as a cookie."""
    found = []
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.append(value.strip())
    elif scheme.lower() == "basic":
        with suppress(ValueError):
            found.append(b64decode(value, validate=True).decode().partition(":")[2])
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        cookie = None
    if cookie is not None:
        found.append(cookie.value)
    return found
