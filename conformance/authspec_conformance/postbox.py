"""All mails of a run in one list: positions in it say what came before a call and what after."""

import time
from collections.abc import Callable
from math import inf
from threading import Lock

from authspec_conformance.errors import TimeUsedUp
from authspec_conformance.links import Link, links
from authspec_conformance.mailbox.message import Mailbox, MailMessage
from authspec_conformance.redaction import Redactor

_POLL = 0.02


class Postbox:
    """Reads a mailbox and waits in it, as patiently as the target's mails have been slow so far."""

    def __init__(
        self,
        mailbox: Mailbox,
        redactor: Redactor,
        *,
        patience: float = 15.0,
        seconds_left: Callable[[], float] = lambda: inf,
    ) -> None:
        """`seconds_left`: of the whole run; no wait outlives it."""
        self.mailbox = mailbox
        self._seconds_left = seconds_left
        self._redactor = redactor
        self._patience = patience
        self._slowest = 0.0
        self._misses = 0
        self._mails: list[MailMessage] = []
        self._lock = Lock()

    # --- positions ----------------------------------------------------------------------------

    def mark(self) -> int:
        """The position behind the last mail that has arrived by now."""
        self._read()
        return len(self._mails)

    def since(self, mark: int, *, to: str | None = None) -> list[MailMessage]:
        """The mails behind a position, for one recipient or for all."""
        self._read()
        return [mail for mail in self._mails[mark:] if to is None or addressed(mail, to)]

    @property
    def count(self) -> int:
        """How many mails have arrived in this run."""
        return len(self._mails)

    # --- waiting ------------------------------------------------------------------------------

    def wait(self, mark: int, *, to: str, count: int = 1) -> list[MailMessage]:
        """The mails for a recipient behind a position, once there are `count`, or whatever came in time.

        Raises TimeUsedUp where the run's time is over first: that says nothing about the mail.
        """
        started = time.monotonic()
        patience = self._how_long()
        while True:
            found = self.since(mark, to=to)
            waited = time.monotonic() - started
            if len(found) >= count:
                self._slowest = max(self._slowest, waited)
                self._misses = 0
                break
            if waited >= patience:
                self._misses += 1
                break
            self._sleep()
        return found

    def settle(self, mark: int, *, to: str | None = None) -> list[MailMessage]:
        """The mails behind a position after the time that a late one would need."""
        started = time.monotonic()
        pause = min(6.0, 2 * self._slowest) if self._slowest > 0.1 else 0.0
        while time.monotonic() - started < pause:
            if found := self.since(mark, to=to):
                return found
            self._sleep()
        return self.since(mark, to=to)

    def let_late_ones_come(self, seconds: float) -> None:
        """Waits until a mail of a call so many seconds ago has come, as slow as the slowest so far."""
        rest = min(6.0, 2 * self._slowest) - seconds
        if self._slowest > 0.1 and rest > 0:
            time.sleep(rest)

    # --- links --------------------------------------------------------------------------------

    def links(self, mail: MailMessage, template: str) -> list[Link]:
        """The links of a mail; their tokens are kept out of what the run writes."""
        found = links(mail, template)
        for link in found:
            self._redactor.learn(link.token, "TOKEN")
        return found

    def _how_long(self) -> float:
        if self._misses >= 3:
            return 1.0  # they are not late, they do not come
        if self._slowest == 0.0 and not self._mails:
            return self._patience
        return min(self._patience, max(4.0, 4 * self._slowest))

    def _sleep(self) -> None:
        if self._seconds_left() <= 0:
            raise TimeUsedUp("the seconds of --max-seconds were over while a mail was waited for")
        time.sleep(_POLL)

    def _read(self) -> None:
        with self._lock:
            self._mails.extend(self.mailbox.arrived())


def addressed(mail: MailMessage, address: str) -> bool:
    """Whether the mail goes to this address; the domain's letter case does not matter (RFC 5321 §2.4)."""
    return _folded(address) in {_folded(recipient) for recipient in mail.to}


def _folded(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"
