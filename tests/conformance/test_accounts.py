"""The ledger: it invents what registrations send, and keeps book of every account that came to be."""

import json
import re
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from authspec_conformance.accounts import Account, Ledger, described
from authspec_conformance.errors import BudgetSpent
from authspec_conformance.redaction import Redactor
from authspec_contract.profile import Field

from .sample import DOCUMENT, USERNAMES, reply, with_djoser


def ledger(profile=DOCUMENT, *, redactor=None, seed=1, key=b"key", **options) -> Ledger:
    given = {
        "run": "1a2b",
        "address": "authspec+{run}-{n}@example.com",
        "max_accounts": 5,
        **options,
    }
    return Ledger(profile, redactor or Redactor(), random=Random(seed), key=key, **given)


def registered(book: Ledger, sent: dict, answered: dict, status: int = 201) -> None:
    book.watch(reply("POST", "users/", status, answered, sent))


# --- inventing --------------------------------------------------------------------------------


def test_addresses_are_the_runs_own_and_each_is_new():
    book = ledger()
    assert [book.address(), book.address()] == [
        "authspec+1a2b-1@example.com", "authspec+1a2b-2@example.com",
    ]  # fmt: skip


def test_passwords_are_secrets_from_the_start():
    redactor = Redactor()
    password = ledger(redactor=redactor).password()
    assert redactor.text(password) == "$PASSWORD_1"
    assert len(password) >= 16


def test_passwords_have_a_bit_of_everything_and_no_letter_twice_in_a_row():
    book = ledger()
    for _ in range(200):
        password = book.password()
        assert re.match(r"Vq7![a-zA-Z]{14}$", password)
        assert not re.search(r"(?i)(.)\1", password)


def test_fields_of_a_form_get_what_their_example_or_their_name_asks_for():
    book = ledger()
    code = Field("code", "string", example="AB-{n}")
    assert re.fullmatch(r"AB-\d{7}", book.sample(code))
    assert book.sample(code) != book.sample(code)
    assert re.fullmatch(r"\+\d{7,15}", book.sample(Field("mobile_phone", "string", max_length=20)))
    assert book.sample(Field("website", "string")).startswith("https://")
    assert book.sample(Field("tags", "any", example=["a"])) == ["a"]


def test_passwords_follow_from_the_key_and_the_rest_from_the_seed():
    assert ledger(key=b"a").password() == ledger(key=b"a").password()
    assert ledger(key=b"a").password() != ledger(key=b"b").password()
    assert ledger(seed=1).number(10**9) == ledger(seed=1).number(10**9)


def test_a_registration_has_every_writable_field_and_the_password_twice_where_asked():
    body = ledger(with_djoser(USER_CREATE_PASSWORD_RETYPE=True)).body()
    assert body["re_password"] == body["password"]
    assert body["email"].endswith("@example.com")
    assert "re_password" not in ledger(with_djoser(USER_CREATE_PASSWORD_RETYPE=False)).body()


def test_a_given_value_wins_and_none_drops_the_key():
    body = ledger().body(password="mine", email=None)
    assert body["password"] == "mine"
    assert "email" not in body


def test_where_the_login_is_a_name_one_is_made():
    assert ledger(USERNAMES).body()["username"].startswith("authspec_1a2b_")


@pytest.mark.parametrize(
    ("spec", "test"),
    [
        (Field("f", "string", max_length=5), lambda v: len(v) == 5),
        (Field("f", "integer"), lambda v: isinstance(v, int)),
        (Field("f", "boolean"), lambda v: v is True),
        (Field("f", "uuid"), lambda v: UUID(v)),
        (Field("f", "date"), lambda v: v == "2001-02-03"),
        (Field("f", "datetime"), lambda v: v.endswith("Z")),
        (Field("f", "choice", choices=("a", "b")), lambda v: v in {"a", "b"}),
    ],
)
def test_a_field_of_each_type_gets_a_value_that_json_has(spec, test):
    value = ledger().sample(spec)
    assert json.loads(json.dumps(value)) == value
    assert test(value)


# --- bookkeeping ------------------------------------------------------------------------------


def test_an_accepted_registration_is_in_the_book_whoever_sent_it():
    book = ledger()
    registered(
        book,
        {"email": " Ada@Example.com ", "password": "pw"},
        {"id": 3, "email": "Ada@example.com"},
    )
    (account,) = book.accounts
    assert (account.login, account.id, account.passwords) == ("Ada@example.com", 3, ["pw"])
    assert book.remaining() == [account]


def test_a_refused_registration_and_other_calls_are_not():
    book = ledger()
    registered(book, {"email": "a@b.c", "password": "pw"}, {"email": ["taken"]}, status=400)
    book.watch(reply("POST", "users/activation/", 201, {}, {"email": "a@b.c", "password": "x"}))
    book.watch(reply("GET", "users/", 201, {}))
    assert book.accounts == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"email=ada%40example.com&password=pw"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nada@example.com\r\n'
            b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\npw\r\n--b--\r\n',
        ),
    ],
)
def test_a_registration_by_form_is_in_the_book_too(kind, body):
    book, by_json = ledger(), reply("POST", "users/", 201, {"id": 1})
    call = replace(by_json.call, headers={"content-type": kind}, body=body)
    book.watch(replace(by_json, call=call))
    (account,) = book.accounts
    assert (account.login, account.password.strip()) == ("ada@example.com", "pw")


@pytest.mark.parametrize("sent", [None, [], "x", {"email": {"a": 1}, "password": 5}])
def test_an_accepted_registration_that_nobody_understands_is_listed_as_left_over(sent):
    book = ledger()
    book.watch(reply("POST", "users/", 201, None, sent))
    assert len(described(book.remaining())) == 1


def test_an_account_is_inactive_where_a_mail_activates_it():
    for flag in (True, False):
        book = ledger(with_djoser(SEND_ACTIVATION_EMAIL=flag))
        registered(book, {"email": "a@b.c", "password": "pw"}, {"email": "a@b.c"})
        assert book.accounts[0].active is not flag


def test_the_budget_counts_what_came_to_be():
    book = ledger(max_accounts=1)
    book.reserve()
    registered(book, {"email": "a@b.c", "password": "pw"}, {"email": "a@b.c"})
    with pytest.raises(
        BudgetSpent, match=r"the budget of 1 accounts is spent; raise \[limits\] accounts"
    ):
        book.reserve()


def test_deleted_and_given_accounts_do_not_remain():
    book = ledger()
    book.accounts = [
        Account("a", "", "pw", gone=True), Account("b", "", "pw", given=True), Account("c", "", "pw"),
    ]  # fmt: skip
    assert described(book.remaining()) == ("c",)


def test_no_password_shows_in_a_repr():
    account = Account("a", "", "pa55-word")
    account.became(password="pa55-word")
    assert "pa55" not in repr(account)
