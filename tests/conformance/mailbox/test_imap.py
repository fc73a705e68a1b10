"""`imap://`: a real mailbox, read without marking its mails as seen."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from authspec_conformance.mailbox.imap import ImapMailbox
from authspec_contract.errors import TargetError

RAW = b"To: ada@example.com\r\nSubject: %s\r\n\r\nhello\r\n"


class Imap:
    """As much of an IMAP server (RFC 3501) as a reader by UID needs."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.commands: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def deliver(self, uid: int, subject: str) -> None:
        self.mails[uid] = RAW % subject.encode()

    def url(self, user: str = "ada:pa55word", folder: str = "INBOX") -> str:
        return f"imap://{user}@127.0.0.1:{self.port}/{folder}"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream, suppress(OSError):
            stream.write(b"* OK ready\r\n")
            stream.flush()
            for line in stream:
                tag, _, command = line.decode().strip().partition(" ")
                self.commands.append(command)
                for answer in self._answer(command):
                    stream.write(answer)
                done = "NO" if self._refused(command) else "OK"
                stream.write(f"{tag} {done} that is it\r\n".encode())
                stream.flush()
                if command == "LOGOUT":
                    return

    def _refused(self, command: str) -> bool:
        if command.startswith("LOGIN"):
            return command != 'LOGIN ada "pa55word"'
        return command.startswith(("SELECT", "EXAMINE")) and '"INBOX"' not in command

    def _answer(self, command: str) -> Iterator[bytes]:
        if command == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif command.startswith("EXAMINE") and not self._refused(command):
            yield f"* {len(self.mails)} EXISTS\r\n".encode()
        elif match := re.fullmatch(r"UID SEARCH UID (\d+):\*", command):
            # RFC 3501 §6.4.8: `n:*` always names the last mail
            last = max(self.mails, default=0)
            found = [uid for uid in self.mails if uid >= int(match[1]) or uid == last]
            yield ("* SEARCH " + " ".join(map(str, found))).strip().encode() + b"\r\n"
        elif match := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]\)", command):
            raw = self.mails.get(int(match[1]))
            if raw is not None:
                yield (
                    f"* 1 FETCH (UID {match[1]} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
                )
        elif command == "LOGOUT":
            yield b"* BYE\r\n"


@pytest.fixture
def imap() -> Iterator[Imap]:
    server = Imap()
    yield server
    server.close()


def test_mails_that_came_since_the_start_are_given_once_in_order(imap):
    imap.deliver(3, "old")
    box = ImapMailbox(imap.url())
    assert box.arrived() == []
    imap.deliver(7, "one")
    imap.deliver(9, "two")
    assert [mail.subject for mail in box.arrived()] == ["one", "two"]
    assert box.arrived() == []
    box.close()
    assert imap.commands[-1] == "LOGOUT"


def test_an_empty_mailbox_is_one(imap):
    box = ImapMailbox(imap.url())
    imap.deliver(1, "first")
    assert [mail.subject for mail in box.arrived()] == ["first"]
    box.close()


def test_no_mail_is_marked_as_seen(imap):
    box = ImapMailbox(imap.url())
    imap.deliver(1, "first")
    box.arrived()
    box.close()
    assert not [command for command in imap.commands if command.startswith("SELECT")]
    assert not [c for c in imap.commands if "FETCH" in c and "PEEK" not in c]


def test_user_and_password_may_be_quoted_and_are_not_shown(imap):
    box = ImapMailbox(imap.url("ada:pa5%35word"))
    assert box.url == f"imap://127.0.0.1:{imap.port}/INBOX"
    box.close()


@pytest.mark.parametrize(
    ("user", "folder", "said"),
    [("ada:wrong-one", "INBOX", "that is it"), ("ada:pa55word", "Nope", "no folder 'Nope'")],
)
def test_a_wrong_password_or_folder_is_said_in_one_sentence(imap, user, folder, said):
    with pytest.raises(TargetError) as caught:
        ImapMailbox(imap.url(user, folder))
    assert said in str(caught.value)
    assert "wrong-one" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_not_there_or_speaks_otherwise_is_said(serve, monkeypatch):
    monkeypatch.setattr("authspec_conformance.mailbox.imap._PATIENCE", 0.2)
    with pytest.raises(TargetError, match="Connection refused"):
        ImapMailbox("imap://ada:x@127.0.0.1:9/")
    port = serve(b"HTTP/1.1 400 Bad\r\n\r\n").url.rpartition(":")[2]
    with pytest.raises(TargetError, match="cannot be read"):
        ImapMailbox(f"imap://ada:x@127.0.0.1:{port}/")


def test_the_port_of_a_secure_one_is_993():
    with pytest.raises(TargetError, match=r"imaps://127\.0\.0\.1:993/INBOX"):
        ImapMailbox("imaps://ada:x@127.0.0.1/")


def test_a_server_that_goes_away_is_said(imap):
    box = ImapMailbox(imap.url())
    box._imap.shutdown()
    with pytest.raises(TargetError, match="cannot be read"):
        box.arrived()
    box.close()
