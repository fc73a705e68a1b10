"""Password reset."""

from base64 import urlsafe_b64encode

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
from authspec_conformance.mail_expect import link_origin, no_mail, one_link, one_mail, only_tells
from authspec_conformance.passwords import shortest_password, weak_passwords
from authspec_conformance.people import People
from authspec_contract.profile import Profile


@requirement(
    "RST-001", "RST-002", "RST-003", "RST-004", "RST-005", "RST-006", "RST-013", "RST-014", "RST-015",
    "RST-016", "RST-020", "RST-021", "RST-024", "RST-026", "RST-027", "RST-029", "MAIL-002",
)  # fmt: skip
def test_a_password_is_reset_twice(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Someone forgot the password: a mail, wrong tries with its link, the reset, and a second one later."""
    account, other = people.settled(), people.shared("second")
    logins = [people.client(account, scheme=scheme) for scheme in people.tried_schemes]
    client, neighbour = people.client(account), people.client(other)
    before, others, around = client("me").json, neighbour("me").json, people.others(account)
    old, new = account.password, people.ledger.password()
    mark = people.mark()
    reply = api("reset_password", {profile.user.email_field: account.email})
    with claim("RST-001"):
        expect.empty(reply)
    if not people.has_mailbox:
        return
    template = profile.djoser.PASSWORD_RESET_CONFIRM_URL or ""
    with claim("RST-002"):
        mail = one_mail(people.postbox, mark, to=account.email, what="a reset request")
        one_link(people.postbox, mail, template)
        no_mail(people.postbox, mark, to=other.email, what="a reset request for another account")
    link = people.link(account, "PASSWORD_RESET_CONFIRM_URL", mark)
    with claim("MAIL-002"):
        if not link.origin.rstrip("/").endswith(link_origin(profile)):
            expect.fail(f"the link begins with {link.origin}, expected {link_origin(profile)}")
    with claim("RST-016"):
        for caller in logins:
            expect.status(caller("me"), 200)
        # a login that sets last_login kills the link (RST-028): by token, by session, and some by JWT
        by_jwt = people.schemes[0] == "jwt" and not profile.simple_jwt.UPDATE_LAST_LOGIN
        if by_jwt and not people.frugal and not people.can_log_in(account, old):
            expect.fail("a reset request alone killed the old password")
    if not people.frugal:
        people.let_a_second_pass()  # a refusal that touched last_login would not show before
    _refused_confirmations(claim, api, people, profile, link.uid, link.token, account.login)
    mark = people.mark()
    reply = api("reset_password_confirm", confirm_reset(profile, link.uid, link.token, new))
    account.became(password=new)
    with claim("RST-003"):
        expect.empty(reply)
    with claim("RST-015"):
        expect.status(reply, 204)
    with expect.given("a reset link sets a password"):
        expect.status(reply, 204)
    if profile.djoser.PASSWORD_CHANGED_EMAIL_CONFIRMATION:
        with claim("RST-020"):
            told = one_mail(people.postbox, mark, to=account.email, what="a reset")
            only_tells(people.postbox, told, profile)
    else:
        with claim("RST-021"):
            no_mail(people.postbox, mark, to=account.email, what="a reset confirmation")
    with claim("RST-024"):
        expect.status(client("me"), profile.anonymous_status)
    with claim("RST-004"):
        if people.can_log_in(account, old):
            expect.fail("after a reset the old password still logs in")
        account.password = new
        people.forget(account)
        if not people.can_log_in(account):
            expect.fail("after a reset the new password does not log in")
    with claim("RST-005"):
        again = people.ledger.password()
        account.became(password=again)
        expect.complains_of(
            api("reset_password_confirm", confirm_reset(profile, link.uid, link.token, again)),
            "token",
        )
        if not people.frugal and people.can_log_in(account, again):
            expect.fail("the second use of a reset link set another password")
    with claim("RST-026"):
        expect.equal(people.client(account)("me").json, before, "users/me/ after a reset")
        expect.equal(neighbour("me").json, others, "users/me/ of another account")
        people.unharmed(around)
        if not people.frugal and people.can_log_in(other, new):
            expect.fail("the reset set the password of another account")
    _resets_again(claim, api, people, profile, account)


def _refused_confirmations(
    claim: Claims, api: Client, people: People, profile: Profile, uid: str, token: str, login: str
) -> None:
    new = people.ledger.password()
    with claim("RST-006"):
        for wrong in (*tampered(token), *misshapen(token), time_shifted(token)):
            body = confirm_reset(profile, uid, wrong, new)
            expect.complains_of(api("reset_password_confirm", body), "token")
    if profile.djoser.PASSWORD_RESET_CONFIRM_RETYPE:
        with claim("RST-013"):
            body = confirm_reset(profile, uid, token, new)
            missing = api("reset_password_confirm", without(body, "re_new_password"))
            expect.field_errors(missing, "re_new_password")
            for again in (people.ledger.password(), new.swapcase()):
                body = confirm_reset(profile, uid, token, new, again)
                expect.field_errors(api("reset_password_confirm", body), "non_field_errors")
    with claim("RST-014"):
        for weak in weak_passwords(profile, login, people.ledger):
            if weak.validator == "UserAttributeSimilarity":
                continue  # djoser/serializers.py 2.3 validates against nobody here; RST-029 asks for it
            reply = api("reset_password_confirm", confirm_reset(profile, uid, token, weak.password))
            if reply.status == 204:
                expect.fail(f"{reply} accepts a new password that is {weak.why}")
            expect.field_errors(reply, "new_password")


def _resets_again(
    claim: Claims, api: Client, people: People, profile: Profile, account: Account
) -> None:
    if not people.frugal:
        _resets_a_second_time(claim, api, people, profile, account)
    if claim.wants("RST-029") and not people.frugal:
        with claim("RST-029"):
            link = people.ask_for_reset(account.email)
            account.became(password=account.login)
            body = confirm_reset(profile, link.uid, link.token, account.login)
            reply = api("reset_password_confirm", body)
            if reply.status == 204:
                account.password = account.login  # which a change of the password would refuse
                people.put_aside(account)
            expect.field_errors(reply, "new_password")


def _resets_a_second_time(
    claim: Claims, api: Client, people: People, profile: Profile, account: Account
) -> None:
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
        with claim("RST-010"):
            waiting = people.waiting()
            mark = people.mark()
            api("reset_password", {profile.user.email_field: waiting.email})
            no_mail(
                people.postbox,
                mark,
                to=waiting.email,
                what="a reset request of an inactive account",
            )
    with claim("RST-017"):
        new = people.ledger.password()
        account.became(password=new)
        with expect.given("the later reset link works"):
            spent = {"token", "session"} & set(people.schemes)
            ours = people.ask_for_reset(account.email) if spent else ours
            reply = api("reset_password_confirm", confirm_reset(profile, ours.uid, ours.token, new))
            expect.status(reply, 204)
        account.password = new
        for dead in (earlier, ours):
            wish = people.ledger.password()
            account.became(password=wish)
            body = confirm_reset(profile, dead.uid, dead.token, wish)
            expect.complains_of(api("reset_password_confirm", body), "token")
        if not people.frugal and not people.can_log_in(account, new):
            expect.fail("a dead reset link changed the password")
    if people.frugal:
        return
    if claim.wants("RST-030"):
        with claim("RST-030"):
            link = people.ask_for_reset(account.email)
            people.let_a_second_pass()
            people.fresh_client(account, scheme="jwt")
            new = people.ledger.password()
            account.became(password=new)
            body = confirm_reset(profile, link.uid, link.token, new)
            expect.status(api("reset_password_confirm", body), 204)
            account.password = new
    if claim.wants("RST-028"):
        with claim("RST-028"):
            link = people.ask_for_reset(other.email)
            people.let_a_second_pass()
            people.fresh_client(other, scheme="token")
            new = people.ledger.password()
            other.became(password=new)
            body = confirm_reset(profile, link.uid, link.token, new)
            expect.complains_of(api("reset_password_confirm", body), "token")


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
    with claim("RST-032"):
        # a password is looked at before the uid, so that this costs no hash
        short = shortest_password(profile, people.ledger)
        reply = expect.status(
            api("reset_password_confirm", confirm_reset(profile, uid, body["token"], short)), 400
        )
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
    with claim("RST-022"):
        expect.status(reply, 400)
    with claim("SEC-001"):
        if people.can_log_in(account):
            expect.fail("an account that waits logs in after its token was used to reset it")


@pytest.mark.default_only
@requirement("SEC-002")
def test_dead_links_stay_dead(api: Client, people: People, profile: Profile) -> None:
    """After a password change, a reset and another change, no link that went before works again."""
    from authspec_conformance.bodies import set_password

    account = people.active()
    links = [people.ask_for_reset(account.email)]
    first, second, third = account.password, people.ledger.password(), people.ledger.password()
    client = people.client(account)
    with expect.given("a password can be changed"):
        expect.status(client("set_password", set_password(profile, first, second)), 204)
    account.became(password=second)
    account.password = second
    links.append(people.ask_for_reset(account.email))
    with expect.given("a reset link sets a password"):
        body = confirm_reset(profile, links[-1].uid, links[-1].token, third)
        expect.status(api("reset_password_confirm", body), 204)
    account.became(password=third)
    account.password = third
    people.forget(account)
    with expect.given("a password can be changed back"):
        change = set_password(profile, third, first)
        expect.status(people.fresh_client(account)("set_password", change), 204)
    account.password = first
    for link in links:
        wish = people.ledger.password()
        account.became(password=wish)
        reply = api("reset_password_confirm", confirm_reset(profile, link.uid, link.token, wish))
        expect.complains_of(reply, "token")
