"""Password change."""

from itertools import islice
from typing import Any

from authspec_conformance import expect
from authspec_conformance.bodies import NO_TEXTS, confirm_reset, set_password, without
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.mail_expect import no_mail, one_mail, only_tells
from authspec_conformance.passwords import weak_passwords
from authspec_conformance.people import People
from authspec_contract.profile import Profile


@requirement("PWD-004", "PWD-005", "PWD-006", "PWD-007", "PWD-008", "PWD-009")
def test_refused_password_changes(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Everything that is wrong with a change, one thing at a time; the old password stays."""
    account = people.active()
    client, old = people.client(account), account.password
    wrong_current, mismatched = people.ledger.password(), people.ledger.password()
    full = set_password(profile, old, people.ledger.password())
    for candidate in (wrong_current, mismatched, full["new_password"]):
        account.became(password=candidate)
    with claim("PWD-004"):
        somebody_elses = people.shared("second").password
        for guess in (somebody_elses, old[:-1], old.swapcase())[: 1 if people.frugal else 3]:
            reply = client("set_password", set_password(profile, guess, wrong_current))
            expect.field_errors(reply, "current_password")
        for value in NO_TEXTS:
            body = set_password(profile, value, wrong_current)
            expect.field_errors(client("set_password", body), "current_password")
    with claim("PWD-005"):
        expect.field_errors(
            client("set_password", without(full, "current_password")), "current_password"
        )
        expect.complains_of(client("set_password", {}), "new_password")
        for value in NO_TEXTS:
            # without the current password: a field's own check comes before it, and costs no hash
            body = without({**full, "new_password": value}, "current_password")
            expect.complains_of(client("set_password", body), "new_password")
    if profile.djoser.SET_PASSWORD_RETYPE:
        with claim("PWD-006"):
            body = without(set_password(profile, old, mismatched), "re_new_password")
            reply = client("set_password", without(body, "current_password"))
            expect.complains_of(reply, "re_new_password")
            for again in (mismatched.swapcase(), mismatched[:-1])[: 0 if people.frugal else 2]:
                reply = client("set_password", set_password(profile, old, mismatched, again))
                expect.field_errors(reply, "non_field_errors")
    with claim("PWD-007"):
        for weak in islice(
            weak_passwords(profile, account.login, people.ledger, every=False),
            1 if people.frugal else None,
        ):
            account.became(password=weak.password)
            reply = client("set_password", set_password(profile, old, weak.password))
            if reply.status == 204:
                expect.fail(f"{reply} accepts a new password that is {weak.why}")
            expect.field_errors(reply, "new_password")
    with claim("PWD-008"):
        expect.status(api("set_password", full), profile.anonymous_status)
    if not people.frugal:
        with claim("PWD-009"):
            if not people.can_log_in(account, old):
                expect.fail("after refused changes the old password does not log in")
            if people.can_log_in(account, wrong_current):
                expect.fail("a password whose change was refused logs in")


@requirement(
    "PWD-001", "PWD-002", "PWD-003", "PWD-010", "PWD-011", "PWD-012", "PWD-013", "PWD-014", "PWD-015", "PWD-016",
    "PWD-017", "PWD-018", "PWD-019", "PWD-020",
)  # fmt: skip
def test_a_password_is_changed_twice(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """A change, what follows from it, and a second change after it."""
    elder, account, other = people.settled(), people.settled(), people.shared("second")
    logins = {scheme: people.client(account, scheme=scheme) for scheme in people.tried_schemes}
    client, neighbour = next(iter(logins.values())), people.client(other)
    before, others = client("me").json, neighbour("me").json
    around = people.others(account, elder)
    link = people.ask_for_reset(account.email) if claim.wants("PWD-012") else None
    first, second, third = account.password, people.ledger.password(), people.ledger.password()
    mark = people.mark()
    reply = client("set_password", set_password(profile, first, second))
    account.became(password=second)
    with claim("PWD-001"):
        expect.empty(reply)
    with expect.given("a password can be changed"):
        expect.status(reply, 204)
    if link is not None:
        with claim("PWD-012"):
            account.became(password=third)
            body = confirm_reset(profile, link.uid, link.token, third)
            expect.status(api("reset_password_confirm", body), 400)
    if people.has_mailbox:
        _mails_of_a_change(claim, people, account.email, mark, profile)
    with claim("PWD-014"):
        if "token" in logins:
            expect.status(logins["token"]("me"), profile.anonymous_status)
    with claim("PWD-020"):
        if "token" in logins:
            expect.status(logins["token"]("me"), 200)
    with claim("PWD-015"):
        if "jwt" in logins:
            expect.status(logins["jwt"]("me"), profile.anonymous_status)
    with claim("PWD-016"):
        for scheme, caller in logins.items():
            if scheme != "session" or caller is not client:  # the session that asked may go on
                expect.status(caller("me"), profile.anonymous_status)
    with claim("PWD-003"):
        for scheme in people.tried_schemes:
            if people.accepted(people.try_login(account.login, first, scheme=scheme)):
                expect.fail(f"after a change the old password still logs in by {scheme}")
    account.password = second
    people.forget(account)
    with claim("PWD-002"):
        for scheme in people.tried_schemes:
            if not people.can_log_in(account, scheme=scheme):
                expect.fail(f"after a change the new password does not log in by {scheme}")
    client = people.client(account)
    with claim("PWD-013"):
        expect.equal(client("me").json, before, "users/me/ after a password change")
        expect.equal(neighbour("me").json, others, "users/me/ of another account")
        people.unharmed(around)
        if not people.frugal and not people.can_log_in(elder):
            expect.fail("another account cannot log in any more")
        if not people.frugal and people.can_log_in(other, second):
            expect.fail("another account logs in with the new password")
    if people.frugal:
        return
    with claim("PWD-019"):
        stale = client("set_password", set_password(profile, first, third))
        expect.field_errors(stale, "current_password")
    with claim("PWD-018"):
        expect.empty(client("set_password", set_password(profile, second, third)))
        account.became(password=third)
        if not people.can_log_in(account, third):
            expect.fail("after a second change the new password does not log in")
        if people.can_log_in(account, second):
            expect.fail("after a second change the password before it still logs in")
        account.password = third


def _mails_of_a_change(
    claim: Claims, people: People, address: str, mark: int, profile: Profile
) -> None:
    if profile.djoser.PASSWORD_CHANGED_EMAIL_CONFIRMATION:
        with claim("PWD-010"):
            mail = one_mail(people.postbox, mark, to=address, what="a password change")
            only_tells(people.postbox, mail, profile)
    else:
        with claim("PWD-011"):
            no_mail(people.postbox, mark, to=address, what="a password change")
        with claim("PWD-017"):
            found: list[Any] = people.postbox.since(mark, to=address)
            if not found:
                expect.fail("no mail tells the owner that the password was changed")
