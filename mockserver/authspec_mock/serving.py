"""Runs the application under uvicorn, up at once and down at once."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable, Generator
from email.utils import formatdate
from typing import Any

from authspec_mock import light_uvicorn
from authspec_mock.app import MockApp
from authspec_mock.gathering import gathering

light_uvicorn.prepare()

from uvicorn.config import Config  # noqa: E402
from uvicorn.server import Server  # noqa: E402

light_uvicorn.name(Config, Server)

# without a handler, Python prints uvicorn's warnings of broken requests into the tests' output
logging.getLogger("uvicorn").addHandler(logging.NullHandler())

_PATIENCE = 0.25
"""Seconds that calls in the middle of an answer get when the server stops."""


class QuickServer(Server):
    """uvicorn's server without its two ticks of 0.1 s, and without its hands on the signals.

    Overrides `capture_signals`, `main_loop` and `shutdown` (uvicorn/server.py 0.38 to 0.54):
    stock, a stop takes 0.2 s, and SIGTERM is raised again so that the process dies by it.
    """

    def __init__(self, app: MockApp, on_started: Callable[[], object] = bool) -> None:
        super().__init__(
            Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=75,
            )
        )
        self.app = app
        self.loop: asyncio.AbstractEventLoop | None = None
        self._on_started = on_started
        self._stop: asyncio.Event

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._stop = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self._date()
        self.config.http_protocol_class = gathering(self.config.http_protocol_class)
        await super().startup(sockets)
        self._on_started()

    async def main_loop(self) -> None:
        while not self.should_exit:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), 1.0)
            self._date()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        self.app.close()
        state = self.server_state
        deadline = time.monotonic() + _PATIENCE
        while (state.connections or state.tasks) and time.monotonic() < deadline:
            for connection in list(state.connections):
                connection.shutdown()
            await asyncio.sleep(0.001 if state.tasks else 0)
        for connection in list(state.connections):
            transport: Any = connection.transport
            transport.abort()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.sleep(0)

    def stop(self) -> None:
        """Ends `main_loop`; from the loop's own thread."""
        self.should_exit = True
        self._stop.set()

    def stop_soon(self) -> None:
        """Ends `main_loop`; from any thread."""
        if self.loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self.loop.call_soon_threadsafe(self.stop)

    def _date(self) -> None:
        now = formatdate(time.time(), usegmt=True).encode()
        self.server_state.default_headers = [(b"date", now)]
