"""The mock under load, beside a bare Starlette application and Prism, interleaved.

    python benchmarks/mock.py --rounds 7 --seconds 2 --prism path/to/prism --json mock.json

16 keep-alive connections. GET: `users/me/` with a JWT. POST: a registration with its mail.
"""

import argparse
import contextlib
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from load import Load, hit, request
from processes import (
    bare,
    cpu_seconds,
    first_answer,
    free_port,
    mock,
    resident_mib,
    running,
    write_json,
)

PASSWORD = "correct-horse-7"
GOALS = {
    "GET / bare": (0.75, float("inf")),
    "POST / bare": (0.5, float("inf")),
    "GET / Prism": (4.0, float("inf")),
    "POST / Prism": (2.5, float("inf")),
    "resident MiB": (0.0, 50.0),
    "start ms": (0.0, 10.0),
    "stop ms": (0.0, 10.0),
}
_numbers = itertools.count()


@dataclass(frozen=True)
class Server:
    """A server that runs, and what is asked of it."""

    name: str
    port: int
    pid: int
    get: Callable[[], bytes]
    post: Callable[[], bytes]


def registration() -> bytes:
    """A registration that nobody has sent before."""
    body = {"email": f"u{next(_numbers)}@example.com", "password": PASSWORD}
    return json.dumps({**body, "re_password": PASSWORD}).encode()


def posts(path: str) -> Callable[[], bytes]:
    return lambda: request("POST", path, registration())


def always(sent: bytes) -> Callable[[], bytes]:
    return lambda: sent


