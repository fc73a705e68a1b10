"""Django's password validators."""

from dataclasses import replace

import pytest

from authspec_contract.profile import Validator
from authspec_contract.profile_file import load_profile
from authspec_mock.core.password_rules import common_passwords

from .client import PASSWORD, Client

SHORT = "This password is too short. It must contain at least 8 characters."
COMMON = "This password is too common."
NUMERIC = "This password is entirely numeric."


def complaints(password: str, client: Client | None = None, **attributes: str) -> list[str]:
    rules = (client or Client()).world.password_rules
    return rules.complaints(password, attributes.get)


@pytest.mark.parametrize(
    ("password", "found"),
    [
        (PASSWORD, []),
        ("123", [SHORT, COMMON, NUMERIC]),
        ("٣" * 9, [NUMERIC]),
        ("Password", [COMMON]),
        (" password ", [COMMON]),
        ("abcdefg", [SHORT, COMMON]),
    ],
)
def test_complaints_come_in_the_order_of_the_settings(password: str, found: list[str]) -> None:
    assert complaints(password) == found


@pytest.mark.parametrize("password", ["ada.lovelace", "lovelace1", "ADA.LOVELACE@EXAMPLE.COM"])
def test_a_password_like_the_address_is_refused(password: str) -> None:
    message = "The password is too similar to the email address."
    assert complaints(password, email="ada.lovelace@example.com") == [message]


def test_a_long_password_that_contains_the_address_is_fine() -> None:
    assert complaints("ada" + "xyzw7" * 8, email="ada@b.co") == []


def test_numbers_of_the_profile_are_followed() -> None:
    validators = (Validator("MinimumLength", 3), Validator("UserAttributeSimilarity", 1.0))
    client = Client(replace(load_profile("document"), password_validators=validators))
    assert complaints("ab", client) == [
        "This password is too short. It must contain at least 3 characters."
    ]
    assert complaints("ada2", client, email="ada@b.co") == []
    assert len(complaints("ada", client, email="ada@b.co")) == 1


def test_the_list_is_djangos() -> None:
    assert len(common_passwords()) == 20_000 - 1 or len(common_passwords()) > 19_000
    assert {"password", "123456", "qwerty"} <= common_passwords()
