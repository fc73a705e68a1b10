"""Mail catchers behind HTTP: Mailpit as our mock speaks it, and the shapes that the others answer with."""

import json
import shutil
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from authspec_conformance.mailbox.mailpit import CatcherMailbox
from authspec_conformance.mailbox.message import MailMessage
from authspec_contract.errors import TargetError
from authspec_mock.server import WorldHandle
from tests.conformance.servers import hang, http

MAILDEV = Path(__file__).parents[2] / "node_modules" / "maildev" / "dist" / "bin" / "maildev.js"
RAW = "To: ada@example.com\r\nSubject: {}\r\n\r\nhttp://h/auth/activate/MQ/abc\r\n"


def sign_up(mock: WorldHandle, email: str) -> None:
    body = {"email": email, "password": "correct-horse-7", "re_password": "correct-horse-7"}
    assert requests.post(f"{mock.url}/auth/users/", json=body, timeout=5).status_code == 201


def arrived(box: CatcherMailbox, count: int) -> list[MailMessage]:
    """What came, once there are so many."""
    deadline, found = time.monotonic() + 10, list(box.arrived())
    while len(found) < count and time.monotonic() < deadline:
        found += box.arrived()
    return found


# --- Mailpit ----------------------------------------------------------------------------------


def test_mailpit_gives_the_mails_that_came_since_the_start_oldest_first(mock):
    sign_up(mock, "old@example.com")
    box = CatcherMailbox("mailpit", mock.url)
    sign_up(mock, "one@example.com")
    sign_up(mock, "two@example.com")
    mails = box.arrived()
    assert [mail.to for mail in mails] == [("one@example.com",), ("two@example.com",)]
    assert "/activate/" in mails[0].text
    assert box.arrived() == []
    box.close()


def test_mailpit_tells_hidden_recipients(serve):
    listing = {"messages": [{"ID": "x1", "Bcc": [{"Address": "hidden@example.com"}]}]}
    server = serve([http(200, '{"messages": []}'), http(200, json.dumps(listing)), http(200, RAW)])
    box = CatcherMailbox("mailpit", server.url)
    assert box.arrived()[0].to == ("ada@example.com", "hidden@example.com")
    assert server.requests[2].startswith("GET /api/v1/message/x1/raw ")


def test_user_and_password_of_the_url_go_with_each_call_and_are_not_shown(serve):
    server = serve(http(200, '{"messages": []}'))
    box = CatcherMailbox("mailpit", server.url.replace("://", "://ada:p%40ss@"))
    assert "ada" not in box.url
    assert "Authorization: Basic YWRhOnBAc3M=" in server.requests[0]


# --- MailDev ----------------------------------------------------------------------------------

MAILDEV_3 = [
    {
        "id": "wkojtl7p",
        "subject": "Hi",
        "to": [{"address": "ada@example.com", "name": ""}],
        "envelope": {"to": [{"address": "ada@example.com"}, {"address": "bcc@example.com"}]},
        "calculatedBcc": [{"address": "bcc@example.com", "name": ""}],
    }
]


def test_maildev_3_is_read(serve):
    server = serve([http(200, "[]"), http(200, json.dumps(MAILDEV_3)), http(200, RAW.format("Hi"))])
    box = CatcherMailbox("maildev", server.url)
    (mail,) = box.arrived()
    assert (mail.subject, mail.to) == ("Hi", ("ada@example.com", "bcc@example.com"))
    assert server.requests[2].startswith("GET /api/email/wkojtl7p/source ")


def test_maildev_2_is_read(serve):
    page, none = http(404, "<html>", kind="text/html"), http(200, "[]")
    server = serve([page, none, page, http(200, '[{"id": "x1"}]'), http(200, RAW.format("Hi"))])
    assert [mail.subject for mail in CatcherMailbox("maildev", server.url).arrived()] == ["Hi"]
    assert server.requests[4].startswith("GET /email/x1/source ")


@pytest.fixture
def maildev() -> Iterator[tuple[int, str]]:
    """A running MailDev: its SMTP port and the URL of its API."""
    if shutil.which("node") is None or not MAILDEV.exists():
        pytest.skip("MailDev is not here: npm ci --prefix tests (Node 20)")
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            ports.append(listener.getsockname()[1])
    command = ["node", str(MAILDEV), "--silent", "--ip", "127.0.0.1", "--web-ip", "127.0.0.1"]
    command += ["--smtp", str(ports[0]), "--web", str(ports[1])]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for port in ports:
                _wait_for(port, process)
            yield ports[0], f"http://127.0.0.1:{ports[1]}"
        finally:
            process.terminate()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("MailDev does not start")


def test_a_real_maildev_is_read_oldest_first(maildev):
    smtp_port, url = maildev

    def send(subject: str) -> None:
        with smtplib.SMTP("127.0.0.1", smtp_port, timeout=10) as smtp:
            smtp.sendmail("a@b.c", ["ada@example.com", "bcc@example.com"], RAW.format(subject))

    send("old")
    deadline = time.monotonic() + 10
    while not requests.get(f"{url}/api/email", timeout=5).json() and time.monotonic() < deadline:
        time.sleep(0.05)
    box = CatcherMailbox("maildev", url)
    for number in range(3):
        send(f"new {number}")
    mails = arrived(box, 3)
    assert [mail.subject for mail in mails] == ["new 0", "new 1", "new 2"]
    assert set(mails[0].to) == {"ada@example.com", "bcc@example.com"}
    assert "/activate/MQ/abc" in mails[0].text


# --- MailHog ----------------------------------------------------------------------------------


def test_mailhog_is_read(serve):
    def item(id_: str, subject: str) -> dict[str, object]:
        return {"ID": id_, "Raw": {"To": ["ada@example.com"], "Data": RAW.format(subject)}}

    before, both = {"items": []}, {"items": [item("2", "two"), item("1", "one")]}
    server = serve([http(200, json.dumps(before)), http(200, json.dumps(both))])
    box = CatcherMailbox("mailhog", server.url)
    assert [mail.subject for mail in box.arrived()] == ["one", "two"]
    assert box.arrived() == []


# --- what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mailpit", "maildev", "mailhog"])
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http(200, "<html>", kind="text/html"), "answers otherwise than"),
        (http(200, '{"error": "no"}'), "answers otherwise than"),
        (http(200, "[1]"), "answers otherwise than"),
        (http(404, "<html>", kind="text/html"), "(404 at"),
        (http(401, "no"), "(401 at"),
    ],
)
def test_another_program_in_its_place_is_said_in_one_sentence(serve, kind, answer, said):
    with pytest.raises(TargetError) as caught:
        CatcherMailbox(kind, serve(answer).url)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_in_its_place_is_said_in_one_sentence():
    with pytest.raises(TargetError, match=r"no connection at .*is Mailpit running there\?"):
        CatcherMailbox("mailpit", "http://127.0.0.1:9")


def test_a_catcher_that_hangs_is_said(serve, monkeypatch):
    monkeypatch.setattr("authspec_conformance.mailbox.mailpit._PATIENCE", 0.2)
    with pytest.raises(TargetError, match="no answer at"):
        CatcherMailbox("mailpit", serve(hang).url)


def test_a_mail_of_another_shape_is_said_when_it_comes(serve):
    server = serve([http(200, '{"items": []}'), http(200, '{"items": [{"ID": "1", "Raw": 3}]}')])
    box = CatcherMailbox("mailhog", server.url)
    with pytest.raises(TargetError, match="otherwise than MailHog's API"):
        box.arrived()
