"""Resetting the login by a mail, which every Djoser serves beside the documented calls."""

from typing import Any

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import (
    NO_TEXTS,
    misshapen,
    reset_login,
    tampered,
    time_shifted,
    without,
)
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.links import Link
from authspec_conformance.mail_expect import no_mail, one_link, one_mail, only_tells
from authspec_conformance.people import People
from authspec_contract.profile import Profile


@requirement("EML-021")
def test_a_reset_of_the_login_for_nobody(api: Client, people: People, profile: Profile) -> None:
    """Someone asks for it with an address that nobody has."""
    expect.empty(api("reset_username", {profile.user.email_field: people.ledger.address()}))


@requirement("EML-022", "EML-023", "EML-024", "EML-025", "EML-026", "EML-027", "EML-028")
def test_a_login_is_reset_by_mail(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """A mail, wrong tries with its link, the new login, and the link once more. No call costs a hash."""
    account, other = people.settled(), people.shared("second")
    logins = [people.client(account, scheme=scheme) for scheme in people.tried_schemes]
    client, key = logins[0], profile.login_field
    neighbour = people.client(other)
    before, others = people.me(client), people.me(neighbour)
    mark = people.mark()
    reply = api("reset_username", {profile.user.email_field: account.email})
    with claim("EML-022"):
        expect.empty(reply)
        mail = one_mail(people.postbox, mark, to=account.email, what="a reset of the login")
        one_link(people.postbox, mail, profile.djoser.USERNAME_RESET_CONFIRM_URL or "")
    link = people.link(account, "USERNAME_RESET_CONFIRM_URL", mark)
    with claim("EML-024"):
        for token in (
            *tampered(link.token), *misshapen(link.token), time_shifted(link.token), link.token.upper(),
        ):  # fmt: skip
            body = reset_login(profile, link.uid, token, people.new_login())
            expect.complains_of(api("reset_username_confirm", body), "token")
        if theirs := people.uid_of(other):
            wish = people.new_login()
            other.became(login=wish)
            body = reset_login(profile, theirs, link.token, wish)
            expect.complains_of(api("reset_username_confirm", body), "token")
    _refused_logins(claim, api, people, profile, link, other)
    with claim("EML-026"):
        expect.equal(people.me(client), before, "users/me/ after refused confirmations")
    if profile.login_field != profile.user.email_field:
        # the link dies by its last_login alone, which the view sets: by the second
        people.let_a_second_pass()
    mark, new, old = people.mark(), people.new_login(), account.email
    reply = api("reset_username_confirm", reset_login(profile, link.uid, link.token, new))
    account.became(login=new)
    with claim("EML-023"):
        expect.empty(reply)
    with expect.given("a link sets a new login"):
        expect.status(reply, 204)
    _is_now(account, new, profile)
    with claim("EML-028"):
        if profile.djoser.USERNAME_CHANGED_EMAIL_CONFIRMATION:
            told = one_mail(people.postbox, mark, to=account.email, what="a reset of the login")
            only_tells(people.postbox, told, profile)
        else:
            for address in {old, account.email}:
                no_mail(people.postbox, mark, to=address, what="a confirmed reset of the login")
    with claim("EML-023"):
        expected = {**before, key: new} if key in before else before
        for caller in logins:
            expect.equal(people.me(caller), expected, "users/me/ after the reset of the login")
    with claim("EML-027"):
        expect.equal(people.me(neighbour), others, "users/me/ of another account")
    with claim("EML-024"):
        wish = people.new_login()
        account.became(login=wish)
        again = api("reset_username_confirm", reset_login(profile, link.uid, link.token, wish))
        expect.complains_of(again, "token")


def _refused_logins(
    claim: Claims, api: Client, people: People, profile: Profile, link: Link, taken: Account
) -> None:
    key, fresh = f"new_{profile.login_field}", people.new_login()

    def refused(new: Any) -> None:
        body = {**reset_login(profile, link.uid, link.token, fresh), key: new}
        expect.complains_of(api("reset_username_confirm", body), key)

    with claim("EML-025"):
        refused(taken.login)
        for value in NO_TEXTS:
            refused(value)
        if profile.user.login_field == profile.user.email_field:
            for value in ("nobody", "@example.com", "a b@example.com"):
                refused(value)
        full = reset_login(profile, link.uid, link.token, fresh)
        # of no uid, stock Djoser says one thing or another by the type of the id
        for missing in full.keys() - {"uid"}:
            reply = api("reset_username_confirm", without(full, missing))
            expect.field_errors(reply, missing)
        if f"re_{key}" in full:
            different = reset_login(profile, link.uid, link.token, fresh, fresh.swapcase())
            expect.field_errors(
                api("reset_username_confirm", different), profile.non_field_errors_key
            )


def _is_now(account: Account, login: str, profile: Profile) -> None:
    account.login = login
    if profile.user.login_field == profile.user.email_field:
        account.email = login
