"""The state machine's two sides: each call goes to the target and to the oracle, and the answers are compared.

What may differ are secrets, ids and texts; status, keys, data and mails may not.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from hypothesis.stateful import RuleBasedStateMachine

from authspec_conformance import bodies
from authspec_conformance.accounts import Account
from authspec_conformance.context import Context
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import Reply
from authspec_conformance.expect import Failure
from authspec_conformance.login import jwt_credentials, token_credentials
from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.oracle import Expected, Mail, Oracle
from authspec_conformance.session_login import cookie_header
from authspec_contract.profile import Field, Profile


@dataclass
class Link:
    """The secrets of one mail, on both sides."""

    kind: str
    owner: Any
    """The `Person` that it was mailed to; None until it is known."""
    target: tuple[str, str] = field(repr=False)
    """uid and token."""
    oracle: tuple[str, str] = field(repr=False)


@dataclass
class Session:
    """One login, on both sides: what each sends as its headers."""

    owner: "Person"
    scheme: str
    target: Mapping[str, str] = field(repr=False)
    oracle: Mapping[str, str] = field(repr=False)
    refresh: tuple[str, str] | None = field(default=None, repr=False)


@dataclass
class Person:
    """One account of the machine."""

    name: str
    account: Account
    past: list[str] = field(default_factory=list, repr=False)
    """Passwords that it had before, or that were refused."""
    ids: tuple[Any, Any] = (None, None)
    token_login: float = 0.0
    """When it last logged in by token, in seconds of the monotonic clock."""


@dataclass
class Budget:
    """What the machine may cost; shared by all of its runs."""

    hashes: int
    seconds: float
    accounts: int
    shrink_seconds: float = 20.0
    """How long a failure may be made shorter."""
    shrink_hashes: int = 200
    """What making it shorter may cost on top, and how many accounts."""
    shrink_accounts: int = 40
    started: float = field(default_factory=time.monotonic)
    failure: Failure | None = None
    """The failure with the fewest calls so far."""
    calls: int = 0
    """Of that failure, without those that only made its accounts."""
    steps: int = 0
    _stop_shrinking: float = float("inf")

    def found(self, failure: Failure, calls: int) -> None:
        """A run ended in this failure."""
        if self.failure is None:
            self.hashes += self.shrink_hashes
            self.accounts += self.shrink_accounts
            self._stop_shrinking = time.monotonic() + self.shrink_seconds
        if self.failure is None or calls <= self.calls:
            self.failure, self.calls = failure, calls

    @property
    def time_left(self) -> bool:
        now = time.monotonic()
        return now < (self._stop_shrinking if self.failure else self.started + self.seconds)


class MailFailure(Failure):
    """A mail that should not have come, or one that did not."""


class TwoSides(RuleBasedStateMachine):
    """What the rules are made of; a run's subclass hands the context and the budget in."""

    context: Context
    budget: Budget

    def __init__(self) -> None:
        super().__init__()
        self.people = self.context.people
        self.profile: Profile = self.context.profile
        self.api = self.context.api
        self.oracle = Oracle(self.profile, self.context.random("oracle"))
        self.persons: list[Person] = []
        self.links: list[Link] = []
        self.sessions: list[Session] = []
        self.trace: list[str] = []
        self.program: list[int] = []
        """The exchanges of this run."""
        self._set_up = 0
        """How many of them only made the first accounts."""
        self._mark = self.people.mark()
        self._found: list[Link] = []
        self._broken = False
        self._registered = False
        self._logins = 0

    def teardown(self) -> None:
        """What this run leaves in good order serves the next one."""
        for person in () if self._broken else self.persons:
            self.people.rest(person.account)

    # --- the two sides ------------------------------------------------------------------------

    def _both(
        self,
        operation: str,
        body: Any,
        *,
        oracle_body: Any = None,
        headers: Mapping[str, str] | None = None,
        oracle_headers: Mapping[str, str] | None = None,
    ) -> tuple[Reply, Expected]:
        """The call to both, compared. Raises Failure where they differ."""
        self.budget.steps += 1
        self._mark = self.people.mark()
        extra = {} if body is None else {"body": body}
        reply = self.api(operation, headers=headers, **extra)
        expected = self.oracle.call(
            self.api.operations[operation],
            body if oracle_body is None else oracle_body,
            oracle_headers or {},
        )
        self.trace.append(str(reply))
        self.program.append(reply.exchange)
        if reply.status != expected.status:
            self._differ(f"{reply}, where Djoser answers {expected.status}")
        _compare(reply, expected, self._differ, self._ids(), self.profile)
        self._found = []
        self._compare_mails(reply, expected.mails)
        return reply, expected

    def _call_as(self, session: Session, operation: str, body: Any) -> Reply:
        reply, _ = self._both(
            operation, body, headers=session.target, oracle_headers=session.oracle
        )
        return reply

    def _differ(self, what: str, kind: type[Failure] = Failure) -> NoReturn:
        steps = "; ".join(self.trace[-8:])
        self._broken = True
        failure = kind(
            f"{what}, after {len(self.trace)} calls: {steps}", program=tuple(self.program)
        )
        self.budget.found(failure, len(self.trace) - self._set_up)
        raise failure

    # --- mails ----------------------------------------------------------------------------------

    def _compare_mails(self, reply: Reply, wanted: Sequence[Mail]) -> None:
        """Each mail that the oracle sends has come, to its address alone, and no other has."""
        if self.context.postbox is None:
            return
        postbox, arrived = self.context.postbox, []
        for mail in wanted:
            found = postbox.wait(self._mark, to=mail.to[0])
            if len(found) != 1:
                self._differ(
                    f"{reply} sends {len(found)} mails to {mail.to[0]}, where Djoser sends one",
                    MailFailure,
                )
            if len(found[0].to) > 1:
                self._differ(f"the mail {found[0]} goes to more than its address", MailFailure)
            arrived.append((found[0], mail))
        known = {mail.id for mail, _ in arrived}
        strays = [
            m
            for m in postbox.settle(self._mark)
            if m.id not in known and self.context.run in " ".join(m.to)
        ]
        if strays:
            self._differ(
                f"{reply} sends the mail {strays[0]}, where Djoser sends none", MailFailure
            )
        for ours, theirs in arrived:
            self._take_link(ours, theirs)

    def _take_link(self, mail: MailMessage, theirs: Mail) -> None:
        assert self.context.postbox is not None
        template = {
            "activation": self.profile.djoser.ACTIVATION_URL,
            "password_reset": self.profile.djoser.PASSWORD_RESET_CONFIRM_URL,
        }.get(theirs.kind)
        if not template or theirs.uid is None or theirs.token is None:
            return
        ours = self.context.postbox.links(mail, template)
        if not ours:
            self._differ(f"the mail {mail} has no link like {template}", MailFailure)
        self._found.append(
            Link(theirs.kind, None, (ours[0].uid, ours[0].token), (theirs.uid, theirs.token))
        )

    def _collect(self, person: Person) -> None:
        """The links of the last call's mails are this person's."""
        for link in self._found:
            link.owner = person
            self.links.append(link)
        self._found = []

    # --- steps that several rules take -----------------------------------------------------------

    def _take_in(self, account: Account) -> bool:
        """An account of the run comes to the oracle as it is; False where the two do not agree on it."""
        scheme = self._scheme(0)
        client = self.people.client(account, scheme=scheme)
        reply = client("me")
        user, id_ = self.profile.user, self.profile.djoser.USER_ID_FIELD
        login = str(account.fields.get(user.login_field, account.login))
        try:
            tokens = self.oracle.take_in(login, account.password, reply.json)
        except Inconclusive:
            return False
        oracle = _oracle_headers(scheme, tokens, self.profile)
        expected = self.oracle.call(self.api.operations["me"], None, oracle)
        ours, theirs = reply.json.get(id_), expected.json.get(id_)
        if {**reply.json, id_: 0} != {**expected.json, id_: 0} or client.credentials is None:
            return False
        person = Person(f"account {len(self.persons) + 1}", account, ids=(ours, theirs))
        person.token_login = time.monotonic()
        self.persons.append(person)
        headers = client.credentials.as_now().headers
        self.sessions.append(Session(person, scheme, headers, oracle))
        return True

    def _register(self, body: dict[str, Any]) -> None:
        self.context.ledger.reserve()
        reply, expected = self._both("create_user", body)
        if reply.status != 201:
            return
        account = self.people.newcomer(reply, self._mark)
        id_ = self.profile.djoser.USER_ID_FIELD
        ids = (reply.json.get(id_), expected.json.get(id_))
        person = Person(f"account {len(self.persons) + 1}", account, ids=ids)
        self.persons.append(person)
        self._collect(person)

    def _activate_latest(self, person: Person) -> None:
        links = [link for link in self.links if link.owner is person and link.kind == "activation"]
        if links:
            self._activate(links[-1])

    def _activate(self, link: Link) -> None:
        ours, theirs = ({"uid": uid, "token": token} for uid, token in (link.target, link.oracle))
        reply, _ = self._both("activation", ours, oracle_body=theirs)
        if reply.status == 204:
            link.owner.account.active = True

    def _log_in(self, person: Person, password: str, scheme: str) -> None:
        if scheme != "jwt" or self.profile.simple_jwt.UPDATE_LAST_LOGIN:
            self._let_a_second_pass(person)
        if scheme == "session":
            self._begin_session(person, password)
            return
        key = self.profile.login_field if scheme == "token" else self.profile.user.login_field
        body = {key: person.account.login, "password": password}
        operation = "token_login" if scheme == "token" else "jwt_create"
        reply, expected = self._both(operation, body)
        self._keep_login(person, reply, expected)

    def _begin_session(self, person: Person, password: str) -> None:
        """A login by page or token, whose answers are not compared: whether it works is."""
        self.budget.steps += 1
        self._mark = self.people.mark()
        login = person.account.login
        reply = self.people.try_login(login, password, scheme="session")
        self.trace.append(str(reply))
        self.program.append(reply.exchange)
        ours = self.people.accepted(reply, scheme="session")
        theirs = self.oracle.begin_session(login, password)
        if ours is None and theirs is not None:
            self._differ(f"{reply}, where Djoser begins a session")
        if ours is not None and theirs is None:
            self._differ(f"{reply}, where Djoser begins no session")
        self._found = []
        self._compare_mails(reply, ())
        if ours is not None and theirs is not None:
            headers = ours.as_now().headers
            self.sessions.append(
                Session(
                    person, "session", headers, _oracle_headers("session", theirs, self.profile)
                )
            )

    def _let_a_second_pass(self, person: Person) -> None:
        """django/contrib/auth/tokens.py 5.2 drops the microseconds of last_login: two logins in one
        second leave a mail token alive, and the two sides would have to share their clock."""
        wait = 1.1 - (time.monotonic() - person.token_login)
        if wait > 0:
            time.sleep(wait)
        person.token_login = time.monotonic()

    def _keep_login(
        self,
        person: Person,
        reply: Reply,
        expected: Expected,
        refresh: tuple[str, str] | None = None,
    ) -> None:
        if (
            reply.status != 200
            or not isinstance(reply.json, dict)
            or not isinstance(expected.json, dict)
        ):
            return
        ours, theirs = reply.json, expected.json
        if "access" in theirs:
            word = self.profile.simple_jwt.AUTH_HEADER_TYPES[0]
            target, oracle = (
                jwt_credentials(word, side["access"]).headers for side in (ours, theirs)
            )
            if "refresh" in theirs:
                refresh = (ours["refresh"], theirs["refresh"])
            if "jwt" in self.profile.authentication:
                self.sessions.append(Session(person, "jwt", target, oracle, refresh))
        elif "token" in self.profile.authentication:
            target, oracle = (
                token_credentials(self.profile, side["auth_token"]).headers
                for side in (ours, theirs)
            )
            self.sessions.append(Session(person, "token", target, oracle))

    def _has_new_password(self, person: Person, new: str, reply: Reply) -> None:
        if reply.status == 204:
            person.past.append(person.account.password)
            person.account.password = new
        else:
            person.past.append(new)

    def _password(self, person: Person, right: bool, how: int) -> str:
        if right or not person.past:
            return person.account.password
        return str(self._pick(person.past, how))

    # --- choosing --------------------------------------------------------------------------------

    def may_go_on(self) -> bool:
        """Whether the budget allows another step."""
        return (
            self.budget.time_left
            and self.context.target.password_computations < self.budget.hashes
            and len(self.context.ledger.accounts) < self.budget.accounts
        )

    def _pick(self, among: list[Any], number: int) -> Any:
        return among[number % len(among)]

    def _scheme(self, number: int) -> str:
        return self.people.schemes[number % len(self.people.schemes)]

    def _links(self, kind: str) -> list[Link]:
        """Links that a rule may use for this purpose; another purpose's are for RST-022 to try."""
        return [link for link in self.links if link.kind == kind]

    def _text(self) -> str | None:
        fields = self.profile.user.fields
        return next((f.name for f in fields if f.free_text), None)

    def _ids(self) -> dict[Any, Any]:
        """Target's id → oracle's."""
        return {
            person.ids[0]: person.ids[1] for person in self.persons if person.ids[0] is not None
        }

    @property
    def _email(self) -> str:
        return self.profile.user.email_field

    @property
    def _by_email(self) -> bool:
        return self.profile.user.login_field == self.profile.user.email_field

    def _confirm_reset(self, link: Link, other: Link) -> None:
        """The token of one link with the uid of the other."""
        new = self.context.ledger.password()
        other.owner.account.became(password=new)
        ours = bodies.confirm_reset(self.profile, other.target[0], link.target[1], new)
        theirs = bodies.confirm_reset(self.profile, other.oracle[0], link.oracle[1], new)
        reply, _ = self._both("reset_password_confirm", ours, oracle_body=theirs)
        self._has_new_password(other.owner, new, reply)


