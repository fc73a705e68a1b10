"""Password change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import NO_TEXTS, confirm_reset, set_login, set_password, without
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.exchange import Reply
from authspec_conformance.links import Link
from authspec_conformance.mail_expect import no_mail, one_mail, only_tells
from authspec_conformance.passwords import weak_passwords
from authspec_conformance.people import People, Seen
from authspec_conformance.reach import closed
from authspec_contract.profile import Profile


@requirement("PWD-004", "PWD-005", "PWD-006", "PWD-007", "PWD-008", "PWD-009", "PWD-025")
def test_refused_password_changes(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Everything that is wrong with a change, one thing at a time; the old password stays."""
    account = people.settled()
    logins = [people.client(account, scheme=scheme) for scheme in people.tried_schemes]
    client, old, before = logins[0], account.password, people.me(logins[0])
    wrong_current, mismatched = people.ledger.password(), people.ledger.password()
    full = set_password(profile, old, people.ledger.password())
    for candidate in (wrong_current, mismatched, full["new_password"]):
        account.became(password=candidate)

    def change(*words: str) -> Callable[[], Reply]:
        return partial(client, "set_password", set_password(profile, *words))

    with claim("PWD-004"):
        somebody_elses = people.shared("second").password
        guesses = (somebody_elses, old[:-1], old.swapcase())[: 1 if people.frugal else 3]
        for reply in people.at_once(*(change(guess, wrong_current) for guess in guesses)):
            expect.field_errors(reply, "current_password")
        for value in NO_TEXTS:
            body = set_password(profile, value, wrong_current)
            expect.field_errors(client("set_password", body), "current_password")
    with claim("PWD-005"):
        expect.field_errors(
            client("set_password", without(full, "current_password")), "current_password"
        )
        expect.field_errors(client("set_password", {}), *full)
        for value in NO_TEXTS:
            # without the current password: a field's own check comes before it, and costs no hash
            body = without({**full, "new_password": value}, "current_password")
            expect.complains_of(client("set_password", body), "new_password")
    if profile.djoser.SET_PASSWORD_RETYPE:
        with claim("PWD-006"):
            body = without(set_password(profile, old, mismatched), "re_new_password")
            reply = client("set_password", without(body, "current_password"))
            expect.complains_of(reply, "re_new_password")
            others = (mismatched.swapcase(), mismatched[:-1])[: 0 if people.frugal else 2]
            for reply in people.at_once(*(change(old, mismatched, again) for again in others)):
                expect.field_errors(reply, profile.non_field_errors_key)
    with claim("PWD-007"):
        every = weak_passwords(profile, account.login, people.ledger, every=False)
        weaks = list(islice(every, 1 if people.frugal else None))
        for weak in weaks:
            account.became(password=weak.password)
        replies = people.at_once(*(change(old, weak.password) for weak in weaks))
        for weak, reply in zip(weaks, replies, strict=True):
            if reply.status == 204:
                expect.fail(f"{reply} accepts a new password that is {weak.why}")
            expect.field_errors(reply, "new_password")
    with claim("PWD-008"):
        expect.status(api("set_password", full), profile.anonymous_status)
    with claim("PWD-025"):
        for caller in logins:
            expect.equal(people.me(caller), before, "users/me/ after refused changes")
    if not people.frugal:
        with claim("PWD-009"):
            if not people.can_log_in(account, old):  # one password: then no other was set
                expect.fail("after refused changes the old password does not log in")


