"""Password reset."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import (
    NO_TEXTS,
    confirm_reset,
    misshapen,
    tampered,
    time_shifted,
    without,
)
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.links import Link
from authspec_conformance.mail_expect import link_origin, no_mail, one_link, one_mail, only_tells
from authspec_conformance.passwords import shortest_password, weak_passwords
from authspec_conformance.people import People, Seen
from authspec_contract.profile import Profile


@requirement(
    "RST-001", "RST-002", "RST-003", "RST-004", "RST-005", "RST-006", "RST-013", "RST-014", "RST-015",
    "RST-016", "RST-020", "RST-021", "RST-024", "RST-026", "RST-027", "RST-029", "MAIL-002",
)  # fmt: skip
def test_a_password_is_reset_twice(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Someone forgot the password: a mail, wrong tries with its link, the reset, and a second one later."""
    was = _before_a_reset(people)
    account, new = was.account, people.ledger.password()
    mark = people.mark()
    reply = api("reset_password", {profile.user.email_field: account.email})
    with claim("RST-001"):
        expect.empty(reply)
    if not people.has_mailbox:
        return
    link = _mailed_link(claim, people, was, mark)
    _a_request_alone_does_nothing(claim, people, was)
    if not people.frugal:
        people.let_a_second_pass()  # a refusal that touched last_login would not show before
    _refused_confirmations(claim, people, account.login, link)
    mark = people.mark()
    reply = api("reset_password_confirm", confirm_reset(profile, link.uid, link.token, new))
    account.became(password=new)
    with claim("RST-003"):
        expect.empty(reply)
    with claim("RST-015"):
        expect.status(reply, 204)
    with expect.given("a reset link sets a password"):
        expect.status(reply, 204)
    _mails_of_a_reset(claim, people, account, mark)
    with claim("RST-024"):
        expect.status(was.client("me"), profile.anonymous_status)
    _link_works_once(claim, people, account, link, new)
    with claim("RST-026"):
        expect.equal(people.me(people.client(account)), was.me, "users/me/ after a reset")
        expect.equal(people.me(was.neighbour), was.others, "users/me/ of another account")
        people.unharmed(was.around)
        if not people.frugal and people.can_log_in(was.other, new):
            expect.fail("the reset set the password of another account")
    if not people.frugal:
        _resets_a_second_time(claim, people, account)
        _wishes_for_its_own_login(claim, people, account)


@dataclass(frozen=True)
class _Before:
    """Two accounts before one resets its password: its logins, and what both see of themselves."""

    account: Account
    other: Account
    logins: Sequence[Client]
    client: Client
    neighbour: Client
    me: Any
    others: Any
    around: tuple[Seen, ...]


def _before_a_reset(people: People) -> _Before:
    account, other = people.settled(), people.shared("second")
    logins = [people.client(account, scheme=scheme) for scheme in people.tried_schemes]
    client, neighbour = people.client(account), people.client(other)
    return _Before(
        account, other, logins, client, neighbour,
        me=people.me(client), others=people.me(neighbour), around=people.others(account),
    )  # fmt: skip


def _mailed_link(claim: Claims, people: People, was: _Before, mark: int) -> Link:
    """The link of the one mail that the request sent."""
    profile, address = people.profile, was.account.email
    template = profile.djoser.PASSWORD_RESET_CONFIRM_URL or ""
    with claim("RST-002"):
        mail = one_mail(people.postbox, mark, to=address, what="a reset request")
        one_link(people.postbox, mail, template)
        what = "a reset request for another account"
        no_mail(people.postbox, mark, to=was.other.email, what=what)
    link = people.link(was.account, "PASSWORD_RESET_CONFIRM_URL", mark)
    with claim("MAIL-002"):
        if not link.origin.rstrip("/").endswith(link_origin(profile)):
            expect.fail(f"the link begins with {link.origin}, expected {link_origin(profile)}")
    return link


