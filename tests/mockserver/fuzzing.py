"""Sends the mock what nobody should: arbitrary bytes, headers, bodies and methods.

    python -m tests.fuzz --requests 50000 --seed 7

A tenth of the requests comes from schemathesis, three tenths from Hypothesis, the rest goes over
raw sockets. It fails on an answer of 500 or above, on a line in the mock's log, and when the
mock's memory has grown by 5 MiB or more.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PASSWORD = "correct-horse-7"
METHODS = (
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND",
    "get", "G T", "", "M" * 300,
)  # fmt: skip
PATHS = (
    "/", "/auth/", "/auth/users/", "/auth/users/me/", "/auth/users/1/", "/auth/users/activation/",
    "/auth/users/resend_activation/", "/auth/users/set_password/", "/auth/users/reset_password/",
    "/auth/users/reset_password_confirm/", "/auth/users/set_email/", "/auth/users/reset_email/",
    "/auth/users/reset_email_confirm/", "/auth/jwt/create/", "/auth/jwt/refresh/",
    "/auth/jwt/verify/", "/auth/token/login/", "/auth/token/logout/", "/auth/users/me",
    "/_mock/health", "/_mock/outbox", "/_mock/outbox/latest", "/_mock/outbox/1.eml",
    "/_mock/users", "/_mock/users/a%40b.c", "/_mock/profile", "/_mock/clock", "/_mock/requests",
    "/_mock/worlds", "/_mock/worlds/w1/auth/users/", "/_mock/state", "/_mock/reset",
    "/api/v1/messages", "/api/v1/search", "/api/v1/message/latest", "/api/v1/tags",
    "/api/v1/send", "/view/latest.html", "/openapi.json", "/docs", "/favicon.ico",
)  # fmt: skip
TYPES = (
    "application/json", "application/json; charset=utf-16", "application/json; charset=nonsense",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
    "text/plain", "application/octet-stream", "x", "", "*/*", "application/json;;;=",
)  # fmt: skip
FIELDS = (
    "email", "password", "re_password", "uid", "token", "new_password", "re_new_password",
    "current_password", "new_email", "re_new_email", "name", "id", "refresh", "access", "username",
)  # fmt: skip
GROWTH_MIB = 5.0


@dataclass
class Report:
    """What came of it."""

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    grown: float = 0.0
    """MiB."""
    log: str = ""

    def note(self, source: str, statuses: list[int], what: object) -> None:
        self.sent[source] += 1
        self.statuses.update(statuses)
        if any(status >= 500 for status in statuses):
            self.failures.append(f"{statuses} for {what!r}"[:2000])

    @property
    def problems(self) -> list[str]:
        found = list(self.failures)
        if self.log:
            found.append(f"the log is not empty: {self.log[:2000]}")
        if self.grown >= GROWTH_MIB:
            found.append(f"the memory has grown by {self.grown:.1f} MiB")
        return found

    def __str__(self) -> str:
        sent = ", ".join(f"{count} by {name}" for name, count in sorted(self.sent.items()))
        statuses = ", ".join(f"{status}: {n}" for status, n in sorted(self.statuses.items()))
        return f"sent {sent}; answers {statuses}; memory {self.grown:+.1f} MiB"


@contextlib.contextmanager
def mock_process(report: Report) -> Iterator[tuple[int, int]]:
    """A mock in a process of its own: port and pid. Its log goes into the report."""
    with tempfile.TemporaryFile("w+") as log:
        command = [sys.executable, "-m", "authspec_mock", "--port", "0", "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["port"], process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(10)
            process.communicate()
            log.seek(0)
            report.log = log.read() + ("" if code == 0 else f"exit code {code}")


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


# --- raw sockets ------------------------------------------------------------------------------


def raw_request(chance: random.Random) -> bytes:
    """A request that is more or less one."""
    body = raw_body(chance)
    lines = [
        f"{raw_method(chance)} {raw_path(chance)} HTTP/{chance.choice(['1.1'] * 8 + ['1.0', '2', '9.9'])}"
    ]
    if chance.random() < 0.9:
        lines.append(
            f"Host: {chance.choice(['127.0.0.1', 'localhost:1', '[::1]', 'x', 'a b', ''])}"
        )
    lines.append(f"Content-Type: {chance.choice(TYPES)}")
    length = len(body) if chance.random() < 0.85 else chance.choice([-1, 0, 3, 10**12, "x", "1, 2"])
    lines.append(f"Content-Length: {length}")
    lines += [raw_header(chance) for _ in range(chance.randrange(4))]
    lines.append("Connection: close")
    request = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body
    return mutated(request, chance) if chance.random() < 0.3 else request


def raw_method(chance: random.Random) -> str:
    return chance.choice(METHODS[:5] if chance.random() < 0.8 else METHODS)


def raw_path(chance: random.Random) -> str:
    path = chance.choice(PATHS)
    kind = chance.random()
    if kind < 0.1:
        path += raw_text(chance, 20).replace(" ", "")
    elif kind < 0.15:
        path = f"http://evil.example{path}"
    elif kind < 0.2:
        path = path.replace("/", chance.choice(["//", "/../", "/%2e/", "/%00", "/%ff%fe"]), 1)
    if chance.random() < 0.2:
        path += "?" + raw_text(chance, 30).replace(" ", "+")
    if chance.random() < 0.05:
        path += chance.choice(
            ["?format=json", "?format=api", "?wait=0", "?to=%00", "?x=" + "y" * 5000]
        )
    return path


def raw_header(chance: random.Random) -> str:
    name = chance.choice(
        ["Accept", "Authorization", "Cookie", "Origin", "X-Mock-World", "X-CSRFToken", "Accept-Language",
         "Transfer-Encoding", "Expect", "Upgrade", "Range", "X-HTTP-Method-Override", "X-Forwarded-Host", "Référer"]
    )  # fmt: skip
    value = chance.choice(
        [raw_text(chance, 30), "JWT a.b.c", "Token x", "Basic ====", "Bearer", "chunked", "null", "*/*;q=x",
         "http://localhost", "sessionid=\"", "100-continue", "websocket", "application/json; indent=9999999"]
    )  # fmt: skip
    return f"{name}: {value}"


def raw_text(chance: random.Random, most: int) -> str:
    return "".join(chr(chance.randrange(0x20, 0x180)) for _ in range(chance.randrange(most)))


def raw_body(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.15:
        return chance.randbytes(chance.randrange(200))
    if kind < 0.25:
        return b"[" * chance.randrange(1, 3000)
    if kind < 0.35:
        pairs = (f"{chance.choice(FIELDS)}={raw_text(chance, 20)}" for _ in range(4))
        return "&".join(pairs).encode()
    if kind < 0.45:
        name, value = chance.choice(FIELDS), raw_text(chance, 20)
        text = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--x--\r\n'
        return text.encode()
    values: list[Any] = [
        None, True, 0, -1, 10**40, 1e308, "", " ", "a@b.c", PASSWORD, "\x00", "\ud800", [], {}, [[]],
        {"a": 1}, "x" * 300, raw_text(chance, 20), "MQ", "e30",
    ]  # fmt: skip
    body = {chance.choice(FIELDS): chance.choice(values) for _ in range(chance.randrange(6))}
    if chance.random() < 0.3:
        address = f"u{chance.randrange(50)}@example.com"
        body |= {"email": address, "password": PASSWORD, "re_password": PASSWORD}
    return json.dumps(body).encode()


def mutated(request: bytes, chance: random.Random) -> bytes:
    """The request with something broken in it."""
    raw = bytearray(request)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(raw))
        kind = chance.randrange(3)
        if kind == 0:
            raw[at] = chance.randrange(256)
        elif kind == 1:
            del raw[at : at + chance.randrange(1, 20)]
        else:
            raw[at:at] = chance.randbytes(chance.randrange(1, 20))
        if not raw:
            return b"\r\n"
    return bytes(raw)


def sent_raw(port: int, request: bytes, *, patience: float = 0.1) -> list[int]:
    """The statuses of whatever comes back."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        try:
            sock.sendall(request)
            sock.settimeout(patience)
            while part := sock.recv(65536):
                answer += part
                if len(answer) > 2**20:
                    break
        except OSError:
            pass
    heads = [piece for piece in answer.split(b"HTTP/1.1 ")[1:] if piece[:3].isdigit()]
    return [int(head[:3]) for head in heads if head[3:4] in b" \r"]


