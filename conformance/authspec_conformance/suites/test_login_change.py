"""Changing the login: the address, or the user name where that is the login."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import (
    NO_TEXTS,
    confirm_reset,
    set_login,
    without,
)
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.mail_expect import no_mail, one_mail, only_tells
from authspec_conformance.people import People, Seen
from authspec_contract.profile import Profile


@requirement("EML-004", "EML-005", "EML-006", "EML-007", "EML-008", "EML-009", "EML-014", "EML-019")
def test_refused_changes_of_the_login(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Everything that is wrong with a change, one thing at a time; the old login stays."""
    account, other = people.settled(), people.shared("second")
    logins = [people.client(account, scheme=scheme) for scheme in people.tried_schemes]
    client, key = logins[0], f"new_{profile.login_field}"
    before, fresh = people.me(client), people.new_login()
    full = set_login(profile, fresh, account.password)
    account.became(login=fresh)

    def change(new: object, current: object = account.password) -> dict[str, object]:
        return {**set_login(profile, str(new), str(current)), key: new, "current_password": current}

    with claim("EML-004"):
        near = () if people.frugal else (account.password.swapcase(), account.password[:-1])
        for guess in (other.password, *near, *NO_TEXTS):
            reply = client("set_username", change(fresh, guess))
            expect.field_errors(reply, "current_password")
    with claim("EML-005"):
        # without the current password: uniqueness is the field's own check, and costs no hash
        taken = without(set_login(profile, other.login, "x"), "current_password")
        expect.complains_of(client("set_username", taken), key)
    with claim("EML-006"):
        for value in ("nobody", "@example.com", "a b@example.com"):
            expect.complains_of(
                client("set_username", without(set_login(profile, value, "x"), "current_password")),
                key,
            )
    with claim("EML-007"):
        expect.field_errors(
            client("set_username", without(full, "current_password")), "current_password"
        )
        expect.field_errors(client("set_username", {}), *full)
        for value in NO_TEXTS:
            # without the current password: a field's own check comes before it, and costs no hash
            body = without({**full, key: value}, "current_password")
            expect.complains_of(client("set_username", body), key)
    if profile.djoser.SET_USERNAME_RETYPE:
        with claim("EML-008"):
            # without the current password: it costs no hash
            body = without(without(full, f"re_{key}"), "current_password")
            expect.complains_of(client("set_username", body), f"re_{key}")
            if not people.frugal:
                different = set_login(profile, fresh, account.password, fresh.swapcase())
                expect.field_errors(client("set_username", different), profile.non_field_errors_key)
    with claim("EML-009"):
        expect.status(api("set_username", full), profile.anonymous_status)
    if claim.wants("EML-019") and not people.frugal:
        with claim("EML-019"):
            waiting = people.waiting()
            taken = without(set_login(profile, waiting.login, "x"), "current_password")
            expect.complains_of(client("set_username", taken), key)
    with claim("EML-014"):
        for caller in logins:
            expect.equal(people.me(caller), before, "users/me/ after refused changes")
        if not people.frugal and not people.can_log_in(account):
            expect.fail("after refused changes the account cannot log in")


