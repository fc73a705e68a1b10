"""`mailpit+http://…`, `maildev+http://…`, `mailhog+http://…`: mail catchers, read by their REST APIs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import requests

from authspec_conformance.mailbox.message import MailMessage, parse_message
from authspec_contract.errors import TargetError

_PATIENCE = 10.0
"""Seconds that a catcher has for an answer."""

Listed = tuple[str, Callable[[], MailMessage]]
"""A mail's id, and how to get the mail."""
Listing = Callable[["CatcherMailbox"], list[Listed]]


class CatcherMailbox:
    """A mail catcher behind HTTP; which one is said by the first word of the URL."""

    def __init__(self, kind: str, url: str) -> None:
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
        self.url = f"{kind}+{urlunsplit((parts.scheme, netloc, parts.path, '', ''))}"
        self._base = urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))
        self._session = requests.Session()
        self._session.trust_env = False
        if parts.username:
            self._session.auth = (unquote(parts.username), unquote(parts.password or ""))
        self._kind = _NAMES[kind]
        self._list = _LISTINGS[kind]
        with self._understanding():
            self._seen = {id_ for id_, _ in self._list(self)}

    def arrived(self) -> Sequence[MailMessage]:
        with self._understanding():
            new = [(id_, read) for id_, read in self._list(self) if id_ not in self._seen]
            mails = [read() for _, read in new]
        self._seen.update(id_ for id_, _ in new)
        return mails

    @contextmanager
    def _understanding(self) -> Iterator[None]:
        """Turns an answer of another shape into one sentence."""
        try:
            yield
        except (ValueError, LookupError, TypeError, AttributeError):
            raise TargetError(
                f"The mailbox {self.url} answers otherwise than {self._kind}'s API does; "
                "is another program running there?"
            ) from None

    def close(self) -> None:
        self._session.close()

    def get(self, path: str) -> Any:
        """The decoded JSON under that path. Raises TargetError."""
        return self._answer(path).json()

    def raw(self, path: str) -> bytes:
        """The bytes under that path. Raises TargetError."""
        return self._answer(path).content

    def _answer(self, path: str) -> requests.Response:
        try:
            answer = self._session.get(self._base + path, timeout=_PATIENCE)
            answer.raise_for_status()
            return answer
        except requests.RequestException as error:
            raise TargetError(
                f"The mailbox {self.url} cannot be read ({_why(error)} at {path}); "
                f"is {self._kind} running there?"
            ) from None


def _why(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"{error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer"
    return "no connection" if isinstance(error, requests.ConnectionError) else type(error).__name__


def _mailpit(box: CatcherMailbox) -> list[Listed]:
    """Mailpit's API v1: newest first, bodies one by one."""
    found = box.get("/api/v1/messages?limit=200")["messages"]
    return [
        _listed(
            box,
            str(message["ID"]),
            f"/api/v1/message/{message['ID']}/raw",
            [str(address["Address"]) for address in message.get("Bcc") or ()],
        )
        for message in reversed(found)
    ]


def _maildev(box: CatcherMailbox) -> list[Listed]:
    """MailDev 3 has `/api/email`, 2 has `/email`: a list, oldest first."""
    try:
        prefix, found = "/api/email", box.get("/api/email")
    except (TargetError, ValueError):
        prefix, found = "/email", box.get("/email")
    return [
        _listed(
            box,
            str(message["id"]),
            f"{prefix}/{message['id']}/source",
            [str(to["address"]) for to in (message.get("envelope") or {}).get("to", ())],
        )
        for message in found
    ]


def _mailhog(box: CatcherMailbox) -> list[Listed]:
    """MailHog's API v2: newest first, with the raw mail inside."""
    found = box.get("/api/v2/messages?limit=250")["items"]
    return [(str(item["ID"]), partial(_from_mailhog, item)) for item in reversed(found)]


def _from_mailhog(item: Any) -> MailMessage:
    raw = item["Raw"]
    return parse_message(
        str(raw["Data"]).encode(), id_=str(item["ID"]), envelope=raw.get("To") or ()
    )


def _listed(box: CatcherMailbox, id_: str, path: str, envelope: Sequence[str]) -> Listed:
    return id_, lambda: parse_message(box.raw(path), id_=id_, envelope=envelope)


_LISTINGS: dict[str, Listing] = {"mailpit": _mailpit, "maildev": _maildev, "mailhog": _mailhog}
_NAMES = {"mailpit": "Mailpit", "maildev": "MailDev", "mailhog": "MailHog"}
