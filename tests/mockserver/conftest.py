"""One running mock for these tests, and a world of its own for each."""

from collections.abc import Iterator

import pytest
import requests

from authspec_mock.pytest_plugin import mock  # noqa: F401
from authspec_mock.server import MockServer, WorldHandle

PASSWORD = "correct-horse-7"


@pytest.fixture(scope="session")
def mock_server() -> Iterator[MockServer]:
    with MockServer(frontend="http://localhost:5173") as server:
        yield server


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def sign_up(http: requests.Session, url: str, email: str, **headers: str) -> requests.Response:
    """Registers an account by the API."""
    body = {"email": email, "password": PASSWORD, "re_password": PASSWORD}
    return http.post(f"{url}/auth/users/", json=body, headers=headers)


def activated(http: requests.Session, world: WorldHandle, email: str) -> str:
    """Registers and activates an account; its access token."""
    assert sign_up(http, world.url, email).status_code == 201
    mail = world.outbox.wait(to=email, kind="activation").mail
    ticket = {"uid": mail.uid, "token": mail.token}
    assert http.post(f"{world.url}/auth/users/activation/", json=ticket).status_code == 204
    login = {"email": email, "password": PASSWORD}
    answer = http.post(f"{world.url}/auth/jwt/create/", json=login)
    token = answer.json()["access"]
    assert isinstance(token, str)
    return token
