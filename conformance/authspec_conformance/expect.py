"""What a test asserts about a reply; each failure is one sentence that a stranger understands."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from authspec_conformance.errors import PRECONDITION, Closed, Inconclusive
from authspec_conformance.exchange import MISSING, Reply


class Failure(AssertionError):
    """The target broke the requirement."""

    def __init__(
        self, message: str, reply: Reply | None = None, program: tuple[int, ...] = ()
    ) -> None:
        super().__init__(message)
        self.exchange = reply.exchange if reply is not None else None
        """The exchange that shows it, where it is a single one."""
        self.program = program
        """The exchanges that lead to it, where they were chosen by chance and made few."""
        self.closed_by = reply.closed_by if reply is not None else None
        """The permission by which the profile itself expects the refusal."""


def fail(message: str) -> NoReturn:
    """Raises the failure with this sentence."""
    raise Failure(message)


@contextmanager
def given(what: str) -> Iterator[None]:
    """Inside, a broken expectation is a failed precondition: inconclusive, not the target's fail here."""
    try:
        yield
    except Failure as failure:
        if failure.closed_by:
            raise Closed(
                f"the profile's permissions close what it needs: {failure.closed_by}"
            ) from None
        raise Inconclusive(f"{PRECONDITION}{what} ({failure})") from None


def status(reply: Reply, *expected: int) -> Reply:
    """The reply has one of these statuses."""
    if reply.status not in expected:
        wanted = " or ".join(map(str, expected))
        raise Failure(f"{reply}, expected {wanted}{_said(reply)}", reply)
    return reply


def empty(reply: Reply, expected: int = 204) -> Reply:
    """The reply has this status and no body."""
    status(reply, expected)
    if reply.body:
        raise Failure(f"{reply} has the body {_short(reply.text)}, expected none", reply)
    return reply


def is_json(reply: Reply) -> Any:
    """The reply's decoded JSON; its media type says that it is JSON."""
    media_type = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Failure(
            f"{reply} has the Content-Type {media_type!r}, expected application/json", reply
        )
    if reply.json is MISSING:
        raise Failure(f"{reply} is not JSON: {_short(reply.text)}", reply)
    return reply.json


def json_object(reply: Reply) -> dict[str, Any]:
    """The reply's JSON object."""
    value = is_json(reply)
    if not isinstance(value, dict):
        raise Failure(f"{reply} holds {_short(reply.text)}, expected a JSON object", reply)
    return value


def exactly(reply: Reply, keys: Iterable[str]) -> dict[str, Any]:
    """The reply is a JSON object with these keys and no others."""
    value = json_object(reply)
    wanted = set(keys)
    if extra := value.keys() - wanted:
        raise Failure(f"{reply} also shows {_names(extra)}; expected only {_names(wanted)}", reply)
    if lacking := wanted - value.keys():
        raise Failure(f"{reply} lacks {_names(lacking)}; expected {_names(wanted)}", reply)
    return value


def field_errors(reply: Reply, *fields: str) -> dict[str, Any]:
    """A 400 whose object has messages (lists of texts) for these fields, and for no others."""
    status(reply, 400)
    value = json_object(reply)
    for field in fields:
        if field not in value:
            raise Failure(
                f"{reply} complains of {_names(value)}, expected of {_names(fields)}", reply
            )
    if extra := value.keys() - set(fields):
        raise Failure(
            f"{reply} also complains of {_names(extra)}, expected only of {_names(fields)}", reply
        )
    for field in fields:
        _messages(reply, field, value[field])
    return value


def complains_of(reply: Reply, field: str) -> dict[str, Any]:
    """A 400 whose object has messages for this field, whatever else it complains of."""
    status(reply, 400)
    value = json_object(reply)
    if field not in value:
        raise Failure(f"{reply} complains of {_names(value)}, expected of {field!r}", reply)
    _messages(reply, field, value[field])
    return value


def _messages(reply: Reply, field: str, messages: Any) -> None:
    texts = messages if isinstance(messages, list) else []
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise Failure(
            f"{reply} has {messages!r} under {field!r}, expected a list of messages", reply
        )


def detail(reply: Reply, *expected: int) -> str:
    """The reply has one of these statuses, and says why under `detail`."""
    status(reply, *expected)
    value = json_object(reply)
    if not isinstance(value.get("detail"), str):
        raise Failure(f"{reply} holds {_short(reply.text)}, expected a text under 'detail'", reply)
    return str(value["detail"])


def refused(reply: Reply) -> Reply:
    """The reply is a 4xx."""
    if not 400 <= reply.status < 500:
        raise Failure(f"{reply}, expected a refusal (4xx){_said(reply)}", reply)
    return reply


def header(reply: Reply, name: str, test: Callable[[str], bool], expected: str) -> str:
    """The reply has this header, and its value passes."""
    value = reply.headers.get(name)
    if value is None:
        raise Failure(f"{reply} has no {name} header, expected {expected}", reply)
    if not test(value):
        raise Failure(f"{reply} has {name}: {value!r}, expected {expected}", reply)
    return value


def equal(found: Any, expected: Any, what: str) -> None:
    """Two values are equal; `what` says of which thing."""
    if found != expected or type(found) is not type(expected):
        raise Failure(f"{what} is {_short(repr(found))}, expected {_short(repr(expected))}")


def indistinguishable(first: Reply, second: Reply, what: str) -> None:
    """Two replies do not tell their cases apart: status, body, names of headers and cookies."""
    if first.status != second.status:
        raise Failure(f"{what} can be told apart: {first.status} and {second.status}")
    if first.body != second.body:
        raise Failure(f"{what} can be told apart: {_short(first.text)} and {_short(second.text)}")
    differing = _shown_headers(first) ^ _shown_headers(second)
    if differing:
        raise Failure(
            f"{what} can be told apart by the headers {_names({n for n, _ in differing})}"
        )


_VARYING = {
    "date", "content-length", "x-request-id", "request-id", "x-correlation-id", "x-runtime", "etag",
    "server-timing", "x-response-time", "connection", "keep-alive", "x-ratelimit-remaining",
    "ratelimit-remaining", "x-ratelimit-reset", "ratelimit-reset", "age", "cf-ray", "via",
    "x-amzn-requestid", "x-amzn-trace-id", "x-cloud-trace-context", "traceparent", "set-cookie",
    "nel", "report-to", "x-served-by", "x-timer", "x-trace-id", "transfer-encoding",
}  # fmt: skip
"""Headers that proxies and frameworks vary from request to request."""


_CHANGING = {
    "expires", "last-modified", "content-security-policy", "content-security-policy-report-only",
}  # fmt: skip
"""Headers that belong to every answer with a value of its own: the time, or a nonce."""


def _shown_headers(reply: Reply) -> set[tuple[str, str]]:
    return {
        (name.lower(), "" if name.lower().startswith("x-") or name.lower() in _CHANGING else value)
        for name, value in reply.headers.items()
        if name.lower() not in _VARYING
    } | {("set-cookie", name) for name in reply.cookies}


def _names(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names)) or "nothing"


def _short(text: str, limit: int = 160) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


def _said(reply: Reply) -> str:
    """What the body says, where that helps."""
    text = " ".join(reply.text.split())
    if not text or "<html" in text.lower():
        return ""
    return f"; it says {_short(text)}"