def asked(url: str, method: str = "GET", body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(call, timeout=10) as answer:
        return json.loads(answer.read())


@contextlib.contextmanager
def servers(prism: str | None) -> Iterator[list[Server]]:
    with contextlib.ExitStack() as stack:
        started = []
        for name, command_of, health in (
            ("bare", bare, "/auth/users/me/"),
            ("mock", mock, "/_mock/health"),
        ):
            port = free_port()
            process = stack.enter_context(running(command_of(port)))
            assert first_answer(port, health)
            get = request("GET", "/auth/users/me/")
            if name == "mock":
                url = f"http://127.0.0.1:{port}/_mock/users/ada@example.com"
                asked(url, "PUT", {"password": PASSWORD})
                tokens = asked(f"{url}/login", "POST", {})
                assert isinstance(tokens, dict)
                get = request("GET", "/auth/users/me/", Authorization=f"JWT {tokens['access']}")
            server = Server(name, port, process.pid, always(get), posts("/auth/users/"))
            started.append(server)
        if prism:
            started.append(stack.enter_context(prism_server(prism, started[1].port)))
        yield started


@contextlib.contextmanager
def prism_server(prism: str, mock_port: int) -> Iterator[Server]:
    """Prism as `prism mock` starts it, on the mock's own contract."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        contract = Path(folder) / "openapi.json"
        with urllib.request.urlopen(f"http://127.0.0.1:{mock_port}/openapi.json") as answer:
            contract.write_bytes(answer.read())
        with running([prism, "mock", "-p", str(port), str(contract)]) as process:
            deadline = time.monotonic() + 30
            get = request("GET", "/users/me/", Authorization="JWT abc")
            while time.monotonic() < deadline:
                with contextlib.suppress(OSError):
                    if 200 in hit(port, lambda: get, connections=1, requests=1).statuses:
                        break
                time.sleep(0.1)
            yield Server("Prism", port, process.pid, always(get), posts("/users/"))


def round_of(started: list[Server], seconds: float, first: int) -> dict[str, dict[str, Load]]:
    """One hit of each kind on each server, in a rotated order."""
    rotated = started[first % len(started) :] + started[: first % len(started)]
    return {
        server.name: {
            "GET": metered(server, server.get, seconds),
            "POST": metered(server, server.post, seconds),
        }
        for server in rotated
    }


def metered(server: Server, source: Callable[[], bytes], seconds: float) -> Load:
    """One hit, and the processor time that it cost the server."""
    before = cpu_seconds(server.pid)
    load = hit(server.port, source, seconds=seconds)
    load.cpu = cpu_seconds(server.pid) - before
    return load


def memory_after(server: Server, count: int) -> float:
    """Resident memory after that many mixed requests."""
    kinds = itertools.cycle([server.get, server.get, server.get, server.post])
    hit(server.port, lambda: next(kinds)(), seconds=120, requests=count)
    return resident_mib(server.pid)


def in_process(times: int = 20) -> tuple[list[float], list[float]]:
    """Milliseconds of starting and of stopping a `MockServer`, many times in one process."""
    script = (
        "import json, time\nfrom authspec_mock import MockServer\nup, down = [], []\n"
        f"for _ in range({times}):\n"
        "    a = time.perf_counter(); m = MockServer().start(); b = time.perf_counter()\n"
        "    m.stop(); c = time.perf_counter()\n"
        "    up.append((b - a) * 1000); down.append((c - b) * 1000)\n"
        "print(json.dumps([up, down]))"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    up, down = json.loads(output)
    return up, down


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--mixed", type=int, default=20_000)
    parser.add_argument(
        "--prism", default=shutil.which("prism"), help="its command: npm i @stoplight/prism-cli"
    )
    parser.add_argument("--json", type=Path)
    args, _ = parser.parse_known_args()  # `nox -s bench` gives all the same
    with servers(args.prism) as started:
        for server in started:  # warm
            round_of([server], 0.5, 0)
        rounds = [round_of(started, args.seconds, number) for number in range(args.rounds)]
        names = [server.name for server in started]
    with servers(None) as fresh:
        memory = memory_after(fresh[1], args.mixed)
    up, down = in_process()
    numbers = measured(rounds, names) | {
        "resident MiB": memory,
        "start ms": statistics.median(up),
        "stop ms": statistics.median(down),
        "first start ms": up[0],
    }
    show(rounds, names, numbers)
    write_json(args.json, "mock", numbers)
    return 0 if all(reached(name, value) for name, value in numbers.items()) else 1


def measured(rounds: list[dict[str, dict[str, Load]]], names: list[str]) -> dict[str, float]:
    """The ratios of the mock to the others: medians of the ratios inside each round."""
    return {
        f"{kind} / {name}": statistics.median(
            r["mock"][kind].rate / r[name][kind].rate for r in rounds
        )
        for kind in ("GET", "POST")
        for name in names
        if name != "mock"
    }


def reached(name: str, value: float) -> bool:
    low, high = GOALS.get(name, (0.0, float("inf")))
    return low <= value <= high


def show(
    rounds: list[dict[str, dict[str, Load]]], names: list[str], numbers: dict[str, float]
) -> None:
    print(f"{'requests/s, median (min-max), CPU':<34}{'GET':>34}{'POST':>34}")
    for name in names:
        cells = []
        for kind in ("GET", "POST"):
            rates = [r[name][kind].rate for r in rounds]
            median = statistics.median(rates)
            cost = statistics.median(r[name][kind].cost for r in rounds)
            cells.append(f"{median:,.0f} ({min(rates):,.0f}-{max(rates):,.0f}) {cost:4.0f} µs")
        statuses = {s for r in rounds for load in r[name].values() for s in load.statuses}
        print(f"{name:<34}{cells[0]:>34}{cells[1]:>34}  statuses {sorted(statuses)}")
    for name, value in numbers.items():
        low, high = GOALS.get(name, (0.0, float("inf")))
        goal = f"at least {low:g}" if low else f"at most {high:g}" if high < float("inf") else ""
        verdict = "" if not goal else "  reached" if reached(name, value) else "  NOT reached"
        print(f"{name:<32}{value:>12.2f}  {goal}{verdict}")


if __name__ == "__main__":
    sys.exit(main())
