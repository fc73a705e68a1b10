"""The mock inside a Python process: up and down at once, on both loopback addresses."""

import asyncio
import contextlib
import http.client
import inspect
import socket
import statistics
import subprocess
import sys
import threading
import time

import pytest
import requests
import uvicorn

from authspec_contract.errors import UsageError
from authspec_contract.profile_file import load_profile, shipped_profiles
from authspec_mock import MockServer, asgi_app
from authspec_mock.profile_view import profile_as_json
from authspec_mock.sockets import bind

from .conftest import sign_up


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_profile_shown_reads_back_as_itself(name: str) -> None:
    profile = load_profile(name)
    with MockServer(profile_as_json(profile)) as server:
        assert server.profile == profile


def test_it_is_up_and_down_within_10_ms_also_with_streams_and_waiters() -> None:
    up, down = [], []
    for _ in range(20):
        start = time.perf_counter()
        server = MockServer().start()
        up.append(time.perf_counter() - start)
        calls = [
            threading.Thread(target=_ignored, args=(server.url + path,))
            for path in ("/_mock/events", "/_mock/outbox?wait=60")
        ]
        for call in calls:
            call.start()
        world = server.app.worlds.default
        while not (world.events.listeners and world.outbox._waiters):
            time.sleep(0.001)
        stop = time.perf_counter()
        server.stop()
        down.append(time.perf_counter() - stop)
        for call in calls:
            call.join(5)
    assert statistics.median(up) < 0.010
    assert statistics.median(down) < 0.010


def _ignored(url: str) -> None:
    with contextlib.suppress(requests.RequestException):
        requests.get(url, timeout=10).close()


def test_both_loopback_addresses_are_served() -> None:
    with MockServer(host="localhost") as server:
        for host in ("127.0.0.1", "::1"):
            connection = http.client.HTTPConnection(host, server.port, timeout=5)
            connection.request("GET", "/_mock/health")
            assert connection.getresponse().status == 200
            connection.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::1", "::", "127.0.0.2"])
def test_other_addresses_have_a_url_that_works(host: str, http: requests.Session) -> None:
    with MockServer(host=host, control_token="t") as server:
        assert http.get(f"{server.url}/_mock/health").status_code == 200


def test_a_port_in_use_is_one_sentence() -> None:
    with MockServer() as server, pytest.raises(UsageError, match="in use"):
        MockServer(port=server.port).start()


def test_the_other_loopback_address_counts_as_in_use() -> None:
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        with pytest.raises(UsageError, match="::1 is in use"):
            bind("127.0.0.1", other.getsockname()[1])


def test_without_ipv6_one_address_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_ipv6", False)
    sockets = bind("localhost", 0)
    assert len(sockets) == 1
    sockets[0].close()


def test_the_overridden_parts_of_uvicorn_are_there() -> None:
    """`QuickServer` replaces these; another uvicorn may call them otherwise."""
    for name in ("capture_signals", "startup", "main_loop", "shutdown"):
        assert inspect.isfunction(getattr(uvicorn.Server, name)), name
    source = inspect.getsource(uvicorn.Server)
    for call in ("self.capture_signals()", "self.main_loop()", "self.shutdown(sockets=sockets)"):
        assert call in source


def test_a_stopped_server_can_still_be_asked(http: requests.Session) -> None:
    with MockServer() as server:
        sign_up(http, server.url, "ada@example.com")
    assert [m.mail.to for m in server.outbox.messages()] == [("ada@example.com",)]


def test_a_stopped_server_starts_again(http: requests.Session) -> None:
    server = MockServer()
    for _ in range(2):
        with server:
            assert http.get(f"{server.url}/_mock/health").status_code == 200


def test_a_server_can_be_prepared_inside_a_running_loop() -> None:
    async def prepared() -> int:
        server = MockServer()
        server.put_user("ada@example.com")
        return len(server.users())

    assert asyncio.run(prepared()) == 1


def test_faults_clock_and_profile_are_set_from_python(http: requests.Session) -> None:
    with MockServer() as server:
        server.fault(match={"path": "users/me/"}, status=503, times=1)
        assert http.get(f"{server.url}/auth/users/me/").status_code == 503
        server.advance("3d")
        server.change_profile(djoser={"USER_CREATE_PASSWORD_RETYPE": False})
        assert not server.profile.djoser.USER_CREATE_PASSWORD_RETYPE
        server.put_user("ada@example.com", password="correct-horse-7")
        assert set(server.login("ada@example.com")) == {"auth_token", "access", "refresh"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"profile": "documnt"},
        {"frontend": "localhost:3000"},
        {"frontend": "http://a/?b"},
        {"cors": ["*"]},
        {"smtp": "nowhere"},
        {"load": "/does/not/exist.json"},
        {"quirks": ["reset-token-reusible-no-such"]},
        {"load": {"usres": []}},
    ],
)
def test_a_wrong_argument_is_one_sentence(arguments: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        MockServer(**arguments)  # type: ignore[arg-type]


def test_the_bare_application_runs_without_a_socket() -> None:
    import httpx

    async def asked() -> int:
        transport = httpx.ASGITransport(app=asgi_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.get("/_mock/health")
            return (await client.get("/auth/users/me/")).status_code

    assert asyncio.run(asked()) == 401


def test_uvicorn_is_whole_as_soon_as_somebody_asks_for_more() -> None:
    script = (
        "import sys\nfrom authspec_mock import MockServer\n"
        "with MockServer() as m: pass\n"
        "print('click' in sys.modules, 'uvicorn.main' in sys.modules)\n"
        "import uvicorn\nprint(uvicorn.run.__module__, uvicorn.__version__ != '')\n"
        "from uvicorn import Config, Server\nimport uvicorn.server\n"
        "print(Server is uvicorn.server.Server)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "False False\nuvicorn.main True\nTrue\n", result.stderr
