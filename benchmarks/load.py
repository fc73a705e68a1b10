"""A load generator: keep-alive connections that each send the next request after an answer."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Source = Callable[[], bytes]


@dataclass
class Load:
    """What a hit came to."""

    seconds: float
    answers: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    errors: int = 0
    cpu: float = 0.0
    """Seconds of processor time that the server used meanwhile."""

    @property
    def cost(self) -> float:
        """Microseconds of processor time per answer."""
        return self.cpu / self.answers * 1e6

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, source: Source, load: Load, left: list[float]) -> None:
        self._source = source
        self._load = load
        self._left = left
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._source())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        self._buffer = b""
        status = int(head[9:12])
        self._load.answers += 1
        self._load.statuses[status] = self._load.statuses.get(status, 0) + 1
        self._left[1] -= 1
        if time.perf_counter() < self._left[0] and self._left[1] > 0:
            self._transport.write(self._source())
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None or self._buffer:
            self._load.errors += 1
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at < 0:
        return 0
    return int(lowered[at + 15 :].split(b"\r\n", 1)[0])


def hit(
    port: int,
    source: Source,
    *,
    seconds: float = 2.0,
    connections: int = 16,
    requests: float = float("inf"),
) -> Load:
    """Loads the server on that port for that long, or with that many requests."""
    return asyncio.run(_hit(port, source, seconds, connections, requests))


async def _hit(
    port: int, source: Source, seconds: float, connections: int, requests: float
) -> Load:
    loop = asyncio.get_running_loop()
    load = Load(0.0)
    start = time.perf_counter()
    left = [start + seconds, requests]
    clients = []
    for _ in range(connections):
        _, client = await loop.create_connection(
            lambda: _Client(source, load, left), "127.0.0.1", port
        )
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    load.seconds = time.perf_counter() - start
    return load


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: */*"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
