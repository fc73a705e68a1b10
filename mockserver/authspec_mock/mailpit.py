"""A world's outbox as Mailpit knows mails: read marks, tags, searches, summaries. Pure.

Shapes and habits are those of Mailpit 1.2x (server/apiv1/*.go, internal/storage/search.go).
"""

import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr
from typing import Any

from authspec_mock.clock import iso
from authspec_mock.mail_file import mail_file, message_id
from authspec_mock.outbox import Message, Outbox

SNIPPET = 250
Test = Callable[[Message], bool]


@dataclass(frozen=True)
class _Mark:
    """What Mailpit remembers of one mail."""

    message: Message
    read: bool = False
    tags: tuple[str, ...] = ()


class Mailbox:
    """What Mailpit remembers of mails besides the mails themselves."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._marks: dict[int, _Mark] = {}

    def newest_first(self) -> list[Message]:
        return list(reversed(self._outbox.messages()))

    def message(self, id_: str) -> Message | None:
        """By its id, or the `latest`."""
        if id_ == "latest":
            return next(iter(self.newest_first()), None)
        return self._outbox.message(int(id_)) if re.fullmatch(r"[0-9]{1,15}", id_) else None

    def chosen(self, ids: Iterable[str]) -> list[Message]:
        """Those of the ids that exist."""
        return [found for id_ in ids if (found := self.message(id_)) is not None]

    def is_read(self, message: Message) -> bool:
        return self._mark(message).read

    def mark(self, messages: Iterable[Message], *, read: bool) -> None:
        for message in messages:
            self._remember(replace(self._mark(message), read=read))

    def tags_of(self, message: Message) -> tuple[str, ...]:
        return self._mark(message).tags

    def all_tags(self) -> list[str]:
        held = (tag for message in self.newest_first() for tag in self.tags_of(message))
        return sorted(set(held), key=str.lower)

    def set_tags(self, messages: Iterable[Message], tags: Iterable[str]) -> None:
        wanted = tuple(sorted({tag.strip() for tag in tags if tag.strip()}, key=str.lower))
        for message in messages:
            self._remember(replace(self._mark(message), tags=wanted))

    def rename_tag(self, old: str, new: str | None) -> None:
        """Gives the tag another name; None takes it off every mail."""
        for message in self.newest_first():
            kept = [tag for tag in self.tags_of(message) if tag != old]
            if new is not None and old in self.tags_of(message):
                kept.append(new)
            self.set_tags([message], kept)

    def remove(self, messages: Iterable[Message]) -> None:
        self._outbox.remove(message.id for message in messages)

    def _mark(self, message: Message) -> "_Mark":
        mark = self._marks.get(message.id)
        # after a reset, another mail may have the id
        return mark if mark is not None and mark.message is message else _Mark(message)

    def _remember(self, mark: "_Mark") -> None:
        self._marks[mark.message.id] = mark
        if len(self._marks) > 2 * len(self._outbox) + 100:
            held = {message.id for message in self._outbox.messages()}
            self._marks = {id_: kept for id_, kept in self._marks.items() if id_ in held}

    # --- as JSON --------------------------------------------------------------------------

    def page(self, found: list[Message], start: int, limit: int) -> dict[str, Any]:
        """`MessagesSummary`: one page of these, newest first."""
        everything = self.newest_first()
        shown = found[start : start + limit]
        return {
            "total": len(everything),
            "unread": self._unread(everything),
            "count": len(shown),
            "messages_count": len(found),
            "messages_unread": self._unread(found),
            "start": start,
            "tags": self.all_tags(),
            "messages": [self.summary(message) for message in shown],
        }

    def _unread(self, messages: Iterable[Message]) -> int:
        return sum(1 for message in messages if not self.is_read(message))

    def summary(self, message: Message) -> dict[str, Any]:
        """`MessageSummary`."""
        return {
            **self._common(message),
            "Read": self.is_read(message),
            "Created": iso(message.mail.sent_at),
            "Username": "",
            "Attachments": 0,
            "Snippet": " ".join(message.mail.text.split())[:SNIPPET],
        }

    def whole(self, message: Message) -> dict[str, Any]:
        """`Message`: the mail with its bodies."""
        return {
            **self._common(message),
            "Read": True,
            "ReturnPath": message.mail.from_,
            "ListUnsubscribe": {"Header": "", "Links": [], "Errors": "", "HeaderPost": ""},
            "Date": iso(message.mail.sent_at),
            "Username": "",
            "Text": message.mail.text,
            "HTML": message.mail.html,
            "Inline": [],
            "Attachments": [],
        }

    def _common(self, message: Message) -> dict[str, Any]:
        mail = message.mail
        return {
            "ID": str(message.id),
            "MessageID": message_id(mail, message.id).strip("<>"),
            "From": address(mail.from_),
            "To": [address(to) for to in mail.to],
            "Cc": [],
            "Bcc": [],
            "ReplyTo": [],
            "Subject": mail.subject,
            "Tags": list(self.tags_of(message)),
            "Size": len(mail_file(mail, message.id)),
        }

    # --- searching ------------------------------------------------------------------------

    def search(self, query: str) -> list[Message]:
        """Mails that match every term; `-` or `!` before a term turns it round."""
        tests = [self._test(term) for term in _terms(query)]
        return [m for m in self.newest_first() if all(test(m) for test in tests)]

    def _test(self, term: str) -> Test:
        if len(term) > 1 and term[0] in "-!":
            positive = self._test(term[1:])
            return lambda message: not positive(message)
        name, colon, rest = term.partition(":")
        wanted = rest.strip().lower()
        if colon and wanted and (test := self._named(name.lower(), wanted)) is not None:
            return test
        return lambda message: term.lower() in _everything(message)

    def _named(self, name: str, wanted: str) -> Test | None:
        tests: dict[str, Test] = {
            "to": lambda m: any(wanted in to.lower() for to in m.mail.to),
            "from": lambda m: wanted in m.mail.from_.lower(),
            "addressed": lambda m: wanted in " ".join((m.mail.from_, *m.mail.to)).lower(),
            "subject": lambda m: wanted in m.mail.subject.lower(),
            "message-id": lambda m: wanted in message_id(m.mail, m.id).lower(),
            "tag": lambda m: wanted in (tag.lower() for tag in self.tags_of(m)),
            "after": lambda m: iso(m.mail.sent_at) >= wanted.upper(),
            "before": lambda m: iso(m.mail.sent_at) <= wanted.upper(),
            "cc": lambda m: False,
            "bcc": lambda m: False,
            "reply-to": lambda m: False,
            "has": lambda m: False,
        }
        if name == "is":
            tests["is"] = {
                "read": self.is_read,
                "unread": lambda m: not self.is_read(m),
                "tagged": lambda m: bool(self.tags_of(m)),
            }.get(wanted, lambda m: False)
        return tests.get(name)


def _terms(query: str) -> list[str]:
    """The words of a search; what stands in quotes is one."""
    lexer = shlex.shlex(query, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    lexer.quotes = '"'
    try:
        terms = list(lexer)
    except ValueError:  # a quote that nothing closes
        terms = query.replace('"', "").split()
    return [term for term in terms if re.search(r"[a-zA-Z0-9]", term)]


def _everything(message: Message) -> str:
    mail = message.mail
    return "\n".join((mail.subject, mail.from_, *mail.to, mail.text)).lower()


def address(text: str) -> dict[str, str]:
    """`Name <a@b>` as Mailpit shows it."""
    name, mailbox = parseaddr(text)
    return {"Name": name, "Address": mailbox or text}


def headers(message: Message) -> dict[str, list[str]]:
    """The headers of the mail's file, each with all its values, by name."""
    parsed = message_from_bytes(mail_file(message.mail, message.id), policy=default)
    found: dict[str, list[str]] = {}
    for name, value in sorted(parsed.items()):
        # Go's net/textproto writes Message-Id
        key = "-".join(part.capitalize() for part in name.split("-"))
        found.setdefault(key, []).append(str(value))
    return found
