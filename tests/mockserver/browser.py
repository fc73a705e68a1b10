"""Drives headless Chromium over its debugging pipe: open a page, run a script in it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-pipe",
)  # fmt: skip


_PIPED = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads commands from descriptor 3 and writes answers to 4."""


def chromium() -> str | None:
    """The browser's command, where there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One page; the commands are those of the Chrome DevTools protocol."""

    def __init__(self, to: int, back: int) -> None:
        self._to = to
        self._back = back
        self._buffer = b""
        self._last = 0
        self._session: str | None = None

    def open(self, url: str) -> None:
        self._session = None
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._call("Page.navigate", url=url)

    def narrow(self, width: int) -> None:
        """Makes the page's screen that many pixels wide."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=800, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise's when it has come."""
        answer = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def until(self, script: str, *, seconds: float = 10.0) -> Any:
        """The value of the expression as soon as it is true."""
        deadline = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, f"never true: {script}"
        return value

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._last += 1
        command: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self._session is not None:
            command["sessionId"] = self._session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._last:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._back, 65536)
            assert part, "Chromium has ended"
            self._buffer += part
        raw, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        return message


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Chromium with a profile of its own in that folder; ended at the end."""
    command = chromium()
    assert command is not None
    commands_out, commands_in = os.pipe()
    answers_out, answers_in = os.pipe()
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", _PIPED, str(commands_out), str(answers_in)),
            *(command, *FLAGS, f"--user-data-dir={folder}"),
        ],
        pass_fds=(commands_out, answers_in),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(commands_out)
    os.close(answers_in)
    try:
        yield Browser(commands_in, answers_out)
    finally:
        os.close(commands_in)
        process.terminate()
        process.wait(10)
        os.close(answers_out)
