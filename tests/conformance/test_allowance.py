"""The allowance: no call, no mail; each mail of a run is accounted for by a call that was made."""

import pytest

from authspec_conformance.allowance import Allowance, MailBudget
from authspec_conformance.errors import BudgetSpent
from authspec_contract.profile import Profile

from .sample import mail, reply, with_djoser

ADA = "ada@example.com"
QUIET = {
    "SEND_ACTIVATION_EMAIL": False,
    "SEND_CONFIRMATION_EMAIL": False,
    "PASSWORD_CHANGED_EMAIL_CONFIRMATION": False,
    "USERNAME_CHANGED_EMAIL_CONFIRMATION": False,
}


def profile(**settings) -> Profile:
    return with_djoser(**{**QUIET, **settings})


def watching(of: Profile, *replies) -> Allowance:
    allowance = Allowance(of, lambda uid: [ADA] if uid == "MQ" else None)
    for one in replies:
        allowance.watch(one)
    return allowance


def left(allowance: Allowance, *addresses: str) -> list[str]:
    mails = [mail(address) for address in addresses]
    return [one.to[0] for one in allowance.unaccounted(mails)]


REGISTERED = reply("POST", "users/", 201, {"email": ADA}, {"email": ADA, "password": "x"})


def test_a_mail_that_no_call_caused_is_unaccounted_for():
    assert left(watching(profile()), ADA) == [ADA]


def test_a_registration_accounts_for_one_mail_to_its_address():
    allowance = watching(profile(SEND_ACTIVATION_EMAIL=True), REGISTERED)
    assert left(allowance, ADA) == []
    assert left(allowance, "Ada@example.com", ADA) == ["Ada@example.com"]
    assert left(allowance, ADA, ADA) == [ADA]
    assert left(allowance, "ada@EXAMPLE.com") == []
    assert allowance.expected == 1


def test_where_registration_mails_nobody_it_accounts_for_none():
    assert left(watching(profile(), REGISTERED), ADA) == [ADA]


def test_a_refused_call_accounts_for_none():
    refused = reply("POST", "users/reset_password/", 400, {}, {"email": ADA})
    assert left(watching(profile(), refused), ADA) == [ADA]


def test_asking_for_a_mail_accounts_for_one():
    for path in ("users/reset_password/", "users/resend_activation/", "users/reset_email/"):
        asked = reply("POST", path, 204, None, {"email": ADA})
        assert left(watching(profile(), asked), ADA) == []


def test_an_activation_accounts_for_its_confirmation_to_the_owner_of_the_uid():
    activated = reply("POST", "users/activation/", 204, None, {"uid": "MQ", "token": "t"})
    assert left(watching(profile(SEND_CONFIRMATION_EMAIL=True), activated), ADA) == []
    assert left(watching(profile(), activated), ADA) == [ADA]


def test_changes_account_for_their_confirmation_whoever_gets_it():
    changed = reply("POST", "users/set_password/", 204)
    assert left(watching(profile(PASSWORD_CHANGED_EMAIL_CONFIRMATION=True), changed), ADA) == []
    assert left(watching(profile(), changed), ADA) == [ADA]
    renamed = reply("POST", "users/set_email/", 204)
    assert left(watching(profile(USERNAME_CHANGED_EMAIL_CONFIRMATION=True), renamed), ADA) == []
    assert left(watching(profile(), renamed), ADA) == [ADA]


# --- the budget -------------------------------------------------------------------------------


def asked(path: str, method: str = "POST"):
    return reply(method, path, 204).call


def test_a_call_that_may_mail_is_not_sent_when_the_budget_is_spent():
    allowance = watching(profile())
    budget = MailBudget(allowance, 1)
    with budget.guard(asked("users/reset_password/")):
        pass
    allowance.watch(reply("POST", "users/reset_password/", 204, None, {"email": ADA}))
    with (
        pytest.raises(BudgetSpent, match="the budget of 1 mails is spent"),
        budget.guard(asked("users/reset_password/")),
    ):
        pass
    with budget.guard(asked("users/me/", "GET")), budget.guard(asked("jwt/create/")):
        pass


def test_calls_under_way_count_as_well():
    budget = MailBudget(watching(profile()), 1)
    with (
        budget.guard(asked("users/reset_email/")),
        pytest.raises(BudgetSpent),
        budget.guard(asked("users/resend_activation/")),
    ):
        pass


def test_a_registration_leaves_room_for_its_clean_up():
    with pytest.raises(BudgetSpent), MailBudget(watching(profile()), 2).guard(asked("users/")):
        pass
    with MailBudget(watching(profile()), 3).guard(asked("users/")):
        pass


def test_only_mails_to_accounts_are_due():
    of = profile(SEND_ACTIVATION_EMAIL=True)
    unknown = reply("POST", "users/reset_password/", 204, None, {"email": "nobody@example.com"})
    allowance = watching(of, REGISTERED, unknown)
    assert (allowance.expected, allowance.due([ADA]), allowance.due([])) == (2, 1, 0)