def by_socket(port: int, report: Report, count: int, chance: random.Random) -> None:
    for _ in range(count):
        request = raw_request(chance)
        report.note("socket", sent_raw(port, request), request)


# --- Hypothesis -------------------------------------------------------------------------------


def by_hypothesis(port: int, report: Report, count: int, seed: int) -> None:
    """Structured requests: known paths and fields, any values."""
    import hypothesis
    from hypothesis import strategies as st

    text = st.text(max_size=30)
    value = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | text | st.just(PASSWORD),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=5,
    )
    body = st.dictionaries(st.sampled_from(FIELDS) | text, value, max_size=6).map(
        lambda fields: json.dumps(fields).encode()
    )
    header = st.tuples(
        st.sampled_from(
            ["Accept", "Authorization", "Cookie", "Content-Type", "Origin", "X-Mock-World"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    )

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        method=st.sampled_from(METHODS[:9]),
        path=st.sampled_from(PATHS),
        headers=st.lists(header, max_size=3),
        body=body | st.binary(max_size=200),
        kind=st.sampled_from(TYPES),
    )
    def send(
        method: str, path: str, headers: list[tuple[str, str]], body: bytes, kind: str
    ) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += [f"Content-Length: {len(body)}", "Connection: close"]
        request = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        report.note("hypothesis", sent_raw(port, request), request)

    send()


# --- schemathesis -----------------------------------------------------------------------------


def by_schemathesis(port: int, report: Report, count: int, seed: int) -> None:
    """What the contract allows, and what it forbids, on every operation."""
    import hypothesis
    import schemathesis
    from schemathesis import GenerationMode

    url = f"http://127.0.0.1:{port}"
    document = json.loads(urllib.request.urlopen(f"{url}/openapi.json").read())
    user = urllib.request.Request(
        f"{url}/_mock/users/fuzz@example.com",
        json.dumps({"password": PASSWORD}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(user).read()
    login = urllib.request.Request(f"{url}/_mock/users/fuzz@example.com/login", b"", method="POST")
    tokens = json.loads(urllib.request.urlopen(login).read())
    schema = schemathesis.openapi.from_dict(document)
    found: list[Any] = list(schema.get_all_operations())
    operations = [result.ok() for result in found]
    each = max(1, count // (2 * len(operations)))
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @hypothesis.seed(seed)
            @hypothesis.settings(
                max_examples=each,
                database=None,
                deadline=None,
                suppress_health_check=list(hypothesis.HealthCheck),
                phases=[hypothesis.Phase.generate],
            )
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def send(case: Any) -> None:
                headers = {"Authorization": f"JWT {tokens['access']}"}
                sent = headers if report.sent.total() % 2 else None
                answer = case.call(base_url=f"{url}/auth", headers=sent, timeout=10)
                what = f"{case.method} {case.formatted_path} {case.body!r}"
                report.note("schemathesis", [answer.status_code], what)

            with contextlib.suppress(hypothesis.errors.Unsatisfiable):
                send()


# --- all of it --------------------------------------------------------------------------------


def reset(port: int) -> None:
    """What a fuzzer may grow (users, mails) is not what memory is measured for."""
    call = urllib.request.Request(f"http://127.0.0.1:{port}/_mock/reset", b"", method="POST")
    urllib.request.urlopen(call, timeout=10).read()
    worlds = urllib.request.urlopen(f"http://127.0.0.1:{port}/_mock/worlds", timeout=10)
    for world in json.loads(worlds.read())["worlds"]:
        if world["name"] != "default":
            url = f"http://127.0.0.1:{port}/_mock/worlds/{world['name']}"
            urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=10).read()


def fuzz(requests: int, seed: int) -> Report:
    """Sends that many requests to a fresh mock."""
    report = Report()
    with mock_process(report) as (port, pid):
        # until rings and allocator have seen everything once: growth afterwards is growth
        warm = min(max(1500, requests // 5), requests)
        by_schemathesis(port, Report(), 60, seed)
        by_hypothesis(port, Report(), warm // 3, seed + 1)
        by_socket(port, Report(), warm, random.Random(seed + 1))
        reset(port)
        before = resident_mib(pid)
        by_schemathesis(port, report, requests // 10, seed)
        by_hypothesis(port, report, requests * 3 // 10, seed)
        left = max(0, requests - report.sent.total())
        by_socket(port, report, left, random.Random(seed))
        reset(port)
        report.grown = resident_mib(pid) - before
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    print(f"seed {args.seed}")
    report = fuzz(args.requests, args.seed)
    print(report)
    for problem in report.problems:
        print(problem)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
