"""Changing the login: the address, or the user name where that is the login."""

from functools import partial

from authspec_conformance import expect
from authspec_conformance.bodies import (
    NO_TEXTS,
    confirm_reset,
    set_login,
    without,
)
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.mail_expect import no_mail, one_mail, only_tells
from authspec_conformance.people import People
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
    account, other = people.settled(), people.shared("second")
    logins = [people.client(account, scheme=scheme) for scheme in people.tried_schemes]
    client, neighbour = logins[0], people.client(other)
    before, others, around = people.me(client), people.me(neighbour), people.others(account)
    by_email, key = profile.user.login_field == profile.user.email_field, profile.login_field
    old, new, old_email = account.login, people.new_login(), account.email
    if not (by_email and profile.user.lowercases_email):
        new = new[:1].upper() + new[1:]  # which has to be kept as it was typed
    link = people.ask_for_reset(account.email) if claim.wants("EML-010") else None
    mark = people.mark()
    reply = client("set_username", set_login(profile, new, account.password))
    if reply.status == 400 and not by_email:  # a house may want names in small letters
        new = new.lower()
        reply = client("set_username", set_login(profile, new, account.password))
    account.became(login=new)
    with claim("EML-001"):
        expect.empty(reply)
    with expect.given("a login can be changed"):
        expect.status(reply, 204)
    account.login, account.email = new, new if by_email else account.email
    if people.has_mailbox:
        _mails_of_a_change(claim, people, profile, old_email, account.email, mark)
    if link is not None:
        with claim("EML-010"):
            wish = people.ledger.password()
            account.became(password=wish)
            body = confirm_reset(profile, link.uid, link.token, wish)
            expect.complains_of(api("reset_password_confirm", body), "token")
    with claim("EML-018"):
        expect.equal(people.me(client), before, "users/me/ before the new address was confirmed")
    with claim("EML-002"):
        expected = {**before, key: new} if key in before else before
        for caller in logins:
            expect.equal(people.me(caller), expected, "users/me/ after the change")
    with claim("EML-003"):
        opened = people.open_by(new, account.password, people.tried_schemes)
        if shut := [scheme for scheme in people.tried_schemes if scheme not in opened]:
            expect.fail(f"the new login does not log in by {shut[0]}")
        for scheme in people.open_by(old, account.password, people.tried_schemes):
            expect.fail(f"the old login still logs in by {scheme}")
    with claim("EML-015"):
        expect.equal(people.me(neighbour), others, "users/me/ of another account")
        people.unharmed(around)
    if claim.wants("EML-013"):
        with claim("EML-013"):
            mark = people.mark()
            api("reset_password", {profile.user.email_field: old_email})
            api("reset_password", {profile.user.email_field: account.email})
            one_mail(
                people.postbox, mark, to=account.email, what="a reset request after the change"
            )
            no_mail(people.postbox, mark, to=old_email, what="a reset request after the change")
    if people.frugal:
        return
    with claim("EML-020"):
        last = people.new_login()
        account.became(login=last)
        mark = people.mark()
        expect.empty(client("set_username", set_login(profile, last, account.password)))
        if by_email:
            account.email = last
        if profile.djoser.USERNAME_CHANGED_EMAIL_CONFIRMATION and people.has_mailbox:
            people.postbox.wait(mark, to=account.email)
        account.login = last
        if key in before:
            expect.equal(
                client("me").json.get(key), last, f"{key!r} in users/me/ after a second change"
            )
        works, stale = people.at_once(
            partial(people.can_log_in, account), partial(people.can_log_in, account, login=new)
        )
        if not works:
            expect.fail("after a second change the new login does not log in")
        if stale:
            expect.fail("after a second change the login before it still logs in")
    with claim("EML-016"):
        heir, _ = people.register_again(people.ledger.body(**{key: old}))
        people.await_welcome(heir)
        if heir.active and people.can_log_in(heir, account.password):
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