@requirement(
    "EML-001", "EML-002", "EML-003", "EML-010", "EML-011", "EML-012", "EML-013", "EML-015", "EML-016", "EML-017",
    "EML-018", "EML-020",
)  # fmt: skip
def test_a_login_is_changed_twice(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """A change, what follows from it, and a second change after it."""
    was = _before_a_change(people)
    account, new = was.account, people.new_login()
    if not (_by_email(profile) and profile.user.lowercases_email):
        new = new[:1].upper() + new[1:]  # which has to be kept as it was typed
    link = people.ask_for_reset(account.email) if claim.wants("EML-010") else None
    mark = people.mark()
    reply = was.client("set_username", set_login(profile, new, account.password))
    if reply.status == 400 and not _by_email(profile):  # a house may want names in small letters
        new = new.lower()
        reply = was.client("set_username", set_login(profile, new, account.password))
    account.became(login=new)
    with claim("EML-001"):
        expect.empty(reply)
    with expect.given("a login can be changed"):
        expect.status(reply, 204)
    account.login, account.email = new, new if _by_email(profile) else account.email
    if people.has_mailbox:
        _mails_of_a_change(claim, people, profile, was.email, account.email, mark)
    if link is not None:
        with claim("EML-010"):
            wish = people.ledger.password()
            account.became(password=wish)
            body = confirm_reset(profile, link.uid, link.token, wish)
            expect.complains_of(api("reset_password_confirm", body), "token")
    _shows_the_new_login(claim, people, was)
    _logs_in_by_the_new_login(claim, people, was)
    with claim("EML-015"):
        expect.equal(people.me(was.neighbour), was.others, "users/me/ of another account")
        people.unharmed(was.around)
    if claim.wants("EML-013"):
        _reset_mails_go_to_the_new_address(claim, people, was)
    if people.frugal:
        return
    _changes_again(claim, people, was)
    _somebody_takes_the_old_login(claim, people, was)


@dataclass(frozen=True)
class _Before:
    """An account before its login is changed, and what it and others see of themselves."""

    account: Account
    login: str
    email: str
    logins: Sequence[Client]
    neighbour: Client
    me: Any
    others: Any
    around: tuple[Seen, ...]

    @property
    def client(self) -> Client:
        """The account by its preferred login."""
        return self.logins[0]


def _before_a_change(people: People) -> _Before:
    # its first password must not come back with the new login
    account, other = people.settled(changed=True), people.shared("second")
    logins = [people.client(account, scheme=scheme) for scheme in people.tried_schemes]
    neighbour = people.client(other)
    return _Before(
        account, account.login, account.email, logins, neighbour,
        me=people.me(logins[0]), others=people.me(neighbour), around=people.others(account),
    )  # fmt: skip


def _by_email(profile: Profile) -> bool:
    """Whether the login is the address."""
    return profile.user.login_field == profile.user.email_field


def _shows_the_new_login(claim: Claims, people: People, was: _Before) -> None:
    key = people.profile.login_field
    with claim("EML-018"):
        expect.equal(
            people.me(was.client), was.me, "users/me/ before the new address was confirmed"
        )
    with claim("EML-002"):
        expected = {**was.me, key: was.account.login} if key in was.me else was.me
        for caller in was.logins:
            expect.equal(people.me(caller), expected, "users/me/ after the change")


def _logs_in_by_the_new_login(claim: Claims, people: People, was: _Before) -> None:
    new, password = was.account.login, was.account.password
    with claim("EML-003"):
        opened = people.open_by(new, password, people.tried_schemes)
        if shut := [scheme for scheme in people.tried_schemes if scheme not in opened]:
            expect.fail(f"the new login does not log in by {shut[0]}")
        for scheme in people.open_by(was.login, password, people.tried_schemes):
            expect.fail(f"the old login still logs in by {scheme}")


def _reset_mails_go_to_the_new_address(claim: Claims, people: People, was: _Before) -> None:
    key, new = people.profile.user.email_field, was.account.email
    with claim("EML-013"):
        mark = people.mark()
        people.api("reset_password", {key: was.email})
        people.api("reset_password", {key: new})
        one_mail(people.postbox, mark, to=new, what="a reset request after the change")
        no_mail(people.postbox, mark, to=was.email, what="a reset request after the change")


def _changes_again(claim: Claims, people: People, was: _Before) -> None:
    account, profile = was.account, people.profile
    key, before = profile.login_field, account.login
    with claim("EML-020"):
        last = people.new_login()
        account.became(login=last)
        mark = people.mark()
        expect.empty(was.client("set_username", set_login(profile, last, account.password)))
        if _by_email(profile):
            account.email = last
        if profile.djoser.USERNAME_CHANGED_EMAIL_CONFIRMATION and people.has_mailbox:
            people.postbox.wait(mark, to=account.email)
        account.login = last
        if key in was.me:
            shown = was.client("me").json.get(key)
            expect.equal(shown, last, f"{key!r} in users/me/ after a second change")
        works, stale = people.at_once(
            partial(people.can_log_in, account), partial(people.can_log_in, account, login=before)
        )
        if not works:
            expect.fail("after a second change the new login does not log in")
        if stale:
            expect.fail("after a second change the login before it still logs in")


def _somebody_takes_the_old_login(claim: Claims, people: People, was: _Before) -> None:
    with claim("EML-016"):
        heir, _ = people.register_again(
            people.ledger.body(**{people.profile.login_field: was.login})
        )
        people.await_welcome(heir)
        if heir.active and people.can_log_in(heir, was.account.password):
            expect.fail(
                "the password of the account that left the login opens the one that took it"
            )


def _mails_of_a_change(
    claim: Claims, people: People, profile: Profile, old: str, new: str, mark: int
) -> None:
    if profile.djoser.USERNAME_CHANGED_EMAIL_CONFIRMATION:
        with claim("EML-011"):
            mail = one_mail(people.postbox, mark, to=new, what="a change of the login")
            only_tells(people.postbox, mail, profile)
    else:
        with claim("EML-012"):
            no_mail(people.postbox, mark, to=new, what="a change of the login")
            no_mail(people.postbox, mark, to=old, what="a change of the login")
    with claim("EML-017"):
        if not people.postbox.since(mark, to=old):
            expect.fail("no mail tells the old address of the change")
