"""Uids and tokens of mail links."""

import re

import pytest

from authspec_mock.core.accounts import User
from authspec_mock.core.tickets import base36, decode_uid, encode_uid

from .client import PASSWORD, START, Client


def made() -> tuple[Client, User, str]:
    client = Client()
    client.world.put_user("ada@example.com", password=PASSWORD)
    user = next(iter(client.world.accounts))
    return client, user, client.world.tickets.make(user, START, "activation")


def fits(client: Client, user: User, token: object, now: float = START) -> bool:
    return client.world.tickets.fits(user, token, now, "password_reset")


def test_a_token_is_a_time_and_half_a_signature() -> None:
    client, user, token = made()
    assert re.fullmatch(r"[0-9a-z]{6}-[0-9a-f]{32}", token)
    assert fits(client, user, token)


@pytest.mark.parametrize("change", ["password", "last_login", "email", "id"])
def test_a_token_dies_with_the_state_it_was_made_of(change: str) -> None:
    client, user, token = made()
    if change == "password":
        client.world.passwords.set(user, PASSWORD)
    elif change == "last_login":
        user.last_login = START
    elif change == "email":
        client.world.accounts.set(user, "email", "b@example.com")
    else:
        client.world.accounts.set_id(user, 9)
    assert not fits(client, user, token)


def test_a_token_dies_after_three_days() -> None:
    client, user, token = made()
    assert fits(client, user, token, START + 259_200)
    assert not fits(client, user, token, START + 259_201)


def test_a_token_of_another_time_spelling_or_type_does_not_fit() -> None:
    client, user, token = made()
    stamp, _, signature = token.partition("-")
    wrong = (
        f"0{stamp}-{signature}",
        token.upper(),
        f" {token}",
        f"{token}-",
        "",
        5,
        None,
        "-",
        "é-é",
    )
    for other in (*wrong, "z" * 14 + "-a", "\ud800-a"):
        assert not fits(client, user, other), other


def test_uids_go_there_and_back() -> None:
    for key in (1, 99, "0d6f1d6c-5b0f-4b1e-8f4a-1c1b1d1e1f10"):
        assert decode_uid(encode_uid(key)) == str(key)


@pytest.mark.parametrize("uid", ["M", "_w"])
def test_a_uid_that_is_no_base64_of_text_is_none(uid: str) -> None:
    with pytest.raises(ValueError):
        decode_uid(uid)


def test_base36() -> None:
    assert [base36(n) for n in (0, 35, 36, 1295, 1296)] == ["0", "z", "10", "zz", "100"]
