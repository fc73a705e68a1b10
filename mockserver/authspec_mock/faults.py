"""Faults on demand: which call goes wrong, how, and how often. The rules; `app` carries them out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from authspec_contract import fields as f
from authspec_contract.errors import UsageError, nearest
from authspec_mock.core.wire import Request, Response

CAPACITY = 200
LONGEST_DELAY = 600.0
_JSON = ("Content-Type", "application/json")

# rest_framework/exceptions.py 3.18: `default_detail` of each exception; the others in DRF's shape
_DETAILS: Mapping[int, str] = {
    400: "Malformed request.",
    401: "Authentication credentials were not provided.",
    403: "You do not have permission to perform this action.",
    404: "Not found.",
    405: "Method not allowed.",
    406: "Could not satisfy the request Accept header.",
    415: "Unsupported media type in request.",
    429: "Request was throttled.",
    500: "A server error occurred.",
    502: "Bad gateway.",
    503: "Service temporarily unavailable, try again later.",
    504: "Gateway timeout.",
}


@dataclass(frozen=True)
class Match:
    """Which calls; what is None matches every one."""

    method: str | None = None
    path: str | None = None
    """As in the URL, or from Djoser's prefix on (`users/me/`); `*` stands for anything."""
    account: str | None = None
    """The login or e-mail in the body, or whose credentials the call carries."""

    def fits(self, request: Request, prefix: str) -> bool:
        """By method and path; whose account it is, only the world can tell."""
        if self.method is not None and self.method.upper() != request.method:
            return False
        return self.path is None or _path_fits(self.path, request.path, prefix)


@dataclass(frozen=True)
class Effect:
    """What happens instead of the answer, or before it."""

    delay: float = 0.0
    """Seconds before anything else."""
    status: int | None = None
    body: Any = None
    """A text as it is, anything else as JSON; without it DRF's words for the status."""
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    hang: bool = False
    """No answer at all, until the client gives up."""
    drop: bool = False
    """The connection is closed without an answer. The call itself is not carried out."""
    truncate: int | None = None
    """The answer breaks off after that many bytes of its body; the call is carried out."""

    @property
    def name(self) -> str:
        """How the journal calls it."""
        shown = {k: v for k, v in asdict(self).items() if v != getattr(_NOTHING, k)}
        words = [
            k if v is True else f"{k}={v}" for k, v in shown.items() if k not in {"body", "headers"}
        ]
        return "; ".join(words)

    def response(self) -> Response | None:
        """The answer in place of the core's; None where the core answers."""
        if self.status is None:
            return None
        headers = [*self.headers.items()]
        if self.retry_after is not None:
            headers.append(("Retry-After", str(self.retry_after)))
        given = {name.lower() for name in self.headers}
        if isinstance(self.body, str):
            if "content-type" not in given:
                headers.append(("Content-Type", "text/html; charset=utf-8"))
            return Response(self.status, tuple(headers), self.body.encode("utf-8", "replace"))
        if self.status in {204, 304}:
            return Response(self.status, tuple(headers))
        if "content-type" not in given:
            headers.append(_JSON)
        body = self._default_body() if self.body is None else self.body
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return Response(self.status, tuple(headers), text.encode("utf-8", "replace"))

    def _default_body(self) -> Any:
        detail = _DETAILS.get(self.status or 0, f"Answered {self.status} on demand.")
        if self.retry_after is not None:
            # rest_framework/exceptions.py 3.18: Throttled.extra_detail_singular and _plural
            unit = "second" if self.retry_after == 1 else "seconds"
            detail = f"{detail} Expected available in {self.retry_after} {unit}."
        return {"detail": detail}


_NOTHING = Effect()


@dataclass(frozen=True)
class Fault:
    """A rule: the first one that matches a call is carried out, and counts down."""

    id: int
    match: Match
    do: Effect
    times: int | None
    """How many calls it still hits; None: every one until it is deleted."""

    def as_json(self) -> dict[str, Any]:
        match = {key: value for key, value in asdict(self.match).items() if value is not None}
        do = {k: v for k, v in asdict(self.do).items() if v != getattr(_NOTHING, k)}
        return {"id": self.id, "match": match, "do": do, "times": self.times}


