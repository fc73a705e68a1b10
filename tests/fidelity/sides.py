"""The two that are compared: a real Djoser over HTTP, and the mock, its core alone or as a server."""

import email
import email.message
import email.policy
import http.client
import os
import random
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote_to_bytes

from authspec_contract.profile import Profile
from authspec_mock import MockServer
from authspec_mock.core.wire import Mail, Request, Response
from authspec_mock.core.world import World

from ..deployment.server import RealDjoser
from .memory import Memory
from .step import Answer, SeenMail, Step

HOST = "api.example.com"
_SECONDS = 20


class Side(Protocol):
    """One of the two."""

    memory: Memory

    def send(self, step: Step) -> Answer: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...


class Mock(Side, Protocol):
    """The mock, whose clock is told."""

    now: float


class Connection:
    """One connection to a server, kept alive; what goes over it is as the step has it."""

    def __init__(self, url: str) -> None:
        self._address = url.removeprefix("http://")
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def send(
        self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None
    ) -> Answer:
        """The answer, without its mails."""
        for attempt in (1, 2):
            connection = self._connection or self._connect()
            try:
                connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
                for name, value in _with_length(headers, body):
                    connection.putheader(name, value.encode("utf-8", "surrogatepass"))
                connection.endheaders(body)
                response = connection.getresponse()
                content = response.read()
            except (ConnectionError, http.client.RemoteDisconnected):
                self._connection = None
                if attempt == 2:
                    raise
                continue
            if response.will_close:
                connection.close()
                self._connection = None
            date = response.getheader("Date")
            return Answer(
                response.status,
                tuple(response.getheaders()),
                content,
                date=parsedate_to_datetime(date).timestamp() if date else None,
            )
        raise AssertionError("unreachable")

    def _connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self._address, timeout=_SECONDS)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        return connection