@requirement(
    "PWD-001", "PWD-002", "PWD-003", "PWD-010", "PWD-011", "PWD-012", "PWD-013", "PWD-014", "PWD-015", "PWD-016",
    "PWD-017", "PWD-018", "PWD-019", "PWD-020", "LOG-037", "ME-034", "SEC-002",
)  # fmt: skip
def test_a_password_is_changed_twice(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """A change, what follows from it, and a second change after it."""
    was = _before_a_change(claim, people)
    account, client = was.account, was.client
    link = people.ask_for_reset(account.email) if claim.wants("PWD-012", "SEC-002") else None
    first, second, third = account.password, people.ledger.password(), people.ledger.password()
    mark = people.mark()
    reply = client("set_password", set_password(profile, first, second))
    account.became(password=second)
    with claim("PWD-001"):
        expect.empty(reply)
    with expect.given("a password can be changed"):
        expect.status(reply, 204)
    if link is not None and _earlier_link_sets(third, claim, people, account, link):
        second, third = third, people.ledger.password()  # the story goes on with what it set
    if people.has_mailbox:
        _mails_of_a_change(claim, people, account.email, mark, profile)
    _earlier_logins(claim, was, profile)
    _logs_in_by(second, claim, people, account)
    client = people.client(account)
    _nothing_else_changed(claim, people, was, client)
    if people.frugal:
        return
    if "token" in people.tried_schemes:
        client = people.client(account, scheme="token")  # the first change was by another login
    _refuses_the_first_password(claim, people, client, first, third)
    _changes_again(claim, people, account, client, third)
    if link is not None and claim.wants("SEC-002"):
        with claim("SEC-002"):
            _is_reset_to(first, api, people, account, dead=link)


@dataclass(frozen=True)
class _Before:
    """Three accounts before the password of one is changed: its logins, and what all of them see."""

    account: Account
    elder: Account
    other: Account
    logins: Mapping[str, Client]
    neighbour: Client
    me: Any
    others: Any
    around: tuple[Seen, ...]

    @property
    def client(self) -> Client:
        """The account by its preferred login."""
        return next(iter(self.logins.values()))


def _before_a_change(claim: Claims, people: People) -> _Before:
    elder, account, other = people.settled(), people.settled(), people.shared("second")
    logins = {scheme: people.client(account, scheme=scheme) for scheme in people.tried_schemes}
    client, neighbour = next(iter(logins.values())), people.client(other)
    _written_by_each_login(claim, logins, people.profile)
    return _Before(
        account, elder, other, logins, neighbour,
        me=people.me(client), others=people.me(neighbour), around=people.others(account, elder),
    )  # fmt: skip


def _earlier_link_sets(
    password: str, claim: Claims, people: People, account: Account, link: Link
) -> bool:
    """Whether a reset link from before the change still sets this password."""
    done = False
    with claim("PWD-012"):
        account.became(password=password)
        body = confirm_reset(people.profile, link.uid, link.token, password)
        confirmed = people.api("reset_password_confirm", body)
        done = confirmed.status == 204
        expect.status(confirmed, 400)
    return done


def _earlier_logins(claim: Claims, was: _Before, profile: Profile) -> None:
    """What the logins from before the change are worth after it."""
    refused = profile.anonymous_status
    with claim("PWD-014"):
        if "token" in was.logins:
            expect.status(was.logins["token"]("me"), refused)
    with claim("PWD-020"):
        if "token" in was.logins:
            expect.status(was.logins["token"]("me"), 200)
    with claim("PWD-015"):
        if "jwt" in was.logins:
            expect.status(was.logins["jwt"]("me"), refused)
    with claim("PWD-016"):
        for scheme, caller in was.logins.items():
            if scheme != "session" or caller is not was.client:  # the session that asked may go on
                expect.status(caller("me"), refused)


def _logs_in_by(new: str, claim: Claims, people: People, account: Account) -> None:
    """The account has the new password and no other, whatever it logs in by."""
    with claim("PWD-003"):
        for scheme in people.open_by(account.login, account.password, people.tried_schemes):
            expect.fail(f"after a change the old password still logs in by {scheme}")
    account.password = new
    people.forget(account)
    with claim("PWD-002"):
        for scheme in reversed(people.tried_schemes):  # LOG-037 wants one after the other
            if not people.can_log_in(account, scheme=scheme):
                expect.fail(f"after a change the new password does not log in by {scheme}")
    with claim("LOG-037"):
        for scheme in people.tried_schemes:
            expect.status(people.client(account, scheme=scheme)("me"), 200)


def _nothing_else_changed(claim: Claims, people: People, was: _Before, client: Client) -> None:
    """The account's own data and other accounts are as before."""
    with claim("PWD-013"):
        expect.equal(people.me(client), was.me, "users/me/ after a password change")
        expect.equal(people.me(was.neighbour), was.others, "users/me/ of another account")
        people.unharmed(was.around)
        if not people.frugal:
            kept, foreign = people.at_once(
                partial(people.can_log_in, was.elder),
                partial(people.can_log_in, was.other, was.account.password),
            )
            if not kept:
                expect.fail("another account cannot log in any more")
            if foreign:
                expect.fail("another account logs in with the new password")


def _refuses_the_first_password(
    claim: Claims, people: People, client: Client, first: str, wish: str
) -> None:
    """The password before the change is no current one, whatever asks for it."""
    profile = people.profile
    with claim("PWD-019"):
        stale = client("set_password", set_password(profile, first, wish))
        expect.field_errors(stale, "current_password")
        # where the fields differ, stock Djoser cannot change the login
        by_login = profile.login_field == profile.user.login_field
        if by_login and _open("set_username", people.api, profile):
            change = set_login(profile, people.new_login(), first)
            expect.field_errors(client("set_username", change), "current_password")
        if _open("me_delete", people.api, profile) and people.bodies_of_deletes_arrive(client):
            stale = client("me_delete", {"current_password": first})
            expect.field_errors(stale, "current_password")


def _changes_again(
    claim: Claims, people: People, account: Account, client: Client, third: str
) -> None:
    second = account.password
    with claim("PWD-018"):
        expect.empty(client("set_password", set_password(people.profile, second, third)))
        account.became(password=third)
        opened = people.opened_by(account, third, second)
        if third not in opened:
            expect.fail("after a second change the new password does not log in")
        if second in opened:
            expect.fail("after a second change the password before it still logs in")
        account.password = third


def _is_reset_to(first: str, api: Client, people: People, account: Account, *, dead: Link) -> None:
    """The account gets its first password again: no link of its life works now, used or overtaken."""
    used = people.ask_for_reset(account.email)
    body = confirm_reset(people.profile, used.uid, used.token, first)
    with expect.given("a reset link sets a password"):
        expect.status(api("reset_password_confirm", body), 204)
    account.password = first
    for link in (dead, used):
        wish = people.ledger.password()
        account.became(password=wish)
        body = confirm_reset(people.profile, link.uid, link.token, wish)
        expect.complains_of(api("reset_password_confirm", body), "token")


def _open(operation: str, api: Client, profile: Profile) -> bool:
    return closed(api.operations[operation].template(profile), profile) is None


def _written_by_each_login(claim: Claims, logins: Mapping[str, Client], profile: Profile) -> None:
    """Each login writes the name, and every one reads it."""
    text = profile.user.free_text
    if text is None:
        return
    with claim("ME-034"):
        for scheme, writer in logins.items():
            name = f"by-{scheme}"[: text.max_length]
            expect.status(writer("me_patch", {text.name: name}), 200)
            for reader in logins.values():
                expect.equal(
                    expect.json_object(reader("me"))[text.name], name, f"{text.name!r} in users/me/"
                )


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
