"""Sends the head and the body of an answer in one write: a system call less per request."""

import asyncio
from typing import Any


class GatheringTransport:
    """A transport whose writes wait for the end of the loop's turn; all else is the inner one's.

    uvicorn writes an answer's head and body one after the other in the same turn
    (uvicorn/protocols/http/httptools_impl.py and h11_impl.py, 0.38 to 0.54).
    """

    __slots__ = ("_inner", "_later", "_parts")

    def __init__(self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = inner
        self._later = loop.call_soon
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._later(self.flush)
        self._parts.append(data)

    def flush(self) -> None:
        """Writes what waits."""
        parts = self._parts
        if parts:
            self._parts = []
            self._inner.write(parts[0] if len(parts) == 1 else b"".join(parts))

    def close(self) -> None:
        self.flush()
        self._inner.close()

    def abort(self) -> None:
        self._parts = []
        self._inner.abort()

    def is_closing(self) -> bool:
        return self._inner.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def gathering(protocol: type[asyncio.Protocol]) -> type[asyncio.Protocol]:
    """uvicorn's protocol for HTTP, on such a transport."""

    class Gathering(protocol):  # type: ignore[valid-type, misc]
        def connection_made(self, transport: asyncio.Transport) -> None:
            loop = asyncio.get_running_loop()
            super().connection_made(GatheringTransport(transport, loop))

    return Gathering
