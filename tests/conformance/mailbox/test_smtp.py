"""`smtp://`: the suite is the server that the target sends to."""

import smtplib
import socket
from collections.abc import Iterator

import pytest

from authspec_conformance.mailbox.smtp import SmtpMailbox
from authspec_contract.errors import TargetError


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def box() -> Iterator[SmtpMailbox]:
    mailbox = SmtpMailbox("127.0.0.1", free_port())
    yield mailbox
    mailbox.close()


def send(box: SmtpMailbox, *recipients: str, subject: str = "Hi", body: str = "hello") -> None:
    host, _, port = box.url.removeprefix("smtp://").partition(":")
    text = f"Subject: {subject}\r\nTo: ada@example.com\r\nFrom: a@b.c\r\n\r\n{body}\r\n"
    with smtplib.SMTP(host, int(port), timeout=5) as smtp:
        smtp.sendmail("a@b.c", recipients, text.encode())


def test_a_mail_is_there_when_the_sender_has_its_answer(box):
    send(box, "ada@example.com", subject="one")
    send(box, "ada@example.com", subject="two")
    mails = box.arrived()
    assert [mail.subject for mail in mails] == ["one", "two"]
    assert len({mail.id for mail in mails}) == 2
    assert box.arrived() == []


def test_hidden_recipients_are_seen(box):
    send(box, "ada@example.com", "hidden@example.com")
    assert box.arrived()[0].to == ("ada@example.com", "hidden@example.com")


def test_a_text_that_is_not_ascii_comes_through(box):
    send(box, "ada@example.com", body="Grüße, \u202e")
    assert len(box.arrived()) == 1


def test_a_mail_of_broken_addresses_is_taken(box):
    send(box, "ada@example.com", subject="0@\r\nTo: 0@")
    assert len(box.arrived()) == 1


def test_a_port_in_use_is_said_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(TargetError, match=rf"smtp://127.0.0.1:{port} cannot listen .*in use"):
            SmtpMailbox("127.0.0.1", port)


def test_a_host_that_is_not_this_machine_is_said_in_one_sentence():
    with pytest.raises(TargetError, match="cannot listen"):
        SmtpMailbox("no-such-host.invalid", free_port())
    with pytest.raises(TargetError, match="cannot listen"):
        SmtpMailbox("192.0.2.1", free_port())


def test_after_its_end_the_port_is_free_again():
    port = free_port()
    for _ in range(2):
        SmtpMailbox("127.0.0.1", port).close()
