"""Small stand-ins that several tests share: a profile, replies, a mailbox that is filled by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from authspec_conformance.exchange import Call, Reply
from authspec_conformance.mailbox.message import MailMessage
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile
from authspec_contract.results import Outcome, RequirementLine, Result
from authspec_contract.verdict import RequirementVerdict

DOCUMENT = load_profile("document")
USERNAMES = load_profile("djoser")


def with_djoser(profile: Profile = DOCUMENT, **settings: Any) -> Profile:
    """The profile with other Djoser settings."""
    return replace(profile, djoser=replace(profile.djoser, **settings))


def reply(
    method: str,
    path: str,
    status: int,
    body: Any = None,
    sent: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    exchange: int = 1,
) -> Reply:
    """One exchange below `/auth/`, its bodies in JSON."""
    call = Call(
        method,
        f"http://h/auth/{path}",
        {"Content-Type": "application/json"},
        b"" if sent is None else json.dumps(sent).encode(),
    )
    raw = b"" if body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"} if raw else {}
    return Reply(exchange, call, status, {**kind, **(headers or {})}, raw, 0.1)


def mail(to: str, text: str = "", id_: str = "1") -> MailMessage:
    return MailMessage(id_, (to,), "webmaster@localhost", "Hi", text, "")


class Letterbox:
    """A mailbox into which the test throws mails."""

    url = "test:"

    def __init__(self) -> None:
        self.new: list[MailMessage] = []

    def arrived(self) -> Sequence[MailMessage]:
        new, self.new = self.new, []
        return new

    def close(self) -> None:
        pass


def requirement(id_: str = "REG-001", level: str = "must") -> RequirementLine:
    return RequirementLine(id_, "It holds.", level, "djoser", "Registration")


def verdict(
    outcome: Outcome, message: str = "", *, id_: str = "REG-001", level: str = "must"
) -> RequirementVerdict:
    """A requirement that one test decided."""
    results = (Result(id_, "t", outcome, message),)
    return RequirementVerdict(requirement(id_, level), outcome, message, results)
