"""`--smtp`: every mail is handed on to a mail server too."""

import threading

import requests
from aiosmtpd.controller import Controller

from authspec_mock.server import MockServer
from authspec_mock.sockets import bind

from .conftest import sign_up


class Inbox:
    """Keeps the mails that an SMTP server gets."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []
        self.arrived = threading.Event()

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.mails.append((list(envelope.rcpt_tos), envelope.content))  # type: ignore[attr-defined]
        self.arrived.set()
        return "250 OK"


def free_port() -> int:
    sockets = bind("::1", 0)
    port = sockets[0].getsockname()[1]
    assert isinstance(port, int)
    for sock in sockets:
        sock.close()
    return port


def test_mails_are_relayed(http: requests.Session) -> None:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with MockServer(smtp=f"127.0.0.1:{controller.port}") as server:
            assert sign_up(http, server.url, "ada@example.com").status_code == 201
            token = server.outbox.wait().mail.token
            assert token is not None
            assert inbox.arrived.wait(5)
    finally:
        controller.stop()
    ((recipients, content),) = inbox.mails
    assert recipients == ["ada@example.com"]
    assert token.encode() in content


def test_a_server_that_is_down_disturbs_nobody(http: requests.Session) -> None:
    with MockServer(smtp=f"127.0.0.1:{free_port()}") as server:
        assert sign_up(http, server.url, "ada@example.com").status_code == 201
        assert len(server.outbox) == 1
