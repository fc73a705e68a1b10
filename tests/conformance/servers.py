"""Small loopback servers that behave in one way each: answer, redirect, hang, drip, drop."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = bytes | Callable[[socket.socket], None] | Sequence[bytes]
"""What every request gets; or what the first, the second… get, the last one again and again."""


@dataclass
class Server:
    """A running one."""

    url: str
    requests: list[str] = field(default_factory=list)
    """The heads and bodies that came, as text."""


def http(
    status: int, body: str = "", *, kind: str = "application/json", more: Sequence[str] = ()
) -> bytes:
    """One whole answer, after which the connection is closed."""
    raw = body.encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(raw)}", "Connection: close"]
    if body:
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join([*lines, *more, "", ""]).encode() + raw


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """A server in threads of this process."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}")
    closing = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            server.requests.append(_read(connection))
            if callable(answer):
                answer(connection)
            elif isinstance(answer, bytes):
                connection.sendall(answer)
            else:
                connection.sendall(answer[min(len(server.requests), len(answer)) - 1])

    def accept() -> None:
        while not closing.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(20)
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        closing.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _read(connection: socket.socket) -> str:
    """One request: its head, and the body that its Content-Length names."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data.decode("latin-1")
        data += piece
        if data.startswith(b"\x16"):
            return "a TLS handshake"
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return (head + b"\r\n\r\n" + body).decode("latin-1")


def hang(connection: socket.socket) -> None:
    """Says nothing until the other side gives up."""
    connection.recv(1)


def drop(connection: socket.socket) -> None:
    """Closes the connection without a word."""


def drip(connection: socket.socket) -> None:
    """Sends a body without an end, a byte at a time."""
    connection.sendall(b"HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\n\r\n{")
    pause = threading.Event()
    while not pause.wait(0.05):
        connection.sendall(b" ")


def drip_head(connection: socket.socket) -> None:
    """Sends a header without an end, a byte at a time."""
    connection.sendall(b"HTTP/1.1 400 Bad\r\nX-Long: ")
    pause = threading.Event()
    while not pause.wait(0.05):
        connection.sendall(b"x")


CUT_OFF = b'HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a"'
