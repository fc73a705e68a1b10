"""`mailpit+http://…`, `maildev+http://…`, `mailhog+http://…`: mail catchers, read by their REST APIs."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

from authspec_conformance.mailbox.message import MailMessage, parse_message
from authspec_contract.errors import TargetError

Listing = Callable[["CatcherMailbox"], Sequence[MailMessage]]


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
            self._session.auth = (parts.username, parts.password or "")
        self._list = _LISTINGS[kind]
        self._seen: set[str] = set()
        self._seen = {mail.id for mail in self._list(self)}

    def arrived(self) -> Sequence[MailMessage]:
        new = [mail for mail in self._list(self) if mail.id not in self._seen]
        self._seen.update(mail.id for mail in new)
        return new

    def close(self) -> None:
        self._session.close()

    def known(self, id_: str) -> bool:
        """Whether this mail was handed out already, so that its body need not be fetched."""
        return id_ in self._seen

    def get(self, path: str) -> Any:
        """The decoded JSON under that path. Raises TargetError."""
        return self._answer(path).json()

    def raw(self, path: str) -> bytes:
        """The bytes under that path. Raises TargetError."""
        return self._answer(path).content

    def _answer(self, path: str) -> requests.Response:
        try:
            answer = self._session.get(self._base + path, timeout=10)
            answer.raise_for_status()
            return answer
        except requests.RequestException as error:
            raise TargetError(
                f"The mailbox {self.url} cannot be read ({type(error).__name__} at {path}); "
                "is the mail catcher running there?"
            ) from None


def _mailpit(box: CatcherMailbox) -> list[MailMessage]:
    """Mailpit's API v1: newest first, bodies one by one."""
    found = box.get("/api/v1/messages?limit=200")["messages"]
    ids = [str(message["ID"]) for message in reversed(found)]
    return [_parsed(box, id_, f"/api/v1/message/{id_}/raw") for id_ in ids if not box.known(id_)]


def _maildev(box: CatcherMailbox) -> list[MailMessage]:
    """MailDev 3 has `/api/email`, 2 has `/email`; the answer is a list or holds one."""
    try:
        prefix, found = "/api/email", box.get("/api/email")
    except TargetError:
        prefix, found = "/email", box.get("/email")
    messages = found if isinstance(found, list) else found.get("emails", found.get("items", []))
    ids = [str(message["id"]) for message in messages]
    return [_parsed(box, id_, f"{prefix}/{id_}/source") for id_ in ids if not box.known(id_)]


def _mailhog(box: CatcherMailbox) -> list[MailMessage]:
    """MailHog's API v2: newest first, with the raw mail inside."""
    found = box.get("/api/v2/messages?limit=250")["items"]
    return [
        parse_message(
            str(item["Raw"]["Data"]).encode(), id_=str(item["ID"]), envelope=item["Raw"]["To"]
        )
        for item in reversed(found)
    ]


def _parsed(box: CatcherMailbox, id_: str, path: str) -> MailMessage:
    return parse_message(box.raw(path), id_=id_)


_LISTINGS: dict[str, Listing] = {"mailpit": _mailpit, "maildev": _maildev, "mailhog": _mailhog}
