"""What goes into the core and what comes out of it: requests, responses, mails; frozen values."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

MailKind = Literal[
    "activation",
    "confirmation",
    "password_reset",
    "password_changed",
    "username_changed",
    "username_reset",
]


class Request(NamedTuple):
    """One HTTP request, as a WSGI server would hand it to Django.

    A tuple, as all here: every call makes some, and a frozen dataclass costs three times as much.
    """

    method: str
    path: str
    """Percent-decoded, with the leading slash, without the query."""
    query: str = ""
    """As sent, without the question mark."""
    headers: Mapping[str, str] = MappingProxyType({})
    """Names in lower case; a repeated header's values are joined by a comma."""
    body: bytes = b""
    scheme: str = "http"
    client: str = "127.0.0.1"
    """The peer's address: what DRF's throttles know an anonymous caller by."""


class Response(NamedTuple):
    """One HTTP response; headers in the order in which they are sent."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Mail(NamedTuple):
    """One mail, with the secrets of its link beside it."""

    kind: MailKind
    to: tuple[str, ...]
    from_: str
    subject: str
    text: str
    html: str
    sent_at: float
    """Seconds since the epoch, by the core's clock."""
    uid: str | None = None
    token: str | None = None
    url: str | None = None
    """The whole link, as it stands in the text."""
