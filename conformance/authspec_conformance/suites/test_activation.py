"""Activation and the mail that is sent again."""

from base64 import urlsafe_b64encode
from functools import partial

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import NO_TEXTS, misshapen, tampered, time_shifted, without
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.exchange import Reply
from authspec_conformance.links import Link
from authspec_conformance.mail_expect import link_origin, no_link, no_mail, one_link, one_mail
from authspec_conformance.people import People
from authspec_contract.profile import Profile

DJANGO_TOKEN = r"[0-9a-z]{5,8}-[0-9a-f]{20,64}"


def body_of(link: Link) -> dict[str, str]:
    """What an activation sends."""
    return {"uid": link.uid, "token": link.token}


@requirement(
    "ACT-001", "ACT-002", "ACT-003", "ACT-005", "ACT-006", "ACT-008", "ACT-009", "ACT-010", "ACT-011",
    "ACT-012", "ACT-013", "ACT-017", "ACT-018", "ACT-019", "MAIL-001", "MAIL-008",
)  # fmt: skip
def test_two_newcomers_activate(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Two accounts wait; wrong tokens come first; then one activates, and the other goes on waiting."""
    first, second = people.waiting(), people.waiting()
    ours, theirs = people.activation_link(first), people.activation_link(second)
    with claim("MAIL-008"):
        if ours.token == theirs.token or ours.uid == theirs.uid:
            expect.fail("the links of two accounts carry the same uid or token")
    _links_are_whole(claim, profile, (ours, first), (theirs, second))
    _wrong_links_are_refused(claim, people, first, ours, theirs)
    mark = people.mark()
    reply = api("activation", body_of(ours))
    with claim("ACT-001"):
        expect.empty(reply)
    with claim("ACT-011"):
        expect.status(reply, 204)
    with claim("ACT-018"):
        if people.sets_session(reply) or people.accepted(reply):
            expect.fail(f"{reply} logs the account in")
    _mails_of_an_activation(claim, people, first, mark)
    with claim("ACT-010"):
        if people.can_log_in(second):
            expect.fail("the activation of one account, or its token, activated another")
    first.active = reply.status == 204
    with claim("ACT-003"):
        mark = people.mark()
        again = api("activation", body_of(ours))
        expect.detail(again, 403)
        if profile.djoser.SEND_CONFIRMATION_EMAIL:
            no_mail(people.postbox, mark, to=first.email, what="a second use of an activation link")
    with claim("ACT-002"):
        logins = (partial(people.can_log_in, first, scheme=s) for s in people.tried_schemes)
        for scheme, works in zip(people.tried_schemes, people.at_once(*logins), strict=True):
            if not works:
                expect.fail(
                    f"after its activation and a second click the account cannot log in by {scheme}"
                )
    _is_as_it_registered(claim, people, first)


def _links_are_whole(claim: Claims, profile: Profile, *mailed: tuple[Link, Account]) -> None:
    """Each link leads to the frontend, and carries the uid of its account and a token."""
    with claim("MAIL-001"):
        for link, _ in mailed:
            if not link.origin.rstrip("/").endswith(link_origin(profile)):
                expect.fail(f"the link begins with {link.origin}, expected {link_origin(profile)}")
    with claim("ACT-012"):
        for link, account in mailed:
            if account.shown.get("id") is not None:
                expected = urlsafe_b64encode(str(account.shown["id"]).encode()).decode().rstrip("=")
                expect.equal(link.uid, expected, "the uid in the mail")
    with claim("ACT-013"):
        _django_token(mailed[0][0].token)


def _wrong_links_are_refused(
    claim: Claims, people: People, account: Account, ours: Link, theirs: Link
) -> None:
    """What is nearly the account's link does not activate it, nor do the halves of two."""
    with claim("ACT-005"):
        changed = (*tampered(ours.token), *misshapen(ours.token), time_shifted(ours.token))
        for token in (*changed, ours.token.upper()):
            body = {"uid": ours.uid, "token": token}
            expect.complains_of(people.api("activation", body), "token")
        if not people.frugal and people.can_log_in(account):
            expect.fail("the account was activated by a wrong token")
    with claim("ACT-006"):
        for uid, token in ((ours.uid, theirs.token), (theirs.uid, ours.token)):
            body = {"uid": uid, "token": token}
            expect.complains_of(people.api("activation", body), "token")
    with claim("ACT-017"):
        query = f"uid={ours.uid}&token={ours.token}"
        expect.refused(people.api.raw("GET", f"users/activation/?{query}"))


def _mails_of_an_activation(claim: Claims, people: People, account: Account, mark: int) -> None:
    djoser = people.profile.djoser
    if djoser.SEND_CONFIRMATION_EMAIL:
        with claim("ACT-008"):
            mail = one_mail(people.postbox, mark, to=account.email, what="an activation")
            for template in (djoser.ACTIVATION_URL, djoser.PASSWORD_RESET_CONFIRM_URL):
                no_link(people.postbox, mail, template)
    else:
        with claim("ACT-009"):
            no_mail(people.postbox, mark, to=account.email, what="an activation")


def _is_as_it_registered(claim: Claims, people: People, account: Account) -> None:
    """The activation left the account's data alone."""
    user = people.profile.user
    with claim("ACT-019"):
        me = expect.json_object(people.client(account)("me"))
        for name, value in account.shown.items():
            if name in me and name in user.steady(me):
                expect.equal(me[name], value, f"{name!r} after the activation")
        for field in user.fields:
            untold = field.name not in account.fields and field.default is None
            if untold and field.type == "string" and not field.read_only and me.get(field.name):
                if str(me[field.name]).lower() in f"{account.login} {account.email}".lower():
                    continue  # a house may call an account by its address at first
                expect.fail(
                    f"after the activation {field.name!r} is {me[field.name]!r}, never sent"
                )


def _django_token(token: str) -> None:
    import re

    if not re.fullmatch(DJANGO_TOKEN, token):
        expect.fail("the token is not a time stamp, a hyphen and a hexadecimal signature")


@requirement("ACT-004", "ACT-007", "ACT-014", "ACT-015", "ACT-016")
def test_activations_without_a_valid_link_are_refused(
    claim: Claims, api: Client, people: People, context: Context
) -> None:
    """Parts missing, of the wrong type, of nobody."""
    nobody = {"uid": urlsafe_b64encode(b"987654321").decode(), "token": "c3g3vj-" + "0" * 32}
    with claim("ACT-004"):
        expect.field_errors(api("activation", without(nobody, "uid")), "uid")
        expect.field_errors(api("activation", without(nobody, "token")), "token")
        expect.field_errors(api("activation", {}), "uid", "token")
    with claim("ACT-007"):
        for uid in (nobody["uid"], "!!!", "x", "AAAAAAAAAAAAAAAA", "_____"):
            expect.status(api("activation", {**nobody, "uid": uid}), 400)
    with claim("ACT-014"):
        for key in ("uid", "token"):
            for value in NO_TEXTS:
                expect.complains_of(api("activation", {**nobody, key: value}), key)
    with claim("ACT-015"), context.observer.odd():
        expect.refused(api("activation", {**nobody, "uid": 1}))
    if claim.wants("ACT-016"):
        with claim("ACT-016"):
            own = people.id_of(people.shared())
            if own is None:
                return
            uid = urlsafe_b64encode(str(own).encode()).decode().rstrip("=")
            known = api("activation", {**nobody, "uid": uid})
            expect.indistinguishable(
                known, api("activation", nobody), "an existing account and nobody"
            )


@requirement("RES-001", "RES-002", "RES-003", "RES-011", "RES-014")
def test_a_newcomer_asks_for_the_mail_again(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """The first mail is lost; the second one's link activates."""
    account = people.waiting()
    other = account if people.frugal else people.waiting()
    mark = people.mark()
    reply = api("resend_activation", {profile.user.email_field: account.email})
    with claim("RES-001"):
        expect.empty(reply)
    with claim("RES-002"):
        mail = one_mail(people.postbox, mark, to=account.email, what="a resend")
        link = one_link(people.postbox, mail, profile.djoser.ACTIVATION_URL or "")
        if other is not account:
            no_mail(people.postbox, mark, to=other.email, what="a resend for another account")
        again = people.mark()
        expect.empty(api("resend_activation", {profile.user.email_field: account.email}))
        one_mail(people.postbox, again, to=account.email, what="a second resend")
    clicked: Reply | None = None
    with claim("RES-003"):
        link = people.activation_link(account, mark=mark)
        mark = people.mark()
        clicked = api("activation", body_of(link))
        expect.status(clicked, 204)
        account.active = True
        if profile.djoser.SEND_CONFIRMATION_EMAIL:
            people.postbox.wait(mark, to=account.email)
        if not people.can_log_in(account):
            expect.fail("the link of the resent mail did not activate the account")
    with claim("RES-011"):
        # djoser/serializers.py 2.3 ActivationSerializer: a 204 is for an account that was inactive
        if (clicked is None or clicked.status >= 400) and people.can_log_in(account):
            expect.fail("a resend activated the account")
    if other is not account and claim.wants("RES-014"):
        with claim("RES-014"):
            earlier = people.activation_link(other)
            mark = people.mark()
            api("resend_activation", {profile.user.email_field: other.email})
            people.postbox.wait(mark, to=other.email)
            people.follow(other, earlier)


@requirement(
    "RES-004",
    "RES-005",
    "RES-006",
    "RES-007",
    "RES-008",
    "RES-009",
    "RES-010",
    "RES-012",
    "RES-013",
)
def test_resends_that_have_nothing_to_send(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """For nobody, for an active account, without an address."""
    key = profile.user.email_field
    nobody = people.ledger.address()
    mark = people.mark()
    unknown = api("resend_activation", {key: nobody})
    with claim("RES-004"):
        expect.empty(unknown)
    with claim("RES-010"):
        expect.status(unknown, 400)
    with claim("RES-013"):
        expect.status(unknown, 400)
    with claim("RES-007"):
        expect.field_errors(api("resend_activation", {}), key)
    with claim("RES-008"):
        for value in ("nobody", *NO_TEXTS):
            expect.field_errors(api("resend_activation", {key: value}), key)
    if not claim.wants("RES-005", "RES-006", "RES-009", "RES-012"):
        return
    active = people.shared()
    before = people.mark()  # behind the mails of an account that was made for this
    reply = api("resend_activation", {key: active.email})
    with claim("RES-009"):
        expect.status(reply, 400)
        if people.has_mailbox:
            no_mail(people.postbox, before, to=active.email, what="a resend where none is needed")
    with claim("RES-006"):
        expect.empty(reply)
    with claim("RES-005"):
        no_mail(people.postbox, mark, to=nobody, what="a resend for an address of nobody")
        no_mail(people.postbox, before, to=active.email, what="a resend for an active account")
    with claim("RES-012"):
        expect.indistinguishable(unknown, reply, "an unknown address and an active account")
        if people.has_mailbox and profile.djoser.SEND_ACTIVATION_EMAIL:
            waiting = people.waiting()
            mark = people.mark()
            pending = api("resend_activation", {key: waiting.email})
            people.postbox.wait(mark, to=waiting.email)
            expect.indistinguishable(unknown, pending, "an unknown address and a waiting account")


@requirement("SEC-001")
def test_an_inactive_account_can_do_nothing(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """An account that waits tries login and reset."""
    account = people.waiting()
    with claim("SEC-001"):
        # a frugal run has seen it refused right after its registration
        for scheme in () if people.frugal else people.schemes:
            calls = [partial(people.try_login, account.login, account.password, scheme=scheme)]
            if (
                scheme != "session"
            ):  # its page shows the name that was typed, and a fresh CSRF token
                calls.append(partial(people.login_of_nobody, scheme))
            reply, *nobodys = people.at_once(*calls)
            if people.accepted(reply):
                expect.fail(f"an account that waits for its activation logs in by {scheme}")
            for nobody in nobodys:
                expect.indistinguishable(reply, nobody, "a waiting account and an unknown login")
        mark = people.mark()
        if profile.djoser.PASSWORD_RESET_CONFIRM_URL:
            api("reset_password", {profile.user.email_field: account.email})
        if profile.djoser.USERNAME_RESET_CONFIRM_URL:
            api("reset_username", {profile.user.email_field: account.email})
        no_mail(
            people.postbox,
            mark,
            to=account.email,
            what="a reset request of an inactive account",
        )