def _a_request_alone_does_nothing(claim: Claims, people: People, was: _Before) -> None:
    """Logins and the password go on: anybody may ask for a reset."""
    with claim("RST-016"):
        for caller in was.logins:
            expect.status(caller("me"), 200)
        # a login that sets last_login kills the link (RST-028): by token, by session, and some by JWT
        by_jwt = people.schemes[0] == "jwt" and not people.profile.simple_jwt.UPDATE_LAST_LOGIN
        if by_jwt and not people.frugal and not people.can_log_in(was.account):
            expect.fail("a reset request alone killed the old password")


def _refused_confirmations(claim: Claims, people: People, login: str, link: Link) -> None:
    api, profile, new = people.api, people.profile, people.ledger.password()
    uid, token = link.uid, link.token
    with claim("RST-006"):
        wrongs = (*tampered(token), *misshapen(token), time_shifted(token), token.upper())
        for wrong in wrongs:
            body = confirm_reset(profile, uid, wrong, new)
            expect.complains_of(api("reset_password_confirm", body), "token")
    if profile.djoser.PASSWORD_RESET_CONFIRM_RETYPE:
        with claim("RST-013"):
            body = confirm_reset(profile, uid, token, new)
            missing = api("reset_password_confirm", without(body, "re_new_password"))
            expect.field_errors(missing, "re_new_password")
            for again in (people.ledger.password(), new.swapcase(), new[:-1]):
                body = confirm_reset(profile, uid, token, new, again)
                expect.field_errors(
                    api("reset_password_confirm", body), profile.non_field_errors_key
                )
    with claim("RST-014"):
        for weak in weak_passwords(profile, login, people.ledger):
            if weak.validator == "UserAttributeSimilarity":
                continue  # djoser/serializers.py 2.3 validates against nobody here; RST-029 asks for it
            reply = api("reset_password_confirm", confirm_reset(profile, uid, token, weak.password))
            if reply.status == 204:
                expect.fail(f"{reply} accepts a new password that is {weak.why}")
            expect.field_errors(reply, "new_password")


def _mails_of_a_reset(claim: Claims, people: People, account: Account, mark: int) -> None:
    if people.profile.djoser.PASSWORD_CHANGED_EMAIL_CONFIRMATION:
        with claim("RST-020"):
            told = one_mail(people.postbox, mark, to=account.email, what="a reset")
            only_tells(people.postbox, told, people.profile)
    else:
        with claim("RST-021"):
            no_mail(people.postbox, mark, to=account.email, what="a reset confirmation")


def _link_works_once(claim: Claims, people: People, account: Account, link: Link, new: str) -> None:
    """The used link is tried again with another password; the account has the one of the first use."""
    old, again = account.password, people.ledger.password()
    account.became(password=again)
    body = confirm_reset(people.profile, link.uid, link.token, again)
    second = people.api("reset_password_confirm", body)
    with claim("RST-004"):
        people.forget(account)
        opened = people.opened_by(account, old, new)
        if old in opened:
            expect.fail("after a reset the old password still logs in")
        account.password = new
        # one login tells of both uses: where the new password works, the second use set no other
        if new not in opened:
            account.password = again
            if not people.can_log_in(account):
                account.password = new
                expect.fail("after a reset the new password does not log in")
    with claim("RST-005"):
        expect.complains_of(second, "token")
        if account.password == again:
            expect.fail("the second use of a reset link set another password")


def _resets_a_second_time(claim: Claims, people: People, account: Account) -> None:
    api, profile = people.api, people.profile
    with claim("RST-027"):
        mark = people.mark()
        expect.empty(api("reset_password", {profile.user.email_field: account.email}))
        mail = one_mail(people.postbox, mark, to=account.email, what="a second reset request")
        link = one_link(people.postbox, mail, profile.djoser.PASSWORD_RESET_CONFIRM_URL or "")
        third = people.ledger.password()
        account.became(password=third)
        reply = api("reset_password_confirm", confirm_reset(profile, link.uid, link.token, third))
        expect.empty(reply)
        if people.can_log_in(account):
            expect.fail("after a second reset the password before it still logs in")
        account.password = third
        if not people.can_log_in(account):
            expect.fail("after a second reset the new password does not log in")


