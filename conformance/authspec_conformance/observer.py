"""Looks at every answer of a run, whichever test asked: server errors, false types, stack traces."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from authspec_conformance.exchange import MISSING, Reply
from authspec_conformance.expect import Failure

_TRACES = (
    "Traceback (most recent call last)",
    "DJANGO_SETTINGS_MODULE",
    "You're seeing this error because you have",
)

Contract = Callable[[Reply], str | None]
"""Says what the contract does not know about an answer; None where all is well."""


@dataclass
class Observer:
    """Collects one sentence per kind of fault; the first exchange that showed it counts."""

    contract: Contract
    server_errors: dict[str, Failure] = field(default_factory=dict)
    traces: dict[str, Failure] = field(default_factory=dict)
    unknown: dict[str, Failure] = field(default_factory=dict)
    echoes: dict[str, Failure] = field(default_factory=dict)
    _odd: int = 0
    _crowded: int = 0

    @contextmanager
    def odd(self) -> Iterator[None]:
        """While it lasts the calls are ones that stock Djoser is known to stumble over."""
        self._odd += 1
        try:
            yield
        finally:
            self._odd -= 1

    @contextmanager
    def crowd(self) -> Iterator[None]:
        """While it lasts many call at once; the test itself judges what that does to the target."""
        self._crowded += 1
        try:
            yield
        finally:
            self._crowded -= 1

    def watch(self, reply: Reply) -> None:
        """Takes one answer in."""
        operation = f"{reply.call.method} {reply.path.partition('?')[0]}"
        if any(trace in reply.text for trace in _TRACES):
            self.traces.setdefault(
                operation, Failure(f"{reply} shows a stack trace or settings", reply)
            )
        if _echoed(reply):
            self.echoes.setdefault(
                operation, Failure(f"{reply} repeats a password that was sent", reply)
            )
        if self._odd:
            return
        if reply.status >= 500 and self._crowded:
            return
        if reply.status >= 500:
            self.server_errors.setdefault(operation, Failure(f"{reply}, a server error", reply))
        elif _claims_json(reply) and reply.body and reply.json is MISSING:
            self.server_errors.setdefault(
                operation, Failure(f"{reply} says application/json and is not JSON", reply)
            )
        elif (complaint := self.contract(reply)) is not None:
            self.unknown.setdefault(f"{operation} {reply.status}", Failure(complaint, reply))


def _echoed(reply: Reply) -> bool:
    """Whether the answer holds a password of the call, which no other field of the call holds."""
    sent = {key: value for key, value in reply.sent.items() if isinstance(value, str)}
    others = [value for key, value in sent.items() if "password" not in key]
    return any(
        len(value) >= 8 and value in reply.text and not any(value in other for other in others)
        for key, value in sent.items()
        if "password" in key
    )


def _claims_json(reply: Reply) -> bool:
    return (
        reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        == "application/json"
    )
