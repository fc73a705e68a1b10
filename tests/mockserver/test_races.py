"""64 clients at once with one token or one address: one wins, as if it had been alone."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import requests

from authspec_mock.server import WorldHandle

from .conftest import PASSWORD, activated, sign_up

CLIENTS = 64


def at_once(url: str, body: Mapping[str, str | None]) -> Counter[int]:
    """The statuses of the same call by 64 clients."""

    def call(_: int) -> int:
        return requests.post(url, json=body, timeout=30).status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(call, range(CLIENTS)))


def test_one_registration_of_an_address_wins(mock: WorldHandle) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD, "re_password": PASSWORD}
    assert at_once(f"{mock.url}/auth/users/", body) == {201: 1, 400: CLIENTS - 1}
    assert len(mock.users()) == 1
    assert len(mock.outbox) == 1


def test_one_activation_wins(mock: WorldHandle, http: requests.Session) -> None:
    sign_up(http, mock.url, "ada@example.com")
    mail = mock.outbox.wait().mail
    ticket = {"uid": mail.uid, "token": mail.token}
    assert at_once(f"{mock.url}/auth/users/activation/", ticket) == {204: 1, 403: CLIENTS - 1}
    assert [m.mail.kind for m in mock.outbox] == ["activation", "confirmation"]


def test_one_password_reset_wins(mock: WorldHandle, http: requests.Session) -> None:
    activated(http, mock, "ada@example.com")
    http.post(f"{mock.url}/auth/users/reset_password/", json={"email": "ada@example.com"})
    mail = mock.outbox.wait(kind="password_reset").mail
    body = {"uid": mail.uid, "token": mail.token}
    body |= {"new_password": "battery-staple-9", "re_new_password": "battery-staple-9"}
    statuses = at_once(f"{mock.url}/auth/users/reset_password_confirm/", body)
    assert statuses == {204: 1, 400: CLIENTS - 1}
    login = {"email": "ada@example.com", "password": "battery-staple-9"}
    assert http.post(f"{mock.url}/auth/jwt/create/", json=login).status_code == 200
