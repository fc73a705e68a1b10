"""Sessions and CSRF, as Django's middleware and DRF's SessionAuthentication have them.

django/contrib/sessions/middleware.py, django/middleware/csrf.py, django/contrib/auth/__init__.py 5.2.
"""

import hashlib
import hmac
import string
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from authspec_mock.core.accounts import User
from authspec_mock.core.multipart import FormData
from authspec_mock.core.rejections import Forbidden

if TYPE_CHECKING:
    from authspec_mock.core.call import Call
    from authspec_mock.core.world import World

SESSION_COOKIE, CSRF_COOKIE = "sessionid", "csrftoken"
_USER, _HASH = "_auth_user_id", "_auth_user_hash"
_LETTERS = string.ascii_letters + string.digits
_KEY_LETTERS = string.ascii_lowercase + string.digits
_SECRET, _MASKED = 32, 64
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_SHORTEST_KEY = 8
_TWO_WEEKS, _YEAR = 1209600, 31449600


class SessionOfCall:
    """The session and the CSRF secret of one request, read when somebody asks."""

    __slots__ = ("_cookies", "_data", "_key", "_world", "csrf", "csrf_changed", "modified")

    def __init__(self, world: "World", cookie_header: str) -> None:
        self._world = world
        self._cookies = _read_cookies(cookie_header) if cookie_header else {}
        key = self._cookies.get(SESSION_COOKIE, "")
        self._key: str | None = key if len(key) >= _SHORTEST_KEY else None
        self._data: dict[str, Any] | None = None
        self.modified = False
        self.csrf_changed = False
        self.csrf: str | None = None
        sent = self._cookies.get(CSRF_COOKIE)
        if sent is not None:
            if _format_error(sent) is None:
                self.csrf = _unmasked(sent)
            else:
                self.new_csrf()

    # --- the session ----------------------------------------------------------------------------

    @property
    def data(self) -> dict[str, Any]:
        if self._data is None:
            stored = self._world.state.sessions.get(self._key or "")
            if stored is None:
                self._key = None
            self._data = dict(stored or {})
        return self._data

    def user(self) -> User | None:
        """Whose session it is; one whose password has changed since is emptied."""
        user = self.owner()
        if user is None or not user.is_active:
            return None  # ModelBackend.get_user
        if self.data.get(_HASH) != self.mark(user):
            self.flush()
            return None
        return user

    def owner(self) -> User | None:
        """Who began the session, whatever has happened to the account since."""
        if self._key is None and self._data is None:
            return None
        owner = self.data.get(_USER)
        return None if owner is None else self._world.accounts.by_id.get(owner)

    def mark(self, user: User) -> str:
        """django/contrib/auth/base_user.py get_session_auth_hash."""
        return hmac.digest(
            self._world.secret.encode(), user.password.encode(), hashlib.sha256
        ).hex()

    def log_in(self, user: User) -> None:
        data = self.data
        if _USER in data and (data[_USER] != user.id or data.get(_HASH) != self.mark(user)):
            self.flush()
        elif _USER not in data:
            self._cycle_key()
        self.data.update({_USER: user.id, _HASH: self.mark(user)})
        self.modified = True
        self.new_csrf()

    def keep_after_password_change(self, user: User) -> None:
        """django/contrib/auth/__init__.py update_session_auth_hash."""
        self._cycle_key()
        self.data[_HASH] = self.mark(user)
        self.modified = True

    def flush(self) -> None:
        self._world.state.sessions.pop(self._key or "", None)
        self._key = None
        self._data = {}
        self.modified = True

    def _cycle_key(self) -> None:
        data = dict(self.data)
        self._world.state.sessions.pop(self._key or "", None)
        self._key = None
        self._data = data
        self.modified = True

    # --- CSRF -----------------------------------------------------------------------------------

    def new_csrf(self) -> None:
        self.csrf = self._chars(_LETTERS)
        self.csrf_changed = True

    def show_csrf(self) -> None:
        """A page that holds the token renews its cookie."""
        if self.csrf is None:
            self.new_csrf()
        self.csrf_changed = True

    def enforce_csrf(self, call: "Call") -> None:
        """Raises Forbidden with Django's reason."""
        reason = self.csrf_reason(call)
        if reason is not None:
            raise Forbidden(f"CSRF Failed: {reason}")

    def csrf_reason(self, call: "Call") -> str | None:
        """Why a call is not to be trusted (django/middleware/csrf.py); None where it is."""
        if call.method in _SAFE:
            return None
        headers = call.request.headers
        origin = headers.get("origin")
        if origin is not None:
            if origin != f"{call.request.scheme}://{call.host}":
                return f"Origin checking failed - {origin} does not match any trusted origins."
        elif call.request.scheme == "https":
            reason = _referer_reason(headers.get("referer"), call.host)
            if reason is not None:
                return reason
        return self._token_reason(call)

    def _token_reason(self, call: "Call") -> str | None:
        cookie = self._cookies.get(CSRF_COOKIE)
        if cookie is None:
            return "CSRF cookie not set."
        wrong = _format_error(cookie)
        if wrong is not None:
            return f"CSRF cookie {wrong}."
        sent, source = _form_token(call, self._world), "POST"
        if not sent:
            header = call.request.headers.get("x-csrftoken")
            if header is None:
                return "CSRF token missing."
            sent, source = header, "the 'X-Csrftoken' HTTP header"
        wrong = _format_error(sent)
        if wrong is None and _unmasked(sent) != _unmasked(cookie):
            wrong = "incorrect"
        return None if wrong is None else f"CSRF token from {source} {wrong}."

    # --- the way out ----------------------------------------------------------------------------

    def cookies(self) -> tuple[tuple[str, str], ...]:
        """The `Set-Cookie` headers of the answer; a modified session is stored."""
        found = []
        if self.csrf_changed:
            found.append(f"{CSRF_COOKIE}={self.csrf}; Max-Age={_YEAR}; Path=/; SameSite=Lax")
        if self._key is None and not self._data:
            if SESSION_COOKIE in self._cookies:
                found.append(
                    f'{SESSION_COOKIE}=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; '
                    "Path=/; SameSite=Lax"
                )
        elif self.modified and self._data is not None:
            if self._key is None:
                self._key = self._chars(_KEY_LETTERS)
            self._world.state.sessions[self._key] = self._data
            found.append(
                f"{SESSION_COOKIE}={self._key}; HttpOnly; Max-Age={_TWO_WEEKS}; Path=/; "
                "SameSite=Lax"
            )
        return tuple(("Set-Cookie", cookie) for cookie in found)

    def _chars(self, letters: str) -> str:
        random = self._world.random
        return "".join(letters[random.getrandbits(32) % len(letters)] for _ in range(_SECRET))


