"""One caller of the target: anonymous, or with an account's credentials."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from authspec_conformance.exchange import Call, Reply
from authspec_conformance.operations import Operation
from authspec_conformance.target import Target

_NOTHING: Any = object()


@dataclass(frozen=True)
class Credentials:
    """What a logged-in caller sends with every request."""

    scheme: str
    """`jwt`, `token`, `session` or `basic`."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default="", repr=False)
    """The token itself."""
    refresh: str | None = field(default=None, repr=False)
    since: float = field(default_factory=time.monotonic, compare=False)
    """When they were handed out, in seconds of the monotonic clock."""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of a session: what `headers` send."""
    follow: Callable[[Reply], None] | None = field(default=None, repr=False, compare=False)
    """Takes the cookies of an answer over, as a browser does."""

    def as_now(self) -> "Credentials":
        """The same, whatever later answers say."""
        return replace(self, headers=dict(self.headers), cookies=dict(self.cookies), follow=None)


@dataclass(frozen=True)
class Client:
    """Calls operations by Djoser's names: `client("set_password", {...})`."""

    target: Target
    operations: Mapping[str, Operation]
    credentials: Credentials | None = None

    def __call__(
        self, operation: str, body: Any = _NOTHING, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One exchange with a JSON body, or with none."""
        return self._followed(self.target.send(self.prepared(operation, body, headers=headers)))

    def raw(
        self,
        method: str,
        path: str,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One exchange with any method, path and bytes."""
        sent = {**self._credentials(), **(headers or {})}
        return self._followed(self.target.call(method, path, data=data, headers=sent))

    def prepared(
        self, operation: str, body: Any = _NOTHING, *, headers: Mapping[str, str] | None = None
    ) -> Call:
        """The call, to be sent later or together with others."""
        op = self.operations[operation]
        sent = {**self._credentials(), **(headers or {})}
        extra = {} if body is _NOTHING else {"json_body": body}
        return self.target.prepare(op.method, op.path, headers=sent, **extra)

    def with_(self, credentials: Credentials | None) -> "Client":
        """The same target with other credentials."""
        return Client(self.target, self.operations, credentials)

    def _followed(self, reply: Reply) -> Reply:
        if self.credentials and self.credentials.follow:
            self.credentials.follow(reply)
        return reply

    def _credentials(self) -> Mapping[str, str]:
        return self.credentials.headers if self.credentials else {}
