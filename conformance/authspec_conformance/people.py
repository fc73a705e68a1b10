"""Actors for the tests: they sign up, activate and log in."""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from authspec_conformance import expect
from authspec_conformance.accounts import Account, Ledger
from authspec_conformance.client import Client, Credentials
from authspec_conformance.delete_bodies import DROPPED, DeleteBodies
from authspec_conformance.errors import PRECONDITION, Closed, Inconclusive
from authspec_conformance.exchange import Reply
from authspec_conformance.links import Link
from authspec_conformance.login import Login
from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.observer import Observer
from authspec_conformance.postbox import Postbox
from authspec_conformance.reach import closed
from authspec_conformance.resting import Resting
from authspec_conformance.session_login import SessionPages
from authspec_conformance.steps import Steps
from authspec_contract.profile import Profile

Made = TypeVar("Made")


@dataclass(frozen=True)
class Seen:
    """What an account saw of itself at one moment."""

    account: Account
    credentials: Credentials
    shown: Any


class People:
    """Accounts in the states that a test needs. A step that fails raises Inconclusive."""

    def __init__(
        self,
        api: Client,
        ledger: Ledger,
        login: Login,
        postbox: Postbox | None,
        given: Sequence[Account] = (),
        *,
        observer: Observer,
        frugal: bool = False,
    ) -> None:
        self.api = api
        self.frugal = frugal
        """Whether logins that only look twice are left out: each costs the target a password hash."""
        self.observer = observer
        self.ledger = ledger
        self._login = login
        self._postbox = postbox
        self._given = list(given)
        self._shared: dict[str, Account] = {}
        self._resting = Resting()
        self._nobody: dict[str, Reply] = {}
        self._pair = ThreadPoolExecutor(2, thread_name_prefix="pair")
        self._delete_bodies = DeleteBodies()
        self.steps = Steps()

    @property
    def profile(self) -> Profile:
        return self.ledger.profile

    @property
    def postbox(self) -> Postbox:
        """The mailbox. Raises Inconclusive where there is none."""
        if self._postbox is None:
            raise Inconclusive("it needs a mailbox, and the run has --mailbox none")
        return self._postbox

    @property
    def has_mailbox(self) -> bool:
        return self._postbox is not None

    # --- signing up ---------------------------------------------------------------------------

    def register(self, body: dict[str, Any] | None = None, **given: Any) -> tuple[Account, Reply]:
        """A fresh account, not activated. Raises Inconclusive where the target refuses it."""
        self.ask_for_registration()
        self.ledger.reserve()
        mark = self.mark()
        reply = self.api("create_user", self.ledger.body(**given) if body is None else body)
        with self.steps.step("REG-001"), expect.given("a valid registration is accepted"):
            expect.status(reply, 201)
        return self.newcomer(reply, mark), reply

    def newcomer(self, reply: Reply, mark: int) -> Account:
        """The account that a test's own registration made; `mark` is the mailbox's position before it."""
        account = self.ledger.find(reply)
        account.mark = mark
        self._resting.hand_out(account)
        return account

    def register_again(self, body: dict[str, Any]) -> tuple[Account, Reply]:
        """A login that has become free is registered anew. Raises Failure where the target refuses it."""
        self.ledger.reserve()
        mark = self.mark()
        reply = expect.status(self.api("create_user", body), 201)
        return self.newcomer(reply, mark), reply

    def activate(self, account: Account) -> Reply:
        """Follows the link of the activation mail. Raises Inconclusive where that fails."""
        link = self.activation_link(account)
        with self.steps.step("ACT-001"), expect.given("the activation link works"):
            return self.follow(account, link)

    def follow(self, account: Account, link: Link) -> Reply:
        """Follows an activation link of the account's. Raises Failure where it does not work."""
        mark = self.mark()
        reply = expect.status(self.api("activation", {"uid": link.uid, "token": link.token}), 204)
        account.active = True
        if self.profile.djoser.SEND_CONFIRMATION_EMAIL:
            # a late confirmation would look like a mail of whatever comes next
            self.postbox.wait(mark, to=account.email)
        return reply

    def activation_link(self, account: Account, *, mark: int | None = None) -> Link:
        """The link of the account's latest activation mail."""
        return self.link(account, "ACTIVATION_URL", account.mark if mark is None else mark)

    def send_again(self, account: Account) -> None:
        """The account's activation mail comes anew, and counts as that of its registration."""
        account.mark = self.mark()
        self.api("resend_activation", {self.profile.user.email_field: account.email})
        self.await_welcome(account)

    def link(self, account: Account, template: str, mark: int, *, to: str | None = None) -> Link:
        """The link of the latest mail to the account behind `mark` that has this template's shape."""
        mails = self.postbox.wait(mark, to=to or account.email)
        wanted = getattr(self.profile.djoser, template)
        if not wanted:
            raise Inconclusive(f"the profile has no {template}")
        for mail in reversed(mails):
            if found := self.postbox.links(mail, wanted):
                return found[0]
        promised = {"ACTIVATION_URL": "REG-007", "PASSWORD_RESET_CONFIRM_URL": "RST-002"}
        with self.steps.step(promised.get(template, "EML-022")):
            raise Inconclusive(
                f"{PRECONDITION}no mail to {account.email} has a link like "
                f"{wanted} ({_listed(mails)})"
            )

    def active(self, *, fresh: bool = False, changed: bool = False, **given: Any) -> Account:
        """An account that can log in: a `fresh` one, also where `given` asks for anything; rather one
        whose password has `changed`."""
        fresh = fresh or bool(given)
        self.ask_for_registration()
        if not self.can_make_active:
            raise Inconclusive(
                "it needs a fresh active account; activation needs a mail, and the run has --mailbox none"
            )
        if not fresh and (rested := self._rested(changed=changed)) is not None:
            return rested
        account = self.register(**given)[0] if fresh else self.waiting()
        if self.profile.djoser.SEND_ACTIVATION_EMAIL:
            self.activate(account)
        else:
            self.await_welcome(account)
        account.active = True
        return account

    def waiting(self) -> Account:
        """An account that has not been activated, whose activation mail has come."""
        account = self._resting.waiting()
        if account is None:
            account, _ = self.register()
            self.await_welcome(account)
        return account

    @property
    def sends_welcome(self) -> bool:
        """Whether a registration sends a mail, and there is a mailbox to read it from."""
        djoser = self.profile.djoser
        return self.has_mailbox and (djoser.SEND_ACTIVATION_EMAIL or djoser.SEND_CONFIRMATION_EMAIL)

    def await_welcome(self, account: Account) -> None:
        """Waits for the mail of the account's registration, where the profile sends one."""
        if self.sends_welcome:
            self.postbox.wait(account.mark, to=account.email)

    def _rested(self, *, changed: bool) -> Account | None:
        """An account of an earlier test that is still as that test left it, and whose mails have come."""
        while (found := self._resting.active(changed=changed)) is not None:
            account, seconds = found
            if self._opens(account):
                if self._postbox is not None:
                    self._postbox.let_late_ones_come(seconds)
                account.mark = self.mark()
                user = self.profile.user
                now = {user.login_field: account.login, user.email_field: account.email}
                account.fields |= {k: v for k, v in now.items() if k in account.fields}
                return account
            self._resting.keep(account)
        return None

    def _opens(self, account: Account) -> bool:
        """Whether the account is logged in, or can be by what the run knows of it."""
        for scheme in self.schemes:
            kept = self._login.known(account, scheme)
            if kept is not None and self.api.with_(kept)("me").status != 200:
                self.forget(account, scheme=scheme)
        if self._login.known(account) is None and not self.can_log_in(account):
            return False
        me = self.client(account)("me").json
        known = {
            self.profile.login_field: account.login,
            self.profile.user.email_field: account.email,
        }
        return isinstance(me, dict) and all(me.get(k, v) == v for k, v in known.items())

    def rest(self, account: Account) -> None:
        """The running test needs this account no longer."""
        self._resting.rest(account)

    def put_aside(self, account: Account) -> None:
        """The account is not as others are any more: no later test gets it."""
        self._resting.keep(account)

    def take_back(self, *, intact: bool, blameless: bool = True) -> None:
        """A test has ended: later ones may use its accounts where nothing went wrong in it."""
        self._resting.take_back(intact=intact)
        self.steps.story_ended(blameless=blameless)

    def rests(self, account: Account) -> bool:
        """Whether an earlier test has left this account in good order, and none has it now."""
        return self._resting.has(account)

    def me(self, client: Client) -> Any:
        """What users/me/ shows to this caller, without what may change by itself."""
        return self.profile.user.steady(client("me").json)

    def settled(self, *, fresh: bool = False, changed: bool = False) -> Account:
        """An active account that is logged in and has a name, so that it shows when that is lost."""
        account = self.active(fresh=fresh, changed=changed)
        self._give_a_name(account)
        return account

    def _give_a_name(self, account: Account) -> None:
        field = self.profile.user.free_text
        if field is not None:
            name = f"Name {account.login.partition('@')[0][-8:]}"[-(field.max_length or 99) :]
            self.client(account)("me_patch", {field.name: name})

    def others(self, account: Account, *beside: Account, most: int = 8) -> tuple[Seen, ...]:
        """What users/me/ shows to the accounts around this one, by each login of theirs that is kept:
        to the oldest ones, those made just before and after it, and those `beside` it."""
        order = [a for a in self.ledger.accounts if not a.gone]
        place = next((n for n, a in enumerate(order) if a is account), len(order))
        living = [a for a in order if a is not account]
        near = [*beside, *living[:2], *(a for a in living[max(2, place - 3) : place + 3])]
        return tuple(
            Seen(other, credentials, self.me(self.api.with_(credentials)))
            for other in list({id(a): a for a in near}.values())[:most]
            for scheme in self.schemes
            if (credentials := self._login.known(other, scheme)) is not None
        )

    def unharmed(self, before: Sequence[Seen]) -> None:
        """Raises Failure where another account's data are not what `others` found before."""
        for seen in before:
            now = self.me(self.api.with_(seen.credentials))
            if now != seen.shown:
                expect.fail(
                    f"the data of another account changed: {seen.account.login} by "
                    f"{seen.credentials.scheme} now has {now}"
                )
        seen_ones = {id(seen.account) for seen in before}
        oldest = next((a for a in self.ledger.accounts if id(a) in seen_ones and not a.gone), None)
        if oldest is not None and not self.frugal and not self.can_log_in(oldest):
            expect.fail(f"another account, {oldest.login}, cannot log in any more")

    @property
    def can_make_active(self) -> bool:
        """Whether accounts can be made and activated at all."""
        if closed("POST users/", self.profile):
            return False
        return self.has_mailbox or not self.profile.djoser.SEND_ACTIVATION_EMAIL

    def shared(self, name: str = "reader") -> Account:
        """An account that several tests use and none changes; made at first use."""
        account = self._shared.get(name)
        if account is None or account.gone:
            by_given = self._given and not self.can_make_active
            account = self._next_given() if by_given else self.settled()
            self._resting.keep(account)
            self._shared[name] = account
        return account

    def ask_for_registration(self) -> None:
        """Raises where the profile closes registration: Closed, if given accounts carry the rest."""
        action = closed("POST users/", self.profile)
        if action is not None and self._given:
            raise Closed(
                f"it needs a fresh account; the profile's permissions close that: {action}"
            )
        if action is not None:
            raise Inconclusive(
                f"the profile's permissions close registration ({action}); name two accounts of the "
                'target in the configuration: [accounts] given = [{login = "…", password = "$…"}, …]'
            )

    def _next_given(self) -> Account:
        """An account of the configuration that has no part yet."""
        taken = {id(account) for account in self._shared.values()}
        for account in self._given:
            if id(account) not in taken:
                self._get_to_know(account)
                return account
        raise Inconclusive(
            "it needs another account under [accounts] given in the configuration, as it cannot make one"
            + ("" if self.has_mailbox else ": the run has --mailbox none")
        )

    def _get_to_know(self, account: Account) -> None:
        """What a registration would have told of a given account."""
        shown = self.client(account)("me").json
        if not isinstance(shown, dict):
            return
        user = self.profile.user
        account.email = account.email or str(shown.get(user.email_field, ""))
        account.shown = {**shown, **account.shown}
        account.fields = {
            name: shown[name] for name in (user.login_field, user.email_field) if name in shown
        }

    # --- steps --------------------------------------------------------------------------------

    @contextmanager
    def _login_step(self, account: Account, scheme: str | None) -> Iterator[None]:
        scheme = scheme or self._login.preferred or ""
        id_ = {"jwt": "LOG-001", "token": "LOG-020"}.get(scheme)
        if id_ is None or account.given:
            yield
            return
        with self.steps.step(id_, blames_another=partial(self._is_shut_out, account, scheme)):
            yield

    def _is_shut_out(self, account: Account, scheme: str) -> bool:
        """Whether another login refuses the account too: then its password or its activity may be
        what is wrong, and no login."""
        other = next((s for s in self.schemes if s != scheme), None)
        if other is None:
            return False
        reply = self.try_login(account.login, account.password, scheme=other)
        return reply.status in {400, 401, 403}

    # --- logging in ---------------------------------------------------------------------------

    def client(self, account: Account, *, scheme: str | None = None) -> Client:
        """The account's caller, logged in once and kept. Raises Inconclusive where login fails."""
        with self._login_step(account, scheme):
            return self.api.with_(self._login.kept(account, scheme))

    def fresh_client(self, account: Account, *, scheme: str | None = None) -> Client:
        """The account's caller after a new login."""
        with self._login_step(account, scheme):
            return self.api.with_(self._login.fresh(account, scheme))

    def try_login(self, login: str, password: str, *, scheme: str | None = None) -> Reply:
        """One attempt to log in."""
        return self._login.attempt(login, password, scheme)

    def login_of_nobody(self, scheme: str) -> Reply:
        """The answer to an unknown login, asked for once: it costs the target a hash as well."""
        if scheme not in self._nobody:
            login, password = self.new_login(), self.ledger.password()
            self._nobody[scheme] = self.try_login(login, password, scheme=scheme)
        return self._nobody[scheme]

    def accepted(self, reply: Reply, *, scheme: str | None = None) -> Credentials | None:
        """The credentials that a login's reply hands out; None where it was refused."""
        return self._login.credentials(reply, scheme)

    def sets_session(self, reply: Reply) -> bool:
        """Whether an answer sets a session cookie, whatever the target calls it."""
        return self._login.sets_session(reply)

    def try_login_with_session(self, account: Account, key: str) -> Reply:
        """One attempt by a caller that brings a session key along."""
        return self._login.attempt_with_session(account.login, account.password, key)

    @property
    def session_pages(self) -> SessionPages | None:
        """The pages that begin and end a session, where the profile has them."""
        return self._login.pages

    def can_log_in(
        self,
        account: Account,
        password: str | None = None,
        *,
        login: str | None = None,
        scheme: str | None = None,
    ) -> bool:
        """Whether the target gives credentials for this password; a login is kept."""
        reply = self.try_login(login or account.login, password or account.password, scheme=scheme)
        credentials = self.accepted(reply)
        if credentials is not None and login in {None, account.login}:
            self._login.keep(account, credentials)
        return credentials is not None

    def opened_by(self, account: Account, *passwords: str) -> list[str]:
        """Those of the passwords that log the account in."""
        found = self.at_once(*(partial(self.can_log_in, account, word) for word in passwords))
        return [word for word, works in zip(passwords, found, strict=True) if works]

    def open_by(self, login: str, password: str, schemes: Sequence[str]) -> list[str]:
        """Those of the schemes by which this password logs in; nothing is kept."""
        calls = (partial(self.try_login, login, password, scheme=scheme) for scheme in schemes)
        replies = self.at_once(*calls)
        return [s for s, reply in zip(schemes, replies, strict=True) if self.accepted(reply)]

    def at_once(self, *calls: Callable[[], Made]) -> list[Made]:
        """What these calls give, made two at a time; none of them may change what another one finds."""
        if len(calls) < 2:
            return [call() for call in calls]
        # a target with two workers computes two hashes in the time of one
        futures = [self._pair.submit(call) for call in calls]
        return [future.result() for future in futures]

    def keep(self, account: Account, credentials: Credentials) -> None:
        """The account's next callers use this login of a story's own."""
        self._login.keep(account, credentials)

    def kept_client(self, account: Account) -> Client | None:
        """The account's caller by a login that is kept; None where there is none."""
        kept = self._login.known(account)
        return None if kept is None else self.api.with_(kept)

    def forget(self, account: Account, *, scheme: str | None = None) -> None:
        """The account's logins (of one scheme) do not work any more; the next call logs in anew."""
        self._login.forget(account, scheme)

    @property
    def refused_logins(self) -> int:
        """So many logins of the run the target has refused."""
        return self._login.refused

    def open_again(self, most: int) -> list[bool]:
        """Whether the accounts that logged in last still do, the latest first."""
        latest = islice(reversed(list(self._login.accepted.items())), most)
        replies = [self.try_login(login, word, scheme=how) for login, (word, how) in latest]
        return [self.accepted(reply) is not None for reply in replies]

    @property
    def schemes(self) -> tuple[str, ...]:
        """The ways in which this target's callers can log in."""
        return self._login.schemes

    @property
    def tried_schemes(self) -> tuple[str, ...]:
        """The logins that a story tries: every one, or in a frugal run the preferred one."""
        return self._login.schemes[:1] if self.frugal else self._login.schemes

    def owner_of_uid(self, uid: str) -> list[str] | None:
        """Every address of the account that a mail's uid names; None where no account of the run has it."""
        try:
            id_ = urlsafe_b64decode(uid + "=" * (-len(uid) % 4)).decode()
        except ValueError:
            return None
        found = [
            a for a in self.ledger.accounts if str(a.shown.get("id")) == id_ and a.shown.get("id")
        ]
        if not found:
            return None
        return [address for a in found for address in (a.email, *a.addresses, *a.logins)]

    def new_login(self) -> str:
        """A fresh value for the login field."""
        by_email = self.profile.user.login_field == self.profile.user.email_field
        return self.ledger.address() if by_email else self.ledger.username()

    def id_of(self, account: Account) -> Any:
        """The account's id, from its registration or from users/me/; None where neither shows it."""
        name = self.profile.djoser.USER_ID_FIELD
        if name in account.shown:
            return account.shown[name]
        if any(field.name == name for field in self.profile.user.fields):
            body = self.client(account)("me").json
            if isinstance(body, dict) and name in body:
                account.shown = {**account.shown, name: body[name]}
        return account.shown.get(name)

    def uid_of(self, account: Account) -> str | None:
        """The uid that a mail to the account has in its links; None where its id is not shown."""
        name = self.profile.djoser.USER_ID_FIELD
        id_ = self.id_of(account) if name == "id" else None  # djoser/email.py takes the primary key
        return None if id_ is None else urlsafe_b64encode(str(id_).encode()).decode().rstrip("=")

    def let_a_second_pass(self) -> None:
        """Waits until a login gets a last_login of its own.

        django/contrib/auth/tokens.py 5.2 drops its microseconds: two logins within one second leave a
        mail token as it was.
        """
        time.sleep(1.1)

    # --- mails --------------------------------------------------------------------------------

    def mark(self) -> int:
        """The mailbox's position; 0 where there is none."""
        return self._postbox.mark() if self._postbox else 0

    def ask_for_reset(self, address: str) -> Link:
        """Asks for a reset mail; its link. Raises Inconclusive where none comes."""
        template = self.profile.djoser.PASSWORD_RESET_CONFIRM_URL
        if not template:
            raise Inconclusive("the profile has no PASSWORD_RESET_CONFIRM_URL")
        mark = self.mark()
        self.api("reset_password", {self.profile.user.email_field: address})
        mails = self.postbox.wait(mark, to=address)
        for mail in reversed(mails):
            if found := self.postbox.links(mail, template):
                return found[0]
        with self.steps.step("RST-002"):
            raise Inconclusive(
                f"{PRECONDITION}a reset request sends a mail with a link ({_listed(mails)})"
            )

    # --- leaving ------------------------------------------------------------------------------

    def bodies_of_deletes_arrive(self, client: Client) -> bool:
        """Whether this logged-in client's DELETE reaches the target with its body."""
        return self._delete_bodies.arrive(client)

    def ask_for_deletion(self, client: Client) -> None:
        """Raises Inconclusive where something on the way keeps accounts from being deleted."""
        if not self.bodies_of_deletes_arrive(client):
            raise Inconclusive(DROPPED)


def _listed(mails: Sequence[MailMessage]) -> str:
    return "; ".join(map(str, mails)) if mails else "no mail came for it"
