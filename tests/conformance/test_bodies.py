"""Bodies, broken tokens, weak passwords and what a call costs: the small parts that tests are made of."""

from random import Random

import pytest

from authspec_conformance import bodies
from authspec_conformance.accounts import Ledger
from authspec_conformance.costs import password_computations
from authspec_conformance.login import schemes
from authspec_conformance.operations import operations
from authspec_conformance.passwords import weak_passwords
from authspec_conformance.redaction import Redactor
from authspec_contract.profile import Profile, Validator

from .sample import DOCUMENT, USERNAMES, reply, with_djoser

TOKEN = "d2ab3c-0123456789abcdef0123456789abcdef"


def test_a_password_change_repeats_the_new_one_where_asked():
    for flag in (True, False):
        body = bodies.set_password(with_djoser(SET_PASSWORD_RETYPE=flag), "old", "new")
        assert ("re_new_password" in body) is flag
    body = bodies.set_password(with_djoser(SET_PASSWORD_RETYPE=True), "old", "new", "other")
    assert body["re_new_password"] == "other"


def test_a_change_of_the_login_names_its_field():
    assert "new_username" in bodies.set_login(USERNAMES, "new", "pw")
    assert "new_email" in bodies.set_login(DOCUMENT, "a@b.c", "pw")


def test_broken_tokens_are_near_the_true_one_and_none_is_it():
    broken = list(bodies.tampered(TOKEN))
    assert TOKEN not in broken
    assert len(set(broken)) == len(broken) == 4
    assert bodies.time_shifted(TOKEN).partition("-")[2] == TOKEN.partition("-")[2]
    assert bodies.time_shifted(TOKEN) != TOKEN
    assert bodies.time_shifted("d2ab31-x") != "d2ab31-x"


def test_what_is_no_text_has_a_name():
    assert [bodies.shown(value) for value in bodies.NO_TEXTS] == [
        "null", "an empty text", "a list", "an object", "a boolean",
    ]  # fmt: skip


@pytest.mark.parametrize("minimum", [None, 5, 12, 20])
def test_weak_passwords_break_one_rule_each(minimum):
    profile = Profile(
        "p",
        password_validators=(
            Validator("MinimumLength", minimum), Validator("NumericPassword"), Validator("CommonPassword"),
            Validator("UserAttributeSimilarity"),
        ),
    )  # fmt: skip
    ledger = Ledger(
        profile, Redactor(), run="r", random=Random(1), address="a{n}@b.c", max_accounts=1, key=b"k"
    )
    least = minimum or 8
    for weak in weak_passwords(profile, "authspec+1a2b-1@example.com", ledger):
        assert weak.password.isdigit() is (weak.validator == "NumericPassword")
        assert (len(weak.password) < least) is (weak.validator == "MinimumLength")


def test_without_validators_no_password_is_weak():
    profile = Profile("p")
    ledger = Ledger(
        profile, Redactor(), run="r", random=Random(1), address="a{n}@b.c", max_accounts=1, key=b"k"
    )
    assert list(weak_passwords(profile, "ada@example.com", ledger)) == []


LOGIN = {"email": "a@b.c", "password": "pw"}


@pytest.mark.parametrize(
    ("call", "count"),
    [
        (reply("POST", "users/", 201, {}, LOGIN), 1),
        (reply("POST", "users/", 400, {}, LOGIN), 0),
        (reply("POST", "jwt/create/", 200, {}, LOGIN), 1),
        (reply("POST", "jwt/create/", 401, {}, LOGIN), 1),
        (reply("POST", "jwt/create/", 400, {}, {"email": "a@b.c"}), 0),
        (reply("POST", "users/set_password/", 204, None, {"current_password": "a"}), 2),
        (reply("POST", "users/set_password/", 400, {}, {"current_password": "a"}), 1),
        (reply("POST", "users/reset_password_confirm/", 204), 1),
        (reply("DELETE", "users/me/", 204, None, {"current_password": "a"}), 1),
        (reply("GET", "users/me/", 200, {}), 0),
    ],
)
def test_each_call_costs_the_target_so_many_password_hashes(call, count):
    assert password_computations(call, DOCUMENT) == count


def test_operations_and_logins_are_those_that_the_profile_mounts():
    tokens = Profile("p", authentication=("token",), urls=("users", "token"))
    assert "jwt_create" not in operations(tokens)
    assert schemes(tokens) == ("token",)
    assert operations(USERNAMES)["set_username"].path == "users/set_username/"
    assert operations(DOCUMENT)["set_username"].path == "users/set_email/"
    assert str(operations(DOCUMENT)["me"]) == "GET users/me/"


def test_without_a_token_model_there_is_no_login_by_token():
    assert schemes(Profile("p", djoser=with_djoser(TOKEN_MODEL=None).djoser)) == ("jwt",)
