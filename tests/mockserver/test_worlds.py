"""Worlds: one server, any number of mocks."""

import pytest
import requests

from authspec_mock.options import Options, options_from
from authspec_mock.server import MockServer, WorldHandle
from authspec_mock.worlds import Worlds

from .conftest import PASSWORD, activated, sign_up


def test_worlds_do_not_see_each_other(mock_server: MockServer, http: requests.Session) -> None:
    one, two = mock_server.world("one"), mock_server.world("two")
    token = activated(http, one, "ada@example.com")
    assert len(one.outbox) == 2
    assert len(two.outbox) == 0
    assert sign_up(http, two.url, "ada@example.com").json()["id"] == 1
    headers = {"Authorization": f"JWT {token}"}
    assert http.get(f"{two.url}/auth/users/me/", headers=headers).status_code == 401


def test_header_and_path_name_the_same_world(
    mock: WorldHandle, mock_server: MockServer, http: requests.Session
) -> None:
    named = {"X-Mock-World": mock.name}
    sign_up(http, mock_server.url, "ada@example.com", **named)
    by_path = http.get(f"{mock.url}/_mock/outbox").json()
    by_header = http.get(f"{mock_server.url}/_mock/outbox", headers=named).json()
    assert by_path == by_header
    assert len(by_path["messages"]) == 1


def test_a_click_needs_no_header(
    mock: WorldHandle, mock_server: MockServer, http: requests.Session
) -> None:
    """The server finds the world by the mail token, the auth token and the JWT."""
    url = mock_server.url
    sign_up(http, mock.url, "ada@example.com")
    mail = mock.outbox.wait().mail
    ticket = {"uid": mail.uid, "token": mail.token}
    assert http.post(f"{url}/auth/users/activation/", json=ticket).status_code == 204
    tokens = mock.login("ada@example.com")
    for credentials in (f"JWT {tokens['access']}", f"Token {tokens['auth_token']}"):
        me = http.get(f"{url}/auth/users/me/", headers={"Authorization": credentials})
        assert me.json()["email"] == "ada@example.com"
    login = {"email": "ada@example.com", "password": PASSWORD}
    refresh = http.post(f"{mock.url}/auth/jwt/create/", json=login).json()["refresh"]
    answer = http.post(f"{url}/auth/jwt/refresh/", json={"refresh": refresh})
    assert answer.status_code == 200


def test_a_header_that_names_another_world_wins(
    mock: WorldHandle, mock_server: MockServer, http: requests.Session
) -> None:
    token = activated(http, mock, "ada@example.com")
    headers = {"Authorization": f"JWT {token}", "X-Mock-World": "another"}
    assert http.get(f"{mock_server.url}/auth/users/me/", headers=headers).status_code == 401


def test_a_reset_touches_one_world(mock_server: MockServer, http: requests.Session) -> None:
    one, two = mock_server.world("one"), mock_server.world("two")
    one.reset()
    two.reset()
    sign_up(http, one.url, "ada@example.com")
    sign_up(http, two.url, "ada@example.com")
    http.post(f"{one.url}/_mock/reset")
    assert (len(one.users()), len(two.users())) == (0, 1)


def test_a_redirect_stays_in_its_world(mock: WorldHandle, http: requests.Session) -> None:
    answer = http.get(f"{mock.url}/auth/users/me", allow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/_mock/worlds/{mock.name}/auth/users/me/"


@pytest.mark.parametrize("name", ["a b", "..", "x" * 65, "é", "-a"])
def test_a_wrong_name_is_refused(
    mock_server: MockServer, http: requests.Session, name: str
) -> None:
    headers = {"X-Mock-World": name.encode()}
    answer = http.get(f"{mock_server.url}/auth/users/me/", headers=headers)
    assert answer.status_code == 400
    assert "no name for a world" in answer.json()["detail"]


def test_worlds_are_listed_and_forgotten(
    mock: WorldHandle, mock_server: MockServer, http: requests.Session
) -> None:
    mock.reset()
    listed = http.get(f"{mock_server.url}/_mock/worlds").json()["worlds"]
    assert mock.name in [world["name"] for world in listed]
    assert http.delete(f"{mock_server.url}/_mock/worlds/{mock.name}").status_code == 200
    assert http.delete(f"{mock_server.url}/_mock/worlds/{mock.name}").status_code == 404
    assert http.delete(f"{mock_server.url}/_mock/worlds/default").status_code == 400


def test_the_least_used_world_goes_when_there_are_too_many() -> None:
    options: Options = options_from("document")
    worlds = Worlds(options, capacity=2)
    for name in ("a", "b", "a", "c"):
        worlds.get(name)
    assert worlds.names() == ("default", "a", "c")
