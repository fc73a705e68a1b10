"""The server under test: sends requests politely, writes each exchange down, follows no redirect."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from threading import Barrier, BrokenBarrierError, Lock, local
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from authspec_conformance.deadline import DeadlineAdapter
from authspec_conformance.errors import BudgetSpent, Inconclusive, TimeUsedUp
from authspec_conformance.exchange import MISSING, Call, Reply
from authspec_conformance.interrupts import held_back
from authspec_conformance.journal import Journal
from authspec_conformance.reach import refusing
from authspec_conformance.redaction import Redactor
from authspec_contract import __version__
from authspec_contract.errors import TargetError, UsageError
from authspec_contract.profile import Profile

_NOTHING: Any = object()
Guard = Callable[[Call], AbstractContextManager[object]]
LONGEST_BODY = 2_000_000
"""Bytes of an answer that are read; the rest is cut off."""
LONGEST_WAIT = 60.0
"""Seconds of a `Retry-After` that are waited for."""
TRIES = 3
_PATIENT_WITH_503 = 2
_LONG = 5.0


@dataclass(frozen=True)
class TargetOptions:
    """How to reach the target."""

    url: str
    """Scheme, host and port, and the path under which the profile's prefix stands."""
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str | None = None
    """A file of CA certificates in PEM."""
    proxy: str | None = None
    timeout: float = 20.0
    """Seconds without a byte after which a call counts as hung."""
    rate: float = 0.0
    """Requests per second at most; 0: as fast as it answers."""
    max_requests: int = 20_000
    max_seconds: float | None = None


