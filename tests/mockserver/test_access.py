"""Who may talk to the mock: Host, Origin and the control token."""

from collections.abc import Iterator

import pytest
import requests

from authspec_contract.errors import UsageError
from authspec_mock.server import MockServer, WorldHandle

FRIENDLY = (
    "http://localhost:5173",
    "https://localhost",
    "http://app.localhost:3000",
    "http://127.0.0.1:8080",
    "http://[::1]:8080",
)
HOSTILE = (
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://evil.example/localhost",
    "http://localhost@evil.example",
    "file://localhost",
)


@pytest.mark.parametrize("origin", FRIENDLY)
@pytest.mark.parametrize("path", ["/auth/users/me/", "/nowhere", "/_mock/outbox", "/_mock/nope"])
def test_friendly_origins_get_credentials_on_every_route(
    mock: WorldHandle, http: requests.Session, origin: str, path: str
) -> None:
    answer = http.get(mock.url + path, headers={"Origin": origin})
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in answer.headers["Vary"]


def test_a_fault_is_readable_for_friendly_origins_too(
    mock: WorldHandle, http: requests.Session
) -> None:
    headers = {"Origin": FRIENDLY[0], "X-Mock-Fault": "status=503"}
    answer = http.get(f"{mock.url}/auth/users/me/", headers=headers)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (503, FRIENDLY[0])


@pytest.mark.parametrize("origin", HOSTILE)
def test_other_origins_get_no_cors_header_and_no_control(
    mock: WorldHandle, mock_server: MockServer, http: requests.Session, origin: str
) -> None:
    headers = {"Origin": origin}
    allowed = http.get(f"{mock.url}/auth/users/me/", headers=headers)
    assert allowed.status_code == 401
    for path in ("/_mock/health", "/api/v1/messages", "/view/latest.html", "/"):
        for url in (mock_server.url, mock.url):
            refused = http.get(url + path, headers=headers)
            assert refused.status_code == 403, path
            assert not [name for name in refused.headers if name.lower().startswith("access-")]
    assert not [name for name in allowed.headers if name.lower().startswith("access-")]


@pytest.mark.parametrize(
    ("origin", "advice"),
    [("https://a.example", "--cors https://a.example"), ("null", "serve them by http://localhost")],
)
def test_a_refused_page_is_told_what_helps(
    mock: WorldHandle, http: requests.Session, origin: str, advice: str
) -> None:
    refused = http.get(f"{mock.url}/_mock/health", headers={"Origin": origin})
    assert advice in refused.json()["detail"]


@pytest.mark.parametrize("path", ["/auth/users/", "/_mock/reset", "/nowhere"])
def test_a_friendly_preflight_is_granted_what_it_asks(
    mock: WorldHandle, http: requests.Session, path: str
) -> None:
    headers = {
        "Origin": FRIENDLY[0],
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization,x-mock-world",
    }
    answer = http.options(mock.url + path, headers=headers)
    assert answer.status_code == 200
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,x-mock-world"


def test_a_named_origin_is_friendly(http: requests.Session) -> None:
    with MockServer(cors=["https://app.example.com"]) as server:
        headers = {"Origin": "https://app.example.com"}
        answer = http.get(f"{server.url}/_mock/health", headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:1", "a.localhost", "127.0.0.1:8000", "[::1]:8000", "127.9.9.9"]
)
def test_loopback_names_are_served(mock: WorldHandle, http: requests.Session, host: str) -> None:
    assert http.get(f"{mock.url}/_mock/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a b", "[::2]"])
def test_other_hosts_are_refused_everywhere(
    mock: WorldHandle, http: requests.Session, host: str
) -> None:
    for path in ("/_mock/health", "/auth/users/me/", "/"):
        answer = http.get(mock.url + path, headers={"Host": host})
        assert answer.status_code == 400
        assert "--allow-host" in answer.json()["detail"]


def test_an_allowed_host_is_served(http: requests.Session) -> None:
    with MockServer(allow_hosts=["mock.internal"]) as server:
        headers = {"Host": "Mock.internal:8000"}
        assert http.get(f"{server.url}/_mock/health", headers=headers).status_code == 200


@pytest.fixture(scope="module")
def guarded() -> Iterator[MockServer]:
    with MockServer(control_token="s3cret") as server:
        yield server


@pytest.mark.parametrize("path", ["/_mock/outbox", "/_mock/nope", "/api/v1/messages", "/"])
def test_without_the_control_token_there_is_no_control(
    guarded: MockServer, http: requests.Session, path: str
) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "authspec_mock=wrong"}):
        answer = http.get(guarded.url + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_the_token_goes_as_bearer_basic_or_once_in_the_address(
    guarded: MockServer, http: requests.Session
) -> None:
    url = f"{guarded.url}/_mock/outbox"
    assert http.get(url, headers={"Authorization": "Bearer s3cret"}).status_code == 200
    assert http.get(url, auth=("anybody", "s3cret")).status_code == 200
    assert http.get(f"{guarded.url}/?token=wrong").status_code == 401
    first = http.get(f"{guarded.url}/?token=s3cret", allow_redirects=False)
    assert (first.status_code, first.headers["Location"]) == (303, "/")
    assert "HttpOnly" in first.headers["Set-Cookie"]
    assert http.get(url).status_code == 200


def test_health_and_the_account_api_need_no_token(
    guarded: MockServer, http: requests.Session
) -> None:
    assert http.get(f"{guarded.url}/_mock/health").status_code == 200
    assert http.get(f"{guarded.url}/auth/users/me/").status_code == 401


@pytest.mark.parametrize("token", ["", " ", "a b", "line\nline", "schlüssel"])
def test_a_token_that_nobody_could_send_is_refused(token: str) -> None:
    """An empty one is a variable that is not set: its owner believes the mock guarded."""
    with pytest.raises(UsageError, match="--control-token is empty, or holds"):
        MockServer(control_token=token)


def test_another_address_than_loopback_needs_a_token() -> None:
    with pytest.raises(UsageError, match="--control-token"):
        MockServer(host="0.0.0.0")