def _oracle_headers(scheme: str, tokens: Mapping[str, str], profile: Profile) -> Mapping[str, str]:
    if scheme == "token":
        return token_credentials(profile, tokens["auth_token"]).headers
    if scheme == "session":
        cookies = {name: tokens[name] for name in ("sessionid", "csrftoken")}
        return {"Cookie": cookie_header(cookies), "X-CSRFToken": cookies["csrftoken"]}
    return jwt_credentials(profile.simple_jwt.AUTH_HEADER_TYPES[0], tokens["access"]).headers


_SECRET = {"access", "refresh", "auth_token"}


def _compare(
    reply: Reply,
    expected: Expected,
    differ: Callable[[str], NoReturn],
    ids: Mapping[Any, Any],
    profile: Profile,
) -> None:
    """Keys of both bodies, and values of data; texts of refusals, secrets and times may differ."""
    ours = reply.json if reply.body else None
    theirs = expected.json
    if not isinstance(theirs, dict):
        if (ours is None) != (theirs is None):
            differ(f"{reply} has the body {reply.text[:80]!r}, where Djoser has {theirs!r}")
        return
    if isinstance(ours, dict) and "refresh" in theirs and profile.simple_jwt.login_may_say_more:
        ours = {name: value for name, value in ours.items() if name in theirs}
    if not isinstance(ours, dict) or ours.keys() != theirs.keys():
        shown = sorted(ours) if isinstance(ours, dict) else reply.text[:80]
        differ(f"{reply} shows {shown}, where Djoser shows {sorted(theirs)}")
        return
    if expected.status >= 400:
        return
    free = _SECRET | {
        f.name for f in (*profile.user.create, *profile.user.fields) if _is_of_its_own(f)
    }
    for name, value in theirs.items():
        found = ours[name]
        if name == profile.djoser.USER_ID_FIELD:
            if ids.get(found, value) != value:
                differ(f"{reply} shows the {name} of another account")
        elif name not in free and found != value:
            differ(f"{reply} shows {found!r} as {name}, where Djoser shows {value!r}")


def _is_of_its_own(field: Field) -> bool:
    """Whether the oracle cannot know the value: a time that the target takes, or tells in a zone of its
    own, or what it computes."""
    taken = field.read_only and field.type.startswith("date")
    return taken or field.volatile or field.type in {"datetime", "any"}
