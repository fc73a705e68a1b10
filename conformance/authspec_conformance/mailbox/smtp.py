"""`smtp://HOST:PORT`: the suite listens itself, as the SMTP server that the target sends to."""

import os
import socket
from collections.abc import Sequence
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

from authspec_conformance.mailbox.message import MailMessage, parse_message
from authspec_contract.errors import TargetError


class SmtpMailbox:
    """An SMTP server in a thread (aiosmtpd) that keeps what it is sent."""

    def __init__(self, host: str, port: int) -> None:
        from aiosmtpd.controller import Controller  # late: costs 60 ms that other mailboxes spare

        self.url = f"smtp://{host}:{port}"
        self._queue: SimpleQueue[MailMessage] = SimpleQueue()
        self._ids = count(1)
        self._controller = Controller(self, hostname=host, port=port, data_size_limit=5_000_000)
        try:
            _try_to_listen(host, port)
            self._controller.start()
        except (OSError, TimeoutError) as error:
            self._controller.loop.close()  # aiosmtpd/controller.py 1.4.6 leaves it open then
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise TargetError(
                f"The mailbox {self.url} cannot listen ({reason}); free the port or give another one."
            ) from None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """aiosmtpd's hook for one mail."""
        raw = envelope.content if isinstance(envelope.content, bytes) else envelope.content.encode()
        self._queue.put(
            parse_message(raw, id_=f"smtp-{next(self._ids)}", envelope=envelope.rcpt_tos)
        )
        return "250 Message accepted"

    def arrived(self) -> Sequence[MailMessage]:
        mails = []
        while True:
            try:
                mails.append(self._queue.get_nowait())
            except Empty:
                return mails

    def close(self) -> None:
        self._controller.stop()


def _try_to_listen(host: str, port: int) -> None:
    """Raises OSError at once; aiosmtpd says the same only after five seconds."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
