"""What clients notice of the versions behind an API."""

from dataclasses import replace
from typing import Any

import pytest

from authspec_contract.profile_file import load_profile

from .client import PASSWORD, Client


def running(**versions: str) -> Client:
    profile = load_profile("document")
    return Client(replace(profile, versions=replace(profile.versions, **versions)))


@pytest.mark.parametrize(
    ("djoser", "statuses"),
    [
        ("2.1.0", (405, 405, 405)),
        ("2.2.1", (301, 404, 301)),
        ("2.3", (405, 405, 405)),
        ("3.0", (301, 404, 301)),
    ],
)
def test_login_paths(djoser: str, statuses: tuple[int, ...]) -> None:
    client = running(djoser=djoser)
    paths = ("jwt/create", "jwt/createXYZ", "token/login")
    assert tuple(client.get(path).status for path in paths) == statuses


@pytest.mark.parametrize(("djoser", "status"), [("2.2.0", 400), ("2.2.1", 204), ("2.3", 204)])
def test_resending_to_an_unknown_address(djoser: str, status: int) -> None:
    client = running(djoser=djoser)
    assert client.post("users/resend_activation/", {"email": "no@b.co"}).status == status


@pytest.mark.parametrize(("djoser", "count"), [("2.1.0", 1), ("2.2.0", 0)])
def test_mails_after_a_change_of_me(djoser: str, count: int) -> None:
    client = running(djoser=djoser)
    header = client.activated()
    answer = client.send("PATCH", "users/me/", {"name": "A"}, auth=header)
    assert len(answer.mails) == count


@pytest.mark.parametrize(("djoser", "status"), [("2.2.3", 200), ("2.3", 400)])
def test_a_token_login_by_a_field_that_no_backend_knows(djoser: str, status: int) -> None:
    profile = load_profile("djoser")
    settings: dict[str, Any] = {"djoser": replace(profile.djoser, LOGIN_FIELD="email")}
    versions = replace(profile.versions, djoser=djoser)
    client = Client(replace(profile, versions=versions, **settings))
    client.world.put_user("ada", password=PASSWORD, email="a@example.com")
    by_name = {"username": "ada", "password": PASSWORD}
    by_email = {"email": "a@example.com", "password": PASSWORD}
    assert client.post("token/login/", by_email).status == 200
    assert (client.post("jwt/create/", by_name).status == 200) is (status == 200)


@pytest.mark.parametrize(
    ("simplejwt", "invalid", "expired"),
    [
        ("5.4", "Token is invalid or expired", "Token is invalid or expired"),
        ("5.5", "Token is invalid", "Token is expired"),
    ],
)
def test_what_is_said_of_bad_web_tokens(simplejwt: str, invalid: str, expired: str) -> None:
    client = running(simplejwt=simplejwt)
    client.world.put_user("ada@example.com", password=PASSWORD)
    access = client.pair()["access"]
    assert client.post("jwt/verify/", {"token": "x"}).json["detail"] == invalid
    client.clock.now += 301
    assert client.post("jwt/verify/", {"token": access}).json["detail"] == expired


@pytest.mark.parametrize(("simplejwt", "user_id"), [("5.4", 1), ("5.5", "1")])
def test_the_id_in_a_web_token(simplejwt: str, user_id: object) -> None:
    client = running(simplejwt=simplejwt)
    client.world.put_user("ada@example.com", password=PASSWORD)
    claims = client.world.jwts.signed_claims(client.pair()["access"])
    assert claims is not None
    assert claims["user_id"] == user_id


def test_djoser_3_looks_at_the_method_first() -> None:
    client = running(djoser="3.0")
    assert client.get("users/activation/").status == 405
    assert client.send("HEAD", "users/").status == 405
    assert client.send("OPTIONS", "users/").status == 405
    assert client.get("/auth/").status == 404
    assert client.get("users/me/").status == 401


@pytest.mark.parametrize(("drf", "status"), [("3.17", 401), ("3.18", 406)])
def test_a_long_list_of_media_types(drf: str, status: int) -> None:
    accept = "a/b," * 100 + "application/json"
    assert running(drf=drf).get("users/me/", accept=accept).status == status
