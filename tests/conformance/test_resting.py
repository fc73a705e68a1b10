"""Accounts that rest between stories: who gets which."""

from authspec_conformance.accounts import Account
from authspec_conformance.resting import Resting


def rested(*accounts: Account) -> Resting:
    resting = Resting()
    for account in accounts:
        resting.rest(account)
    return resting


def account(name: str, *passwords: str, password: str = "") -> Account:
    return Account(
        login=name, email=name, password=password or passwords[0], passwords=[*passwords], active=True
    )  # fmt: skip


def test_the_account_that_rested_longest_comes_first():
    resting = rested(account("a", "1"), account("b", "2"))
    assert [resting.active()[0].login, resting.active()[0].login] == ["a", "b"]
    assert resting.active() is None


def test_an_account_with_another_password_than_at_first_comes_before_those_that_only_had_wishes():
    resting = rested(account("wished", "1", "2", "3"), account("changed", "1", "2", password="2"))
    assert resting.active(changed=True)[0].login == "changed"
    assert resting.active(changed=True)[0].login == "wished"


def test_an_account_with_an_odd_password_never_comes_back():
    odd = account("odd", "1")
    odd.odd = True
    assert rested(odd).active() is None