class Faults:
    """The rules of one world, in the order in which they came."""

    def __init__(self) -> None:
        self.rules: tuple[Fault, ...] = ()
        self._last = 0

    def __len__(self) -> int:
        return len(self.rules)

    def add(self, raw: Any) -> Fault:
        """The rule in this JSON value. Raises UsageError."""
        if len(self.rules) >= CAPACITY:
            raise UsageError(
                f"There are {CAPACITY} faults already; DELETE /_mock/faults removes them."
            )
        match, do, times = read_rule(raw)
        self._last += 1
        rule = Fault(self._last, match, do, times)
        self.rules = (*self.rules, rule)
        return rule

    def candidates(self, request: Request, prefix: str) -> list[Fault]:
        """The rules that fit by method and path."""
        return [rule for rule in self.rules if rule.match.fits(request, prefix)]

    def used(self, rule: Fault) -> None:
        """Counts it down, and forgets it after the last time."""
        if rule.times is None:
            return
        left = (replace(rule, times=rule.times - 1),) if rule.times > 1 else ()
        at = self.rules.index(rule)
        self.rules = (*self.rules[:at], *left, *self.rules[at + 1 :])

    def remove(self, id_: int) -> bool:
        before = len(self.rules)
        self.rules = tuple(rule for rule in self.rules if rule.id != id_)
        return len(self.rules) < before

    def clear(self) -> int:
        count = len(self.rules)
        self.rules = ()
        return count

    def reset(self) -> int:
        """Forgets every rule, and counts from 1 again."""
        self._last = 0
        return self.clear()


# --- reading ----------------------------------------------------------------------------------


def read_rule(raw: Any) -> tuple[Match, Effect, int | None]:
    """`{"match": {…}, "do": {…}, "times": N}`; what to do may also stand beside `match`."""
    rule = f.mapping(raw, "The fault")
    match = f.build(Match, rule.pop("match", None), "match", _MATCH)
    times = rule.pop("times", None)
    if times is not None and (f.whole(times, "times") == 0):
        raise f.wrong("times", times, "1 or more, or nothing for every time")
    if "do" in rule:
        inner = f.mapping(rule.pop("do"), "do")
        for key in rule:
            known = ("match", "do", "times")
            raise UsageError(f"The fault has the unknown key {key!r}; {nearest(key, known)}")
        return match, read_effect(inner, "do"), times
    for key in rule:
        if key not in _EFFECT:
            words = ("match", "do", "times", *_EFFECT)
            raise UsageError(f"The fault has the unknown key {key!r}; {nearest(key, words)}")
    return match, read_effect(rule, "do"), times


def read_effect(raw: Mapping[str, Any], where: str) -> Effect:
    """What a fault does. Raises UsageError where it would do nothing or contradicts itself."""
    effect = f.build(Effect, raw, where, _EFFECT)
    if effect.retry_after is not None and effect.status is None:
        effect = replace(effect, status=429)
    if (effect.body is not None or effect.headers) and effect.status is None:
        raise UsageError(f"{where} has a body or headers and no status; add such as 'status': 503.")
    if effect == _NOTHING:
        raise UsageError(f"{where} does nothing; give it one of {', '.join(_EFFECT)}.")
    return effect


def read_header(text: str) -> Effect:
    """The effect of `X-Mock-Fault: status=503; delay=0.5`. Raises UsageError."""
    raw: dict[str, Any] = {}
    for part in text.replace(",", ";").split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if name:
            raw[name] = _header_value(name, value) if equals else True
    return read_effect(raw, "X-Mock-Fault")


def _header_value(name: str, value: str) -> Any:
    if name in {"hang", "drop"}:
        return {"true": True, "1": True, "false": False, "0": False}.get(value, value)
    if name in {"status", "retry_after", "truncate"} and value.isdecimal():
        return int(value)
    return value


def _delay(value: Any, where: str) -> float:
    if isinstance(value, str) and value.endswith("ms") and value[:-2].strip().isdecimal():
        seconds = int(value[:-2]) / 1000
    elif isinstance(value, str) and value.startswith("."):
        seconds = f.seconds(f"0{value}", where)
    else:
        seconds = f.seconds(value, where)
    if seconds > LONGEST_DELAY:
        raise f.wrong(where, value, f"at most {LONGEST_DELAY:.0f} seconds")
    return seconds


def _status(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise f.wrong(where, value, "a status from 200 to 599")
    return value


def _headers(value: Any, where: str) -> Mapping[str, str]:
    read = {name: f.text(item, f"{where}.{name}") for name, item in f.mapping(value, where).items()}
    for name, item in read.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise f.wrong(f"{where}", name, "the name of a header")
        if any(ord(c) < 32 or ord(c) > 255 for c in item):
            raise f.wrong(f"{where}.{name}", item, "one line in Latin-1")
    return read


_MATCH: dict[str, f.Reader] = {
    "method": f.optional_text,
    "path": f.optional_text,
    "account": f.optional_text,
}
_EFFECT: dict[str, f.Reader] = {
    "delay": _delay,
    "status": _status,
    "body": f.anything,
    "headers": _headers,
    "retry_after": f.whole,
    "hang": f.boolean,
    "drop": f.boolean,
    "truncate": f.whole,
}


def _path_fits(pattern: str, path: str, prefix: str) -> bool:
    if not pattern.startswith(("/", "*")):
        pattern = prefix + pattern
    # a path without its last slash is another resource to Django, and a slip in a rule
    return fnmatchcase(path, pattern) or fnmatchcase(path, pattern.rstrip("/") + "/")
