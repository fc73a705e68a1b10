"""Starts the servers that are measured, asks whether they answer, and ends them."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""With compiled modules, as an installed package has them."""


def write_json(path: Path | None, name: str, numbers: object) -> None:
    """Puts the numbers of one measurement beside the others in the file."""
    if path is None:
        return
    held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    path.write_text(json.dumps({**held, name: numbers}, indent=2) + "\n", encoding="utf-8")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        assert isinstance(port, int)
        return port


def bare(port: int) -> list[str]:
    return [sys.executable, str(HERE / "bare.py"), str(port)]


def mock(port: int) -> list[str]:
    start = "from authspec_conformance.cli import console; console()"
    return [sys.executable, "-c", start, "mock", "--port", str(port)]


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The process; ended at the end, and killed if it does not end."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def first_answer(port: int, path: str, *, deadline: float = 30.0) -> bool:
    """Asks until the server answers 200; whether it did in time."""
    end = time.perf_counter() + deadline
    while time.perf_counter() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return True
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.001)
    return False


def cpu_seconds(pid: int) -> float:
    """How long the process has used a processor: steadier than the clock on a busy machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """The resident memory of a process, where /proc tells."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