class RealSide:
    """A running real Djoser with a folder of mails; one connection, kept alive."""

    def __init__(self, real: RealDjoser) -> None:
        self._real = real
        self._connection = Connection(real.url)
        self._tables = [
            row["name"]
            for row in real.query("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not row["name"].startswith(("sqlite_", "django_content", "auth_permission"))
        ]
        self.memory = Memory(real.profile)

    def reset(self) -> None:
        """Back to no accounts, ids from 1."""
        deletions = [f"DELETE FROM {name};" for name in (*self._tables, "sqlite_sequence")]
        self._real.execute_all("PRAGMA synchronous=OFF; BEGIN; " + " ".join(deletions) + " COMMIT;")
        self._real.clear_cache()
        self._mails()
        self.memory = Memory(self._real.profile)

    def send(self, step: Step) -> Answer:
        if step.admin is not None:
            flag, login, value = step.admin
            field = self._real.profile.user.login_field
            self._real.execute(
                f"UPDATE {self._real.user_table} SET {flag} = ? WHERE {field} = ?", (value, login)
            )
            return Answer(0)
        path, headers, body = self.memory.request(step)
        answer = self._connection.send(step.method, path, headers, body)
        answer = replace(answer, mails=tuple(self._mails()))
        self.memory.learn(answer)
        return answer

    def close(self) -> None:
        self._connection.close()

    def _mails(self) -> list[SeenMail]:
        """The mails since the last call; Django has written them before it answers."""
        found = []
        for entry in sorted(os.scandir(self._real.mail_dir), key=lambda e: e.stat().st_mtime_ns):
            found += read_mails(Path(entry.path).read_bytes())
            os.unlink(entry.path)
        return found


class MockSide:
    """The mock's core, on the clock of the real one."""

    def __init__(self, profile: Profile, seed: int = 0) -> None:
        self._profile = profile
        self._seed = seed
        self.now = 1_700_000_000.0
        self.memory = Memory(profile)
        self._world = self._new_world()

    def reset(self) -> None:
        self._world = self._new_world()
        self.memory = Memory(self._profile)

    def send(self, step: Step) -> Answer:
        if step.admin is not None:
            flag, login, value = step.admin
            if self._world.accounts.with_login(login) is not None:
                change: Callable[..., object] = self._world.put_user
                change(login, **{flag: value})
            return Answer(0)
        path, headers, body = self.memory.request(step)
        response, mails = self._world.handle(_as_request(step.method, path, headers, body))
        answer = _as_answer(response, mails)
        self.memory.learn(answer)
        return answer

    def close(self) -> None:
        pass

    def _new_world(self) -> World:
        return World(
            self._profile,
            clock=lambda: self.now,
            random=random.Random(self._seed),
            secret="a secret of the comparison",
        )


class FaceSide:
    """The mock as a server, over HTTP as its users have it."""

    def __init__(self, profile: Profile, seed: int = 0) -> None:
        self._profile = profile
        self.now = 1_700_000_000.0
        self.memory = Memory(profile)
        self._server = MockServer(profile, seed=seed, allow_hosts=[HOST])
        self._server.start()
        self._connection = Connection(self._server.url)
        self._last = 0

    def reset(self) -> None:
        self._server.reset()
        self._last = self._server.outbox.last_id
        self.memory = Memory(self._profile)

    def send(self, step: Step) -> Answer:
        if step.admin is not None:
            flag, login, value = step.admin
            change: Callable[..., object] = self._server.put_user
            names = {user[self._profile.user.login_field] for user in self._server.users()}
            if login in names:
                change(login, **{flag: value})
            return Answer(0)
        self._server.call(lambda world: world.clock.freeze(self.now))
        path, headers, body = self.memory.request(step)
        answer = self._connection.send(step.method, path, headers, body)
        mails = [message.mail for message in self._server.outbox.messages(after=self._last)]
        self._last = self._server.outbox.last_id
        answer = replace(answer, mails=tuple(_seen(mail) for mail in mails))
        self.memory.learn(answer)
        return answer

    def close(self) -> None:
        self._connection.close()
        self._server.stop()


def read_mails(raw: bytes) -> list[SeenMail]:
    """The mails in a file that Django's file backend wrote."""
    parts = re.split(rb"(?m)^-{79}\n", raw)
    return [_as_mail(part) for part in parts if part.strip()]


def _as_mail(raw: bytes) -> SeenMail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    texts = {"text/plain": "", "text/html": ""}
    for part in message.walk():
        if part.get_content_type() in texts:
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            texts[part.get_content_type()] = payload.decode(part.get_content_charset() or "utf-8")
    return SeenMail(
        to=tuple(_address(text.strip()) for text in str(message["To"] or "").split(",")),
        from_=str(message["From"]),
        subject=str(message["Subject"]),
        text=texts["text/plain"].strip(),
        html=texts["text/html"].strip(),
    )


def _address(text: str) -> str:
    """The address as the account has it: Django writes its domain in Punycode into the header."""
    local, at, domain = text.rpartition("@")
    return local + at + (domain.encode().decode("idna") if "xn--" in domain else domain)


def _with_length(headers: list[tuple[str, str]], body: bytes | None) -> list[tuple[str, str]]:
    whole = [("Host", HOST)] if not any(name.lower() == "host" for name, _ in headers) else []
    whole += headers
    if body is not None:
        whole.append(("Content-Length", str(len(body))))
    return whole


def _as_request(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes | None
) -> Request:
    path, _, query = target.partition("?")
    joined: dict[str, str] = {}
    for name, value in _with_length(headers, body):
        key = name.lower()
        # WSGI hands headers on as Latin-1
        text = value.encode("utf-8", "surrogatepass").decode("latin-1")
        joined[key] = f"{joined[key]},{text}" if key in joined else text
    return Request(
        method, unquote_to_bytes(path).decode("utf-8", "replace"), query, joined, body or b""
    )


def _as_answer(response: Response, mails: tuple[Mail, ...]) -> Answer:
    return Answer(
        response.status, response.headers, response.body, tuple(_seen(mail) for mail in mails)
    )


def _seen(mail: Mail) -> SeenMail:
    return SeenMail(mail.to, mail.from_, mail.subject, mail.text.strip(), mail.html.strip())