def _wishes_for_its_own_login(claim: Claims, people: People, account: Account) -> None:
    """A third reset, to a password that a change would refuse."""
    if not claim.wants("RST-029"):
        return
    with claim("RST-029"):
        link = people.ask_for_reset(account.email)
        account.became(password=account.login)
        body = confirm_reset(people.profile, link.uid, link.token, account.login)
        reply = people.api("reset_password_confirm", body)
        if reply.status == 204:
            account.password = account.login
            people.put_aside(account)
        expect.field_errors(reply, "new_password")


@requirement("RST-008", "RST-009", "RST-011", "RST-018", "RST-019")
def test_reset_requests_that_have_nothing_to_send(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """For nobody, without an address, and whether one can tell who is known."""
    key = profile.user.email_field
    nobody, mark = people.ledger.address(), people.mark()
    unknown = api("reset_password", {key: nobody})
    with claim("RST-008"):
        expect.empty(unknown)
    with claim("RST-019"):
        expect.status(unknown, 400)
    with claim("RST-011"):
        expect.field_errors(api("reset_password", {}), key)
        for value in ("nobody", *NO_TEXTS):
            expect.field_errors(api("reset_password", {key: value}), key)
    with claim("RST-009"):
        no_mail(people.postbox, mark, to=nobody, what="a reset request for an address of nobody")
    if claim.wants("RST-018"):
        with claim("RST-018"):
            known = people.shared()
            mark = people.mark()
            reply = api("reset_password", {key: known.email})
            if people.has_mailbox:
                people.postbox.wait(mark, to=known.email)
            expect.indistinguishable(unknown, reply, "an unknown address and a known one")


@requirement("RST-007", "RST-010", "RST-017", "RST-028", "RST-030")
def test_links_of_two_accounts(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Two accounts ask for a reset, one of them twice; uids and tokens are mixed up."""
    account, other = people.active(), people.active()
    earlier = people.ask_for_reset(account.email)
    theirs = people.ask_for_reset(other.email)
    ours = people.ask_for_reset(account.email)
    with claim("RST-007"):
        new = people.ledger.password()
        for uid, token in ((ours.uid, theirs.token), (theirs.uid, ours.token)):
            body = confirm_reset(profile, uid, token, new)
            expect.complains_of(api("reset_password_confirm", body), "token")
        for person in (account, other):
            person.became(password=new)
        if not people.frugal and people.can_log_in(other, new):
            expect.fail("the token of one account set the password of another")
    if claim.wants("RST-010"):
        _inactive_account_gets_no_mail(claim, people)
    link = late = None
    with claim("RST-017"):
        _later_link_works_alone(people, account, earlier, ours)
        if claim.wants("RST-030") and not people.frugal:
            link = people.ask_for_reset(account.email)  # the login below is that of RST-030 too
            late = people.ask_for_reset(other.email) if claim.wants("RST-028") else None
            people.let_a_second_pass()
        scheme = "jwt" if link else None
        if not people.frugal and not people.can_log_in(account, scheme=scheme):
            expect.fail("a dead reset link changed the password")
    if people.frugal:
        return
    if claim.wants("RST-030"):
        with claim("RST-030"):
            link = link or _link_before_a_login(people, account, "jwt")
            _resets(people, account, link)
    if claim.wants("RST-028"):
        with claim("RST-028"):
            if late is None:
                late = _link_before_a_login(people, other, "token")
            else:
                people.fresh_client(other, scheme="token")
            new = people.ledger.password()
            other.became(password=new)
            body = confirm_reset(profile, late.uid, late.token, new)
            expect.complains_of(api("reset_password_confirm", body), "token")


def _inactive_account_gets_no_mail(claim: Claims, people: People) -> None:
    api, key = people.api, people.profile.user.email_field
    with claim("RST-010"):
        waiting = people.waiting()
        unknown = api("reset_password", {key: people.ledger.address()})
        mark = people.mark()
        reply = api("reset_password", {key: waiting.email})
        what = "a reset request of an inactive account"
        no_mail(people.postbox, mark, to=waiting.email, what=what)
        expect.indistinguishable(unknown, reply, "an unknown address and a waiting account")


def _later_link_works_alone(people: People, account: Account, earlier: Link, ours: Link) -> None:
    """The later of two links sets a password, and then neither sets another."""
    api, profile = people.api, people.profile
    with expect.given("the later reset link works"):
        spent = {"token", "session"} & set(people.schemes)
        ours = people.ask_for_reset(account.email) if spent else ours
        _resets(people, account, ours)
    for dead in (earlier, ours):
        wish = people.ledger.password()
        account.became(password=wish)
        body = confirm_reset(profile, dead.uid, dead.token, wish)
        expect.complains_of(api("reset_password_confirm", body), "token")


def _resets(people: People, account: Account, link: Link) -> None:
    """The link sets a fresh password. Raises Failure where it is refused."""
    new = people.ledger.password()
    account.became(password=new)
    body = confirm_reset(people.profile, link.uid, link.token, new)
    expect.status(people.api("reset_password_confirm", body), 204)
    account.password = new


def _link_before_a_login(people: People, account: Account, scheme: str) -> Link:
    """A reset link that is older than the account's latest login, by a second that tokens can tell."""
    link = people.ask_for_reset(account.email)
    people.let_a_second_pass()
    people.fresh_client(account, scheme=scheme)
    return link


@requirement("RST-012", "RST-023", "RST-025", "RST-032")
def test_confirmations_without_a_valid_link_are_refused(
    claim: Claims, api: Client, people: People, profile: Profile, context: Context
) -> None:
    """Parts missing, of the wrong type, of nobody."""
    uid = urlsafe_b64encode(b"987654321").decode()
    body = confirm_reset(profile, uid, "c3g3vj-" + "0" * 32, people.ledger.password())
    with claim("RST-012"):
        for key in body:
            expect.field_errors(api("reset_password_confirm", without(body, key)), key)
        expect.field_errors(api("reset_password_confirm", {}), *body)
        for key in ("uid", "token", "new_password"):
            for value in NO_TEXTS:
                expect.complains_of(api("reset_password_confirm", {**body, key: value}), key)
    with claim("RST-025"):
        for nobody in (uid, "!!!", "x", "AAAAAAAAAAAAAAAA"):
            expect.status(api("reset_password_confirm", {**body, "uid": nobody}), 400)
    short = shortest_password(profile, people.ledger)
    if short is None:
        claim.skip("RST-032", "the profile's validators may refuse every short password")
    else:
        with claim("RST-032"):
            # a password is looked at before the uid, so that this costs no hash
            attempt = confirm_reset(profile, uid, body["token"], short)
            reply = expect.status(api("reset_password_confirm", attempt), 400)
            if "new_password" in expect.json_object(reply):
                expect.fail(f"{reply} refuses a strong password of the least length, {len(short)}")
    with claim("RST-023"), context.observer.odd():
        expect.refused(api("reset_password_confirm", {**body, "uid": 1}))


@pytest.mark.default_only
@requirement("RST-022", "SEC-001")
def test_a_mail_token_serves_its_own_purpose(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """The token of an activation mail is tried as a reset token."""
    account = people.waiting()
    link = people.activation_link(account)
    new = people.ledger.password()
    account.became(password=new)
    reply = api("reset_password_confirm", confirm_reset(profile, link.uid, link.token, new))
    if reply.status == 204:
        account.password = new
        people.send_again(account)  # with its new password its activation link is dead
    with claim("RST-022"):
        expect.status(reply, 400)
    with claim("SEC-001"):
        if people.can_log_in(account):
            expect.fail("an account that waits logs in after its token was used to reset it")
