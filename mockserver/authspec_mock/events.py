"""What happens in one world, told to whoever listens, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

BACKLOG = 200
KEEPALIVE = 15.0


class Events:
    """The listeners of one world; each has a bounded queue, and a slow one loses the oldest."""

    def __init__(self) -> None:
        self.listeners: set[asyncio.Queue[bytes | None]] = set()

    def publish(self, name: str, data: Callable[[], Any]) -> None:
        """Tells every listener; the value is made only where there is one."""
        if not self.listeners:
            return
        frame = _frame(name, data())
        for queue in self.listeners:
            _put(queue, frame)

    async def listen(self) -> AsyncIterator[bytes]:
        """The events as they come, until the listener goes or `close` is called."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=BACKLOG)
        self.listeners.add(queue)
        try:
            yield b": listening\n\n"
            while True:
                try:
                    frame = await asyncio.wait_for(queue.get(), KEEPALIVE)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if frame is None:
                    return
                yield frame
        finally:
            self.listeners.discard(queue)

    def close(self) -> None:
        """Ends every stream."""
        for queue in self.listeners:
            _put(queue, None)


def _put(queue: asyncio.Queue[bytes | None], frame: bytes | None) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(frame)


def _frame(name: str, data: Any) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode("utf-8", "replace")
