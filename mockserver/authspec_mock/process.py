"""The mock as a process: says where it is when it accepts requests, and ends cleanly when told to."""

import asyncio
import gc
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from authspec_contract.errors import UsageError
from authspec_mock.options import Options

URL_VARIABLE = "AUTHSPEC_MOCK_URL"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Ready:
    """Where a mock is that accepts requests."""

    url: str
    port: int
    profile: str

    def line(self, *, as_json: bool) -> str:
        """The one line that tells it."""
        if not as_json:
            return f"authspec mock, profile {self.profile}: {self.url} (inbox: {self.url}/)"
        return json.dumps(
            {
                "url": self.url,
                "inbox": f"{self.url}/",
                "port": self.port,
                "pid": os.getpid(),
                "profile": self.profile,
            }
        )


def serve(options: Options, port: int, *, port_file: Path | None, as_json: bool) -> int:
    """Serves until SIGINT or SIGTERM. Raises UsageError before it listens."""
    from authspec_mock.app import MockApp
    from authspec_mock.server import shown_host
    from authspec_mock.serving import QuickServer
    from authspec_mock.sockets import bind

    _quiet_logs()
    _prepare(port_file)
    sockets = bind(options.host, port)
    app = MockApp(options)
    bound = sockets[0].getsockname()[1]
    ready = Ready(
        f"http://{shown_host(options.host)}:{bound}", bound, app.worlds.default.profile.name
    )

    def tell() -> None:
        # modules and classes stay to the end: without them, collecting the garbage that requests
        # and forgotten worlds leave is cheap, and Python does it sooner
        gc.freeze()
        _on_signals(server.stop)
        _announce(ready, port_file, as_json=as_json)

    server = QuickServer(app, on_started=tell)
    server.run(sockets)
    return 0


def stop_cleanly_from_now_on() -> None:
    """Before the loop runs there is nothing to stop: the signals just end the process, with 0."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(0)

    for number in _SIGNALS:
        signal.signal(number, leave)


def run_beside(options: Options, port: int, command: list[str], *, port_file: Path | None) -> int:
    """Runs the command with the mock's URL in its environment; its exit code. Raises UsageError."""
    from authspec_mock.server import MockServer

    if not command:
        raise UsageError("--exec lacks a command; give it such as --exec -- npm test.")
    _quiet_logs()
    _prepare(port_file)
    server = MockServer.of(options, port)
    with server:
        ready = Ready(server.url, server.port, server.profile.name)
        _write_port(ready, port_file)
        print(ready.line(as_json=False), file=sys.stderr, flush=True)
        return _ran(command, server.url)


def _ran(command: list[str], url: str) -> int:
    try:
        child = subprocess.Popen(command, env={**os.environ, URL_VARIABLE: url})
    except OSError as error:
        raise UsageError(f"--exec cannot run {command[0]!r}: {error.strerror}.") from None

    def pass_on(number: int, frame: FrameType | None) -> None:
        # a terminal sends SIGINT to both; twice would end what is only tidying up
        if number != signal.SIGINT:
            child.send_signal(number)

    for number in _SIGNALS:
        signal.signal(number, pass_on)
    code = child.wait()
    return 128 - code if code < 0 else code


def _announce(ready: Ready, port_file: Path | None, *, as_json: bool) -> None:
    _write_port(ready, port_file)
    try:
        print(ready.line(as_json=as_json), flush=True)
    except BrokenPipeError:  # nobody reads; the mock serves all the same
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115


def _prepare(port_file: Path | None) -> None:
    """Removes an old port file: whoever waits for it must not find yesterday's port."""
    if port_file is None:
        return
    try:
        port_file.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"--port-file {port_file} cannot be written: {error.strerror}.") from None
    if not port_file.absolute().parent.is_dir():
        raise UsageError(f"--port-file {port_file}: its folder does not exist.")


def _write_port(ready: Ready, port_file: Path | None) -> None:
    """Whole or not at all, for whoever waits for the file."""
    if port_file is None:
        return
    part = port_file.with_name(f"{port_file.name}.{os.getpid()}")
    try:
        part.write_text(f"{ready.port}\n", encoding="ascii")
        part.replace(port_file)
    except OSError as error:
        raise UsageError(f"--port-file {port_file} cannot be written: {error.strerror}.") from None


def _on_signals(stop: Callable[[], Any]) -> None:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


def _quiet_logs() -> None:
    """Warnings of ours as plain lines; of uvicorn's only errors: it reports every broken request."""
    logging.basicConfig(level=logging.WARNING, format="authspec mock: %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
