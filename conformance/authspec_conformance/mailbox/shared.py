"""A mailbox that several workers of one run read: each sees its own mails, and those that are nobody's."""

import re
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from authspec_conformance.mailbox.message import Mailbox, MailMessage


class Addresses:
    """Tells by an address which worker of the run made it."""

    def __init__(self, template: str, run: str, block: int) -> None:
        before, _, after = template.format(run=run, n="\0").partition("\0")
        self._pattern = re.compile(
            re.escape(before) + r"(\d+)" + re.escape(after.partition("\0")[0]), re.IGNORECASE
        )
        self._block = block

    def worker(self, address: str) -> int | None:
        """The worker's number; None for an address that none of them made."""
        match = self._pattern.search(address)
        return int(match[1]) // self._block if match else None


class OwnMails:
    """A mailbox without the mails that go to other workers of the run alone.

    A mail to a stranger stays: whoever sees it has found a fault.
    """

    def __init__(self, mailbox: Mailbox, addresses: Addresses, worker: int) -> None:
        self.url = mailbox.url
        self._mailbox = mailbox
        self._addresses = addresses
        self._worker = worker

    def arrived(self) -> Sequence[MailMessage]:
        return [mail for mail in self._mailbox.arrived() if self._concerns(mail)]

    def close(self) -> None:
        self._mailbox.close()

    def _concerns(self, mail: MailMessage) -> bool:
        workers = {self._addresses.worker(address) for address in mail.to}
        return not workers or None in workers or self._worker in workers


class HandedOn:
    """Mails that another process receives and hands on, since only one can listen on a port."""

    def __init__(self, url: str, mails: "SimpleQueue[MailMessage]") -> None:
        self.url = url
        self._mails = mails

    def arrived(self) -> Sequence[MailMessage]:
        found = []
        while True:
            try:
                found.append(self._mails.get_nowait())
            except Empty:
                return found

    def close(self) -> None:
        """The process that listens stops it."""
