"""The probe's hands: calls, the few accounts that it makes, and their mails."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authspec_conformance.clean_key import made_of
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import Reply
from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.postbox import Postbox
from authspec_conformance.target import Target
from authspec_contract.errors import AuthspecError

_NOTHING: Any = object()


class Unexpected(AuthspecError):
    """An answer from which nothing can be concluded; the sentence becomes the reason."""


@dataclass
class Guest:
    """An account of the probe's own."""

    login: str
    email: str
    password: str = field(repr=False)
    sent: dict[str, Any] = field(default_factory=dict, repr=False)
    shown: dict[str, Any] = field(default_factory=dict)
    mark: int = 0
    """The mailbox's position before registration."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Credentials of a login that works."""
    activation: tuple[str, str] | None = field(default=None, repr=False)
    """uid and token, where a mail brought them and they are not used up."""
    refresh: str | None = field(default=None, repr=False)
    gone: bool = False


class Visitor:
    """Calls the target under the prefix that was found."""

    def __init__(self, target: Target, postbox: Postbox | None, address: str) -> None:
        self.target = target
        self.postbox = postbox
        self.prefix = "/auth/"
        self.guests: list[Guest] = []
        self._address = address
        self._run = secrets.token_hex(4)
        self._number = 0

    # --- calls --------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        body: Any = _NOTHING,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Reply:
        """One exchange. Raises Unexpected for a 429 that does not pass soon."""
        full = path if path.startswith("/") else self.prefix + path
        extra = {} if body is _NOTHING else {"json_body": body}
        try:
            reply = self.target.call(method, full, headers=headers, data=data, **extra)
        except Inconclusive as error:
            raise Unexpected(str(error)) from None
        if reply.status == 429:
            raise Unexpected(f"the target throttles its callers ({reply})")
        return reply

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
        return self.call("POST", path, body, headers=headers)

    # --- invention ----------------------------------------------------------------------------

    def address(self) -> str:
        """A fresh mail address."""
        self._number += 1
        return self._address.format(run=self._run, n=self._number)

    def username(self) -> str:
        """A fresh user name."""
        self._number += 1
        return f"authspec_{self._run}_{self._number}"

    @staticmethod
    def password() -> str:
        """A fresh password that every sensible validator accepts."""
        return made_of(secrets.token_bytes(14))

    # --- mails --------------------------------------------------------------------------------

    def mark(self) -> int:
        return self.postbox.mark() if self.postbox else 0

    def mail(self, mark: int, to: str) -> list[MailMessage]:
        """The mails to an address behind a position, patiently."""
        return list(self.postbox.wait(mark, to=to)) if self.postbox else []

    def later_mail(self, mark: int, to: str) -> list[MailMessage]:
        """The same where there may be none: as long as a slow one would need."""
        return list(self.postbox.settle(mark, to=to)) if self.postbox else []

    @property
    def mails_seen(self) -> bool:
        """Whether this mailbox has had any mail of the target's."""
        return self.postbox is not None and self.postbox.count > 0

    # --- leaving ------------------------------------------------------------------------------

    def leave(self) -> list[str]:
        """Deletes the probe's accounts; gives the logins of those that are left."""
        for guest in self.guests:
            if not guest.gone and guest.headers:
                body = {"current_password": guest.password}
                try:
                    reply = self.call("DELETE", "users/me/", body, headers=guest.headers)
                except AuthspecError:
                    continue
                guest.gone = reply.status == 204
        return [guest.login for guest in self.guests if not guest.gone]


def errors(reply: Reply) -> dict[str, list[str]]:
    """The field errors of a 400; empty for anything else."""
    if reply.status != 400 or not isinstance(reply.json, dict):
        return {}
    return {
        key: [str(text) for text in value] if isinstance(value, list) else [str(value)]
        for key, value in reply.json.items()
    }


def claims(token: str) -> dict[str, Any]:
    """What a JSON web token says, unverified; empty where it is none."""
    try:
        part = token.split(".")[1]
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError):
        return {}
    return value if isinstance(value, dict) else {}


def next_second() -> None:
    """Waits until the clock shows another second: Django's tokens see no finer (auth/tokens.py)."""
    time.sleep(1.05 - time.time() % 1)
