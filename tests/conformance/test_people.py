"""The actors of the tests: they sign up, activate, log in, and leave nothing behind."""

from functools import partial
from threading import Barrier

import pytest

from authspec_conformance.accounts import Account
from authspec_conformance.clean_up import delete_all
from authspec_conformance.errors import BudgetSpent, Inconclusive
from authspec_conformance.people import People
from authspec_mock.server import WorldHandle

from .actors import people_of


@pytest.fixture
def people(mock: WorldHandle) -> People:
    return people_of(mock.url)


def test_a_newcomer_is_activated_by_the_link_of_its_own_mail(people):
    account = people.active()
    assert people.can_log_in(account)
    assert people.client(account)("me").json["email"] == account.email


def test_a_registration_that_the_target_refuses_is_inconclusive(people):
    taken = people.active()
    with pytest.raises(Inconclusive, match="a valid registration is accepted"):
        people.register(email=taken.email)
    people.take_back(intact=False)
    assert list(people.steps.broken) == ["REG-001"]


def test_a_login_that_the_target_refuses_is_remembered_as_a_broken_step(people, mock):
    account = people.active()
    mock.put_user(account.login, password="an-other-pa55word")
    with pytest.raises(Inconclusive, match="the account can log in"):
        people.client(account)
    people.take_back(intact=False)
    assert list(people.steps.broken) == ["LOG-001"]


def test_a_step_that_fails_after_something_else_went_wrong_is_forgotten(people, mock):
    account = people.active()
    mock.put_user(account.login, password="an-other-pa55word")
    with pytest.raises(Inconclusive):
        people.client(account)
    people.take_back(intact=False, blameless=False)
    assert not people.steps.broken


def refused_login(people: People, mock: WorldHandle, *, by: str) -> None:
    """A story about something else, in which a login that it takes for granted is refused."""
    account = people.active(fresh=True)
    if by == "every login":
        mock.put_user(account.login, password="an-other-pa55word")
    else:
        mock.fault(match={"path": "jwt/create/"}, status=401)
    with pytest.raises(Inconclusive):
        people.client(account)
    people.take_back(intact=False)


@pytest.mark.parametrize("first", ["the refusal", "the failure"])
def test_an_account_that_no_login_opens_is_blamed_on_what_else_failed_in_the_run(
    people, mock, first
):
    for event in sorted(["the refusal", "the failure"], key=lambda event: event != first):
        if event == "the refusal":
            refused_login(people, mock, by="every login")
        else:
            people.take_back(intact=False, blameless=False)
    assert not people.steps.broken
    assert list(people.steps.consequences) == ["LOG-001"]


def test_an_account_that_no_login_opens_is_blamed_on_the_login_where_nothing_else_failed(
    people, mock
):
    refused_login(people, mock, by="every login")
    assert list(people.steps.broken) == ["LOG-001"]
    assert not people.steps.consequences


def test_a_login_that_alone_is_refused_is_blamed_whatever_else_failed(people, mock):
    refused_login(people, mock, by="JWT")
    people.take_back(intact=False, blameless=False)
    assert list(people.steps.broken) == ["LOG-001"]
    assert not people.steps.consequences


def test_a_spent_budget_is_no_broken_step(mock):
    people = people_of(mock.url, accounts=1)
    people.active()
    with pytest.raises(BudgetSpent):
        people.register()
    people.take_back(intact=False)
    assert not people.steps.broken


def test_a_login_is_kept_and_used_again(people, mock):
    account = people.active()
    for _ in range(3):
        people.client(account)
    logins = [entry for entry in mock.requests() if entry["path"].endswith("/jwt/create/")]
    assert len(logins) == 1


def test_a_shared_account_is_made_once_and_replaced_when_it_is_gone(people):
    first = people.shared()
    assert people.shared() is first
    assert people.shared("another") is not first
    first.gone = True
    assert people.shared() is not first


def test_a_story_takes_over_the_account_of_an_earlier_one(people, mock):
    account = people.active()
    people.client(account)
    people.take_back(intact=True)
    assert people.active() is account
    assert len(mock.users()) == 1


def test_nobody_takes_over_the_accounts_of_a_story_that_went_wrong(people):
    account = people.active()
    people.take_back(intact=False)
    assert people.active() is not account


def test_an_account_is_not_taken_over_where_its_password_or_address_is_another_one(people, mock):
    strange, moved = people.active(), people.active()
    mock.put_user(strange.login, password="an-other-pa55word")
    people.forget(strange)
    people.client(moved)
    moved.email = "elsewhere@example.com"
    people.take_back(intact=True)
    assert people.active() not in (strange, moved)


def test_a_shared_account_never_rests(people):
    shared = people.shared()
    people.take_back(intact=True)
    assert people.active() is not shared


def test_a_story_that_wants_a_fresh_account_gets_one(people):
    account = people.active()
    people.take_back(intact=True)
    assert people.active(fresh=True) is not account


def test_an_account_that_waits_serves_again_and_is_activated_where_none_is_active(people):
    waiting = people.waiting()
    people.take_back(intact=True)
    assert people.waiting() is waiting
    people.take_back(intact=True)
    assert people.active() is waiting
    assert people.can_log_in(waiting)


