"""Deletion: what it asks for, what it ends, and what it leaves alone."""

import json
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import NO_TEXTS, confirm_reset
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.errors import PRECONDITION, BudgetSpent, Inconclusive, TimeUsedUp
from authspec_conformance.exchange import Reply
from authspec_conformance.links import Link
from authspec_conformance.mail_expect import no_mail
from authspec_conformance.operations import NO_PATH, fits_a_path
from authspec_conformance.people import People, Seen
from authspec_contract.profile import Profile
from authspec_contract.results import Outcome


@requirement(
    "DEL-001", "DEL-002", "DEL-003", "DEL-004", "DEL-005", "DEL-006", "DEL-007", "DEL-008", "DEL-009", "DEL-010",
    "DEL-011", "DEL-012", "DEL-013", "ACT-020",
)  # fmt: skip
def test_an_account_is_deleted(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Wrong attempts first; then the deletion; then everything the account had is tried once more."""
    # the newest one, so that its heir has the next id
    account, other = people.settled(fresh=not people.frugal), people.shared("second")
    clients = [people.client(account, scheme=scheme) for scheme in people.tried_schemes]
    client = clients[0]
    people.ask_for_deletion(client)
    _refused_deletions(claim, people, account, other, clients)
    was = _before_a_deletion(claim, people, account, clients)
    mark = people.mark()
    reply = client("me_delete", {"current_password": account.password})
    with claim("DEL-001"):
        expect.empty(reply)
    with expect.given("the account can be deleted"):
        expect.status(reply, 204)
    account.gone = client("me").status != 200
    with claim("DEL-003"):
        for caller in clients:
            expect.status(caller("me"), profile.anonymous_status)
            expect.refused(caller("me_patch", {}))
    if not people.frugal:
        with claim("DEL-002"):
            for scheme in people.open_by(account.login, account.password, people.schemes):
                expect.fail(f"the deleted account logs in by {scheme}")
    with claim("DEL-007"):
        expect.status(people.client(other)("me"), 200)
        people.unharmed(was.around)
    with claim("DEL-009"):
        api("reset_password", {profile.user.email_field: account.email})
        no_mail(people.postbox, mark, to=account.email, what="a deletion")
    refresh = _refused_refresh(claim, api, people, clients)
    heir = _somebody_takes_the_login(claim, people, was, refresh)
    if was.link is not None:
        with claim("DEL-008"):
            body = confirm_reset(profile, was.link.uid, was.link.token, people.ledger.password())
            expect.complains_of(api("reset_password_confirm", body), "uid")
    if not people.frugal:
        _heir_deletes_itself_by_id(claim, people, heir)


@dataclass(frozen=True)
class _Before:
    """An account before it is deleted: how it came in, and what was shown."""

    account: Account
    clients: list[Client]
    link: Link | None
    """A reset link that nobody has used."""
    clicked: Link | None
    """The link that activated it."""
    named: Any
    id: Any
    around: tuple[Seen, ...]


def _before_a_deletion(
    claim: Claims, people: People, account: Account, clients: list[Client]
) -> _Before:
    link = people.ask_for_reset(account.email) if claim.wants("DEL-008") else None
    old_links = claim.wants("ACT-020") and not people.frugal
    clicked = people.activation_link(account) if old_links else None
    return _Before(
        account, clients, link, clicked,
        named=people.me(clients[0]), id=people.id_of(account), around=people.others(account),
    )  # fmt: skip


def _somebody_takes_the_login(
    claim: Claims, people: People, was: _Before, refresh: str | None
) -> Account | None:
    """An account that is registered with everything that the deleted one had; None where none is."""
    api, anonymous, heir = people.api, people.profile.anonymous_status, None
    with claim("DEL-004"):
        sent = people.ledger.body(**was.account.fields)
        heir, again = people.register_again(sent)
        _revives_nothing(was.id, heir.shown, again, people)
        for caller in was.clients:
            expect.status(caller("me"), anonymous)
        if was.clicked is not None:
            with claim("ACT-020"):
                _is_not_activated_by(was.clicked, api, people, heir)
        if refresh and claim.wants("DEL-012"):
            with people.observer.odd():
                renewed = api("jwt_refresh", {"refresh": refresh})
            if renewed.status == 200:
                expect.fail(f"{renewed} gives the deleted account's refresh token to its heir")
        if people.can_make_active and not people.frugal:
            shown = _opens_with_its_own_password_alone(people, was.account, heir)
            _revives_nothing(was.id, shown, again, people)  # a registration may show no id
            for caller in was.clients:
                expect.status(caller("me"), anonymous)
            _has_no_text_of(was.named, shown, sent, people.profile)
    if was.clicked is not None:
        reason = f"{PRECONDITION}the login of a deleted account is free again"
        claim.decide("ACT-020", Outcome.INCONCLUSIVE, reason)
    return heir


def _heir_deletes_itself_by_id(claim: Claims, people: People, heir: Account | None) -> None:
    if heir is not None and heir.active and not fits_a_path(people.id_of(heir)):
        claim.skip("DEL-013", NO_PATH)
        return
    with claim("DEL-013"):
        if heir is None or not heir.active:
            raise Inconclusive("it needs the account that was registered anew")
        _deletes_itself_by_id(people, heir)


@pytest.mark.last
@pytest.mark.default_only
@requirement("DEL-007")
def test_an_elder_account_is_deleted(claim: Claims, people: People) -> None:
    """Of two that were registered one after the other the first one leaves, which it has to anyway."""
    living = [account for account in people.ledger.accounts if not account.gone]
    for account, younger in pairwise(living):
        client = people.kept_client(account)
        if not client or not people.rests(account) or not people.kept_client(younger):
            continue
        if client("me").status == 200:
            break
    else:
        claim.skip("DEL-007", "no two accounts are left that were registered one after the other")
        return
    people.ask_for_deletion(client)
    staying = [other for other in living if other is not account]
    around = people.others(account, *staying, most=len(staying))
    with expect.given("the account can be deleted"):
        expect.status(client("me_delete", {"current_password": account.password}), 204)
    account.gone = True
    with claim("DEL-007"):
        people.unharmed(around)


def _refused_deletions(
    claim: Claims, people: People, account: Account, other: Account, clients: list[Client]
) -> None:
    """Without the password, with a wrong one, with another's."""
    client = clients[0]
    with claim("DEL-006"):
        expect.field_errors(client("me_delete", {}), "current_password")
        expect.field_errors(client("me_delete"), "current_password")
        for value in NO_TEXTS:
            reply = client("me_delete", {"current_password": value})
            expect.field_errors(reply, "current_password")
        expect.status(client("me"), 200)
    with claim("DEL-005"):
        wrong = account.password[:-1] + "_"
        for guess in (wrong,) if people.frugal else (wrong, account.password.swapcase()):
            reply = client("me_delete", {"current_password": guess})
            expect.field_errors(reply, "current_password")
        query = client.raw("DELETE", f"users/me/?current_password={account.password}")
        expect.complains_of(query, "current_password")
        for caller in clients:
            expect.status(caller("me"), 200)
    if not people.frugal:
        with claim("DEL-011"):
            foreign = client("me_delete", {"current_password": other.password})
            expect.field_errors(foreign, "current_password")
            expect.status(client("me"), 200)


def _refused_refresh(
    claim: Claims, api: Client, people: People, clients: list[Client]
) -> str | None:
    """The refresh token that the deleted account had; None where it had none."""
    tokens = (c.credentials.refresh for c in clients if c.credentials and c.credentials.refresh)
    refresh = next(tokens, None)
    if refresh and claim.wants("DEL-010", "DEL-012"):
        with people.observer.odd():
            renewed = api("jwt_refresh", {"refresh": refresh})
        with claim("DEL-010"):
            expect.detail(renewed, 401)
        with claim("DEL-012"):
            if renewed.status == 200:
                expect.fail(f"{renewed} gives a deleted account a new access token")
    elif claim.wants("DEL-010", "DEL-012"):
        claim.skip("DEL-010", "the run does not log in by JWT")
        claim.skip("DEL-012", "the run does not log in by JWT")
    return refresh


def _revives_nothing(dead: Any, shown: dict[str, Any], reply: Reply, people: People) -> None:
    id_ = shown.get(people.profile.djoser.USER_ID_FIELD)
    if people.profile.user.id == "uuid" and id_ is not None and id_ == dead:
        expect.fail(f"{reply} revives the deleted account")


def _is_not_activated_by(clicked: Link, api: Client, people: People, heir: Account) -> None:
    expect.status(api("activation", {"uid": clicked.uid, "token": clicked.token}), 400)
    if people.can_log_in(heir):
        expect.fail("the link of the deleted account activated the one that was registered anew")


def _opens_with_its_own_password_alone(
    people: People, account: Account, heir: Account
) -> dict[str, Any]:
    """What users/me/ shows to the account that was registered anew."""
    try:
        if people.profile.djoser.SEND_ACTIVATION_EMAIL:
            people.activate(heir)
        callers = (partial(people.client, heir, scheme=scheme) for scheme in people.schemes)
        logins = people.at_once(*callers)
    except (BudgetSpent, TimeUsedUp):
        raise
    except Inconclusive as why:
        expect.fail(f"the account that was registered anew cannot be used: {why}")
    if people.has_mailbox:
        people.postbox.settle(heir.mark, to=heir.email)
    if people.can_log_in(heir, account.password):
        expect.fail("the deleted account's password opens the one that was registered anew")
    return expect.json_object(logins[0]("me"))


def _has_no_text_of(
    named: dict[str, Any], shown: dict[str, Any], sent: dict[str, Any], profile: Profile
) -> None:
    texts = [f.name for f in profile.user.fields if f.free_text]
    texts = [name for name in texts if named.get(name) and named[name] != sent.get(name)]
    if kept := [name for name in texts if shown.get(name) == named[name]]:
        expect.fail(f"the account that was registered anew has the deleted one's {kept[0]!r}")


def _deletes_itself_by_id(people: People, account: Account) -> None:
    """users/{id}/ deletes the caller's own account as users/me/ does."""
    client = people.client(account)
    path, typed = f"users/{people.id_of(account)}/", {"Content-Type": "application/json"}
    expect.field_errors(client.raw("DELETE", path, data=b"{}", headers=typed), "current_password")
    expect.status(client("me"), 200)
    body = json.dumps({"current_password": account.password}).encode()
    reply = client.raw("DELETE", path, data=body, headers=typed)
    account.gone = client("me").status != 200
    expect.empty(reply)
    expect.status(client("me"), people.profile.anonymous_status)