def base_url(url: str, prefix: str) -> str:
    """The target's URL without a trailing slash and without the profile's prefix.

    Raises UsageError where it is not an http(s) URL.
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(
            f"The URL {_without_user(url)!r} is not valid ({error}); expected one such as "
            "http://127.0.0.1:8000."
        ) from None
    if parts.scheme not in {"http", "https"} or not host or any(c.isspace() for c in url):
        raise UsageError(
            f"The URL {_without_user(url)!r} is not one of http:// or https://; "
            "give the target's address, such as http://127.0.0.1:8000."
        )
    if "@" in parts.netloc:
        raise UsageError(
            f"The URL {_without_user(url)!r} has a user or password before the host, which would "
            "take the place of the API's own Authorization; give the gate's credentials as a header "
            'in the configuration, such as [target] headers = {X-Gate = "$GATE"}.'
        )
    if parts.query or parts.fragment:
        raise UsageError(
            f"The URL {url!r} has a query or fragment; give the target's address alone."
        )
    path = parts.path.rstrip("/")
    path = path.removesuffix(prefix.rstrip("/"))
    return f"{parts.scheme}://{parts.netloc}{path}"


def _without_user(url: str) -> str:
    before, slashes, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{before}{slashes}{host.rpartition('@')[2]}{slash}{path}"


class Target:
    """Sends calls to one deployment. Safe to use from several threads."""

    def __init__(
        self, options: TargetOptions, profile: Profile, journal: Journal, redactor: Redactor
    ) -> None:
        self.options = options
        self.profile = profile
        self.journal = journal
        self.redactor = redactor
        self.base = base_url(options.url, profile.prefix)
        self.requests = 0
        self.password_computations = 0
        self.on_reply: list[Callable[[Reply], None]] = []
        self.guard: Guard = lambda call: nullcontext()
        """Entered before a call is sent and left after its reply; may raise BudgetSpent."""
        self._started = time.monotonic()
        self._lock = Lock()
        self._not_before = 0.0
        self._longest_pause = 0.0
        """The most seconds that the target has asked to wait for."""
        self.on_long_wait: Callable[[float], None] = lambda seconds: None
        """Called once, before the first wait that somebody who looks on would take for a hang."""
        self._has_waited_long = False
        self._refused_for_good = 0
        """So many calls in a row that got a 503 however often they were tried."""
        self._sessions = local()

    # --- sending ------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = _NOTHING,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One exchange. `path` is relative to the prefix (`users/me/`), or absolute with a slash.

        Raises TargetError where no answer comes, TimeUsedUp and BudgetSpent at the run's limits.
        """
        return self.send(
            self.prepare(method, path, json_body=json_body, data=data, headers=headers)
        )

    def prepare(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = _NOTHING,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """The call, without sending it."""
        full = path if path.startswith("/") else self.profile.prefix + path
        sent = {
            "User-Agent": f"authspec/{__version__}",
            "Accept": "application/json",
            **self.options.headers,
        }
        body = b""
        if json_body is not _NOTHING:
            # as JavaScript's JSON.stringify, and so that a lone surrogate can be sent
            body = json.dumps(json_body).encode()
            sent["Content-Type"] = "application/json"
        elif data is not None:
            body = data
        sent.update(headers or {})
        return Call(method, self.base + full, sent, body)

    def send(self, call: Call) -> Reply:
        """One exchange, written to the journal. A 429 is waited for, and tried again, and so is the page
        with 503 by which nginx limits the rate.

        Raises Inconclusive where the target keeps refusing: that says nothing about its answers.
        """
        for attempt in range(TRIES):
            reply = self._once(call)
            if not self._turned_away(reply):
                self._refused_for_good = 0 if reply.status < 500 else self._refused_for_good
                return reply
            wait = _retry_after(reply)
            if wait is None:
                wait = float(2**attempt)
            if wait > min(LONGEST_WAIT, self.seconds_left):
                break
            self._longest_pause = max(self._longest_pause, wait)
            if wait >= _LONG and not self._has_waited_long:
                self._has_waited_long = True
                self.on_long_wait(wait)
            self._pause(wait)
        if reply.status == 503:
            self._refused_for_good += 1
            self._tell(reply)
            return reply  # it is no limit, which would have let one of the tries in
        raise _throttled(reply)

    def _may_be_a_limit(self, reply: Reply) -> bool:
        """A page with 503 (nginx: limit_req_status), unless the last ones stayed whatever was waited."""
        return (
            reply.status == 503
            and reply.json is MISSING
            and self._refused_for_good < _PATIENT_WITH_503
        )

    def together(self, calls: Sequence[Call]) -> list[Reply]:
        """All these calls at the same moment, each from a thread and a connection of its own.

        Gives the answers of those that the target did not turn away for their number (429); where it
        has done so before, it is left in peace for as long as it has asked for at most. Raises
        Inconclusive where no two were let in.
        """
        for _ in range(2):
            time.sleep(max(0.0, min(self._longest_pause, self.seconds_left)))
            replies = self._at_once(calls)
            heard = [reply for reply in replies if not self._turned_away(reply)]
            if len(heard) > 1:
                return heard
            if heard or self._longest_pause:
                break
            self._longest_pause = min(_retry_after(replies[0]) or 1.0, LONGEST_WAIT)
        raise _throttled(next(reply for reply in replies if self._turned_away(reply)))

    def _at_once(self, calls: Sequence[Call]) -> list[Reply]:
        barrier = Barrier(len(calls))

        def one(call: Call) -> Reply:
            self._session()
            with suppress(BrokenBarrierError):
                barrier.wait(timeout=10)
            return self._once(call)

        with ThreadPoolExecutor(len(calls), thread_name_prefix="race") as pool:
            futures = [pool.submit(one, call) for call in calls]
            return [future.result() for future in futures]

    def _once(self, call: Call) -> Reply:
        registers = call.method == "POST" and call.url == f"{self.base}{self.profile.prefix}users/"
        with self.guard(call), held_back() if registers else nullcontext():
            return self._exchange(call)

    def _exchange(self, call: Call) -> Reply:
        self._wait_for_turn()
        number = self.journal.number()
        started = time.monotonic()
        left = max(1.0, self.seconds_left)
        patience = min(self.options.timeout, left)
        longest = min(3 * patience, left)
        session = self._session()
        session.deadline.seconds = longest
        try:
            response = session.request(
                call.method,
                call.url,
                headers=dict(call.headers),
                data=call.body or None,
                timeout=(min(10.0, patience), patience),
                allow_redirects=False,
                stream=True,
            )
            body = _read(response, started + longest)
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            seconds = time.monotonic() - started
            why = _why(error, patience, longest)
            self.journal.exchange(number, call, None, seconds, why)
            raise TargetError(f"{call.method} {call.url} got no answer: {why}.") from None
        seconds = time.monotonic() - started
        reply = Reply(
            number,
            call,
            response.status_code,
            requests.structures.CaseInsensitiveDict(dict(response.headers)),
            body,
            seconds,
            _cookies(response),
            self._closed_by(call, response.status_code),
        )
        self.redactor.learn_from(reply.json)
        for value in reply.cookies.values():
            self.redactor.learn(value, "COOKIE")
        self.journal.exchange(number, call, reply, seconds)
        if not self._may_be_a_limit(reply):
            self._tell(reply)
        return reply

    def _tell(self, reply: Reply) -> None:
        for listener in self.on_reply:
            listener(reply)

    def _turned_away(self, reply: Reply) -> bool:
        return reply.status == 429 or self._may_be_a_limit(reply)

    def _closed_by(self, call: Call, status: int) -> str | None:
        path = call.url.removeprefix(self.base + self.profile.prefix)
        return refusing(call.method, path, status, self.profile)

    # --- politeness ---------------------------------------------------------------------------

    @property
    def seconds_left(self) -> float:
        """Until `max_seconds` are over; infinite where no limit is set."""
        if self.options.max_seconds is None:
            return float("inf")
        return self.options.max_seconds - (time.monotonic() - self._started)

    def _wait_for_turn(self) -> None:
        if self.seconds_left <= 0:
            raise TimeUsedUp(f"the {self.options.max_seconds:g} seconds of --max-seconds are over")
        with self._lock:
            if self.requests >= self.options.max_requests:
                raise BudgetSpent(
                    f"the budget of {self.options.max_requests} requests is spent; "
                    "raise [limits] requests"
                )
            self.requests += 1
            now = time.monotonic()
            turn = max(now, self._not_before)
            if self.options.rate:
                self._not_before = turn + 1 / self.options.rate
        if turn > now:
            time.sleep(min(turn - now, max(0.0, self.seconds_left)))

    def _pause(self, seconds: float) -> None:
        with self._lock:
            self._not_before = max(
                self._not_before, time.monotonic() + min(seconds, self.seconds_left)
            )

    def _session(self) -> "_Session":
        """One per thread, without a cookie jar: accounts must not leak into each other."""
        session: _Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = _Session()
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.verify = self.options.ca or True
            session.headers.clear()
            if self.options.proxy:
                session.proxies = {"http": self.options.proxy, "https": self.options.proxy}
        return session


class _Session(requests.Session):
    """Whose answers come within a time."""

    def __init__(self) -> None:
        super().__init__()
        self.deadline = DeadlineAdapter()
        for scheme in ("http://", "https://"):
            self.mount(scheme, self.deadline)


def _cookies(response: requests.Response) -> dict[str, str]:
    """Names and values of the cookies that an answer sets."""
    lines = response.raw.headers.getlist("Set-Cookie") if response.raw is not None else []
    pairs = (line.split(";", 1)[0].partition("=") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _read(response: requests.Response, until: float) -> bytes:
    """The body, bounded in size and, as a server may drip, in time."""
    body = b""
    with response:
        while len(body) < LONGEST_BODY:
            piece: bytes = response.raw.read1(LONGEST_BODY - len(body), decode_content=True)
            if not piece:
                break
            body += piece
            if time.monotonic() > until:
                raise requests.Timeout("its answer does not end")
    return body


def _throttled(reply: Reply) -> Inconclusive:
    wait = reply.headers.get("Retry-After")
    how_long = f"until {wait}" if wait and _moment(wait) else f"for {wait} s"
    asked = f" and asks to wait {how_long}" if wait else ""
    return Inconclusive(
        f"{reply}: the target limits the rate of requests{asked}; lower [limits] rate, or lift its "
        "limit for this run"
    )


def _retry_after(reply: Reply) -> float | None:
    """The seconds that an answer asks to wait for (RFC 9110 §10.2.3: a number or a date)."""
    value = reply.headers.get("Retry-After", "")
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    until = _moment(value)
    if until is None:
        return None
    # by the target's own clock, which may be hours from ours
    since = _moment(reply.headers.get("Date", "")) or datetime.now(UTC)
    seconds = (until - since).total_seconds()
    return seconds if seconds > 0 else None


def _moment(value: str) -> datetime | None:
    """A date of a header; None where it is none."""
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _why(error: Exception, timeout: float, longest: float) -> str:
    """A transport failure in a few words."""
    text = str(error)
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not pass it on; look at [target] proxy"
    if isinstance(error, requests.exceptions.SSLError):
        return _why_no_tls(text)
    if "does not end" in text:
        return f"its answer had no end after {longest:.3g} s"
    if isinstance(error, requests.Timeout | urllib3.exceptions.ReadTimeoutError):
        return f"no byte came for {timeout:g} s"
    for piece, why in _REASONS.items():
        if piece in text:
            return why
    return type(error).__name__ if not text else text.splitlines()[0][:160]


def _why_no_tls(text: str) -> str:
    if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text.lower():
        return "it does not speak TLS; its URL may begin with http://"
    if "Hostname mismatch" in text or "doesn't match" in text:
        return "its TLS certificate is of another host name"
    if "has expired" in text:
        return "its TLS certificate has expired"
    return "its TLS certificate is not trusted; give its CA by [target] ca"


_UNKNOWN_HOST = "its host name is unknown"
_REASONS = {
    "Connection refused": "the connection was refused; nothing listens there",
    "Name or service not known": _UNKNOWN_HOST,
    "Failed to resolve": _UNKNOWN_HOST,
    "getaddrinfo": _UNKNOWN_HOST,
    "No route to host": "there is no way to its host",
    "Network is unreachable": "there is no way to its host",
    "IncompleteRead": "its answer broke off in the middle",
    "Connection broken": "its answer broke off in the middle",
    "content-encoding": "its body is not compressed as its Content-Encoding says",
    "RemoteDisconnected": "it closed the connection without an answer",
    "Connection aborted": "it closed the connection without an answer",
    "reset by peer": "it closed the connection without an answer",
    "BadStatusLine": "it does not speak HTTP",
}
"""A piece of the text of an error of urllib3 → what happened."""