def test_an_account_that_was_put_aside_is_not_taken_over(people):
    account = people.active()
    people.put_aside(account)
    people.take_back(intact=True)
    assert people.active() is not account


def test_given_accounts_are_used_where_none_can_be_made_and_never_deleted(mock):
    mock.put_user("ada@example.com", password="pa55-word-of-ada", is_active=True)
    ada = Account("ada@example.com", "ada@example.com", "pa55-word-of-ada", active=True, given=True)
    people = people_of(mock.url, mailbox=False, given=[ada])
    assert people.shared() is ada
    assert people.can_log_in(ada)
    with pytest.raises(Inconclusive, match="--mailbox none"):
        people.active()
    assert delete_all(people) == []
    assert len(mock.users()) == 1


def test_the_budget_stops_a_registration_before_it_is_sent(mock):
    people = people_of(mock.url, accounts=1)
    people.register()
    with pytest.raises(BudgetSpent):
        people.register()
    assert len(mock.users()) == 1


# --- leaving ----------------------------------------------------------------------------------


def test_active_and_waiting_accounts_are_deleted(people, mock):
    people.active()
    people.register()
    assert len(mock.users()) == 2
    assert delete_all(people) == []
    assert mock.users() == []


def test_an_account_whose_password_and_login_changed_is_deleted(people, mock):
    account = people.active()
    new = people.ledger.password()
    body = {"new_password": new, "re_new_password": new, "current_password": account.password}
    account.became(password=new)
    assert people.client(account)("set_password", body).status == 204
    moved = people.new_login()
    account.became(login=moved)
    body = {"new_email": moved, "re_new_email": moved, "current_password": new}
    assert people.client(account)("set_username", body).status == 204
    people.forget(account)
    assert delete_all(people) == []
    assert mock.users() == []


def test_a_change_that_may_not_have_happened_does_not_matter(people, mock):
    account = people.active()
    account.became(password="never-came-to-be-1", login="never@example.com")
    people.forget(account)
    assert delete_all(people) == []
    assert mock.users() == []


def test_an_account_that_the_profiles_words_do_not_open_is_listed_as_left_over(people, mock):
    account = people.active()
    mock.change_profile(simple_jwt={"AUTH_HEADER_TYPES": ["Bearer"]})
    assert delete_all(people) == [account]
    assert len(mock.users()) == 1


def test_without_a_mailbox_a_waiting_account_is_listed_as_left_over(mock):
    people = people_of(mock.url, mailbox=False)
    account, _ = people.register()
    assert delete_all(people) == [account]
    assert len(mock.users()) == 1


def test_one_account_that_cannot_be_deleted_does_not_keep_the_others(people, mock):
    stuck, other = people.active(), people.active()
    mock.fault(
        match={"path": "users/me/", "method": "DELETE", "account": stuck.login},
        status=503,
        times=99,
    )
    assert delete_all(people) == [stuck]
    assert other.gone


def test_a_target_that_is_silent_is_left_alone_soon(mock):
    people = people_of(mock.url, timeout=0.2)
    accounts = [people.active() for _ in range(12)]
    asked = len(mock.requests())
    mock.fault(match={}, hang=True, times=999)
    assert delete_all(people) == accounts
    assert people.api.target.requests - asked < 12


def test_a_mail_that_is_sent_again_activates(people, mock):
    account = people.waiting()
    mock.put_user(account.login, password="an-other-pa55word")  # whose first link is dead now
    people.send_again(account)
    account.password = "an-other-pa55word"
    people.activate(account)
    assert people.can_log_in(account)


def test_passwords_are_tried_two_at_a_time_and_told_apart(people):
    account = people.active()
    assert people.opened_by(account, "wrong", account.password, "wrong as well") == [
        account.password
    ]
    assert people.open_by(account.login, account.password, people.schemes) == list(people.schemes)
    assert people.open_by(account.login, "wrong", people.schemes) == []


def test_calls_at_once_give_their_answers_in_the_order_of_the_calls(people):
    meet = Barrier(2, timeout=10)

    def call(answer, wait):
        if wait:
            meet.wait()
        return answer

    calls = [partial(call, n, n < 2) for n in range(4)]
    assert people.at_once(*calls) == [0, 1, 2, 3]


def test_what_goes_wrong_in_one_of_the_calls_is_told(people):
    def fail():
        raise Inconclusive("no answer")

    with pytest.raises(Inconclusive, match="no answer"):
        people.at_once(list, fail)


def test_an_unknown_login_is_tried_once(people, mock):
    replies = [people.login_of_nobody("jwt") for _ in range(3)]
    assert {reply.status for reply in replies} == {401}
    logins = [entry for entry in mock.requests() if entry["path"].endswith("/jwt/create/")]
    assert len(logins) == 1


def test_an_account_that_was_deactivated_is_deleted_without_trying_all_its_passwords(people, mock):
    account = people.active()
    for _ in range(9):
        account.became(login=people.new_login(), password=people.ledger.password())
    account.logins.append(account.logins.pop(0))  # the latest is the one that it has
    people.forget(account)
    mock.put_user(account.login, is_active=False)
    assert delete_all(people) == []
    logins = [entry for entry in mock.requests() if entry["path"].endswith("/jwt/create/")]
    assert len(logins) <= 5
