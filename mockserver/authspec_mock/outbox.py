"""The mails of one world: a bounded ring that can be asked, waited on and written as mail files."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from authspec_contract import fields as f
from authspec_contract.errors import UsageError, nearest
from authspec_mock.clock import iso, moment
from authspec_mock.core.wire import Mail, MailKind

KINDS: tuple[str, ...] = get_args(MailKind)
CAPACITY = 500


@dataclass(frozen=True)
class Message:
    """A mail in the outbox."""

    id: int
    mail: Mail

    def as_json(self) -> dict[str, Any]:
        mail = self.mail
        return {
            "id": self.id,
            "kind": mail.kind,
            "to": list(mail.to),
            "from": mail.from_,
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "uid": mail.uid,
            "token": mail.token,
            "url": mail.url,
            "sent_at": iso(mail.sent_at),
        }

    def summary(self) -> dict[str, Any]:
        """Enough to see why it is not the mail that was waited for."""
        whole = self.as_json()
        return {key: whole[key] for key in ("id", "kind", "to", "subject", "sent_at")}


@dataclass(frozen=True)
class Filter:
    """Which mails a caller asks for."""

    to: str | None = None
    kind: str | None = None
    after: int = 0

    def __post_init__(self) -> None:
        if self.kind is not None and self.kind not in KINDS:
            raise UsageError(f"There is no kind of mail {self.kind!r}; {nearest(self.kind, KINDS)}")

    def matches(self, message: Message) -> bool:
        if message.id <= self.after or self.kind not in {None, message.mail.kind}:
            return False
        wanted = self.to
        return wanted is None or any(
            address.casefold() == wanted.casefold() for address in message.mail.to
        )


class Outbox:
    """Oldest first; the oldest goes when it is full. Belongs to the thread of the event loop."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._messages: deque[Message] = deque(maxlen=capacity)
        self._last = 0
        self._waiters: set[asyncio.Future[None]] = set()

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def last_id(self) -> int:
        """Of the newest mail there ever was; 0 before the first."""
        return self._last

    def add(self, mail: Mail) -> Message:
        self._last += 1
        message = Message(self._last, mail)
        self._messages.append(message)
        self._wake()
        return message

    def messages(self, wanted: Filter = Filter()) -> tuple[Message, ...]:
        return tuple(message for message in self._messages if wanted.matches(message))

    def message(self, id_: int) -> Message | None:
        return next((message for message in self._messages if message.id == id_), None)

    async def wait(self, wanted: Filter, seconds: float) -> tuple[Message, ...]:
        """The matching mails as soon as there is one; none when the time is up or `close` came."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not (found := self.messages(wanted)) and (left := deadline - loop.time()) > 0:
            waiter = loop.create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait((waiter,), timeout=left)
            finally:
                self._waiters.discard(waiter)
            if waiter.cancelled():
                break
        return found

    def remove(self, ids: Iterable[int]) -> int:
        """Deletes those; the others keep their ids. How many there were."""
        gone = set(ids)
        before = len(self._messages)
        kept = [message for message in self._messages if message.id not in gone]
        self._messages.clear()
        self._messages.extend(kept)
        return before - len(kept)

    def clear(self) -> int:
        """Deletes every mail; the next one still gets a new id, so that `after` stays true."""
        count = len(self._messages)
        self._messages.clear()
        return count

    def reset(self) -> int:
        """Deletes every mail, and counts from 1 again."""
        self._last = 0
        return self.clear()

    def close(self) -> None:
        """Sends everybody away who waits."""
        for waiter in self._waiters:
            waiter.cancel()

    def snapshot(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {"last_id": self._last, "messages": [m.as_json() for m in self._messages]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """The mails of a snapshot in place of those here. Raises UsageError."""
        read = [_message(item, f"outbox.messages[{n}]") for n, item in _numbered(state)]
        last = f.whole(state.get("last_id", len(read)), "outbox.last_id")
        self._messages.clear()
        self._messages.extend(sorted(read, key=lambda message: message.id))
        self._last = max((last, *(message.id for message in read)))
        self._wake()

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)


def _numbered(state: Mapping[str, Any]) -> Iterable[tuple[int, dict[str, Any]]]:
    messages = state.get("messages", [])
    if not isinstance(messages, list):
        raise f.wrong("outbox.messages", messages, "a list")
    return enumerate(f.mapping(item, f"outbox.messages[{n}]") for n, item in enumerate(messages))


def _message(raw: Mapping[str, Any], where: str) -> Message:
    def text(key: str) -> str:
        return f.text(raw.get(key, ""), f"{where}.{key}")

    def optional(key: str) -> str | None:
        return f.optional_text(raw.get(key), f"{where}.{key}")

    return Message(
        f.whole(raw.get("id"), f"{where}.id"),
        Mail(
            kind=f.one_of(*KINDS)(raw.get("kind"), f"{where}.kind"),
            to=f.texts(raw.get("to"), f"{where}.to"),
            from_=text("from"),
            subject=text("subject"),
            text=text("text"),
            html=text("html"),
            sent_at=moment(raw.get("sent_at", 0)),
            uid=optional("uid"),
            token=optional("token"),
            url=optional("url"),
        ),
    )