def _read_cookies(header: str) -> dict[str, str]:
    """django/http/cookie.py parse_cookie, for the two cookies that matter."""
    found = {}
    for part in header.replace(",", ";").split(";"):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            found[name.strip()] = value.strip().strip('"')
    return found


def _format_error(token: str) -> str | None:
    if len(token) not in (_SECRET, _MASKED):
        return "has incorrect length"
    if not (token.isascii() and token.isalnum()):
        return "has invalid characters"
    return None


def _unmasked(token: str) -> str:
    """The secret in a token whose first half is a mask."""
    if len(token) != _MASKED:
        return token
    pairs = zip(token[_SECRET:], token[:_SECRET], strict=True)
    return "".join(_LETTERS[_LETTERS.index(x) - _LETTERS.index(y)] for x, y in pairs)


def _form_token(call: "Call", world: "World") -> str:
    """`csrfmiddlewaretoken` of a form that was posted.

    Whatever was posted is parsed for it (rest_framework/request.py POST): a body that cannot be read is
    refused here, before the method is looked at. Raises Rejection.
    """
    if call.method != "POST":
        return ""
    data = world.body(call)
    return str(data.get("csrfmiddlewaretoken", "")) if isinstance(data, FormData) else ""


def _referer_reason(referer: str | None, host: str) -> str | None:
    if referer is None:
        return "Referer checking failed - no Referer."
    try:
        parts = urlsplit(referer)
    except ValueError:
        return "Referer checking failed - Referer is malformed."
    if not parts.scheme or not parts.netloc:
        return "Referer checking failed - Referer is malformed."
    if parts.scheme != "https":
        return "Referer checking failed - Referer is insecure while host is secure."
    if parts.netloc.lower() != host.lower():
        return f"Referer checking failed - {referer} does not match any trusted origins."
    return None
