"""Hands every mail of the outbox on to an SMTP server, such as a team's own Mailpit."""

import logging
import queue
import smtplib
import threading

from authspec_mock.core.wire import Mail
from authspec_mock.mail_file import mail_file

logger = logging.getLogger("authspec_mock")

BACKLOG = 1000
_TIMEOUT = 10.0


class Relay:
    """One thread that sends in order; a server that is down costs mails, never a request."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._sent = 0
        self._queue: queue.Queue[Mail | None] = queue.Queue(BACKLOG)
        self._thread = threading.Thread(target=self._work, name="authspec-relay", daemon=True)
        self._thread.start()

    def send(self, mail: Mail) -> None:
        """Puts the mail into the queue; a full one loses it, and says so."""
        try:
            self._queue.put_nowait(mail)
        except queue.Full:
            logger.warning("The relay's queue is full; a mail to %s is lost.", ", ".join(mail.to))

    def close(self) -> None:
        """Sends what is left, for a moment at most."""
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(0.2)

    def _work(self) -> None:
        while (mail := self._queue.get()) is not None:
            self._sent += 1
            try:
                self._deliver(mail)
            except (OSError, smtplib.SMTPException) as error:
                host, port = self._address
                logger.warning("The relay %s:%s did not take a mail: %s", host, port, error)

    def _deliver(self, mail: Mail) -> None:
        with smtplib.SMTP(*self._address, timeout=_TIMEOUT, local_hostname="localhost") as smtp:
            smtp.sendmail(mail.from_, list(mail.to), mail_file(mail, self._sent))
