"""The state machine: accounts live on the target and in the oracle, step by step, and are held side by side.

Each rule makes one call to both. Steps cost the target password hashes, so the machine has a budget,
and a step beyond it does nothing.
"""

from collections.abc import Callable
from contextlib import redirect_stdout
from functools import wraps
from io import StringIO
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from authspec_conformance import bodies
from authspec_conformance.client import Credentials
from authspec_conformance.context import Context
from authspec_conformance.errors import TimeUsedUp
from authspec_conformance.two_sides import Budget, TwoSides
from authspec_contract.errors import TargetError

CHOICE = st.integers(0, 2**16)
"""Chooses among what there is: the index modulo its number."""

Step = TypeVar("Step", bound=Callable[..., None])


def when(condition: Callable[[Any], object] = lambda _: True) -> Callable[[Step], Step]:
    """Lets a rule do nothing where it cannot be taken.

    A precondition of Hypothesis' own would be wrong here: which rules it offers must not depend on
    the target or on the clock, or it calls the machine flaky.
    """

    def decorate(step: Step) -> Step:
        @wraps(step)
        def guarded(self: Any, **chosen: Any) -> None:
            if self.may_go_on() and condition(self):
                step(self, **chosen)

        return guarded  # type: ignore[return-value]

    return decorate


class Lifecycle(TwoSides):
    """The rules; subclassed per run by `run_machine`."""

    @initialize()
    @when()
    def two_accounts(self) -> None:
        # once it has found something, the program that shows it begins with its own accounts
        for _ in range(2 if self.budget.failure is None else 0):
            account = self.people.active()
            if not self._take_in(account):
                self.people.rest(account)
        while len(self.persons) < 2 and self.may_go_on():
            known = len(self.persons)
            self._register(self.context.ledger.body())
            if len(self.persons) == known:
                return
            self._activate_latest(self.persons[-1])
            self._log_in(self.persons[-1], self.persons[-1].account.password, self._scheme(0))
        self._set_up = len(self.program)

    @rule(who=CHOICE, taken=st.booleans())
    @when(lambda self: self.persons and not self._registered)
    def register(self, who: int, taken: bool) -> None:
        # once per run: each account costs three hashes, and a limit that depended on other runs
        # would make a failure another one when it is tried again
        self._registered = not taken
        login = self.profile.user.login_field
        wish = {login: self._pick(self.persons, who).account.fields[login]} if taken else {}
        self._register(self.context.ledger.body(**wish))

    @rule(which=CHOICE)
    @when(lambda self: self._links("activation"))
    def activate(self, which: int) -> None:
        self._activate(self._pick(self._links("activation"), which))

    @rule(who=CHOICE)
    @when(lambda self: self.persons)
    def resend(self, who: int) -> None:
        person = self._pick(self.persons, who)
        self._both("resend_activation", {self._email: person.account.email})
        self._collect(person)

    @rule(who=CHOICE, how=CHOICE, right=st.sampled_from([True, True, False]))
    @when(lambda self: self.persons and self._logins < 4)
    def log_in(self, who: int, how: int, right: bool) -> None:
        self._logins += 1  # each costs a hash and changes little: the rest is for other steps
        person = self._pick(self.persons, who)
        password = (
            person.account.password if right or not person.past else self._pick(person.past, how)
        )
        self._log_in(person, password, self._scheme(how))

    @rule(which=CHOICE)
    @when(lambda self: self.sessions)
    def read(self, which: int) -> None:
        self._call_as(self._pick(self.sessions, which), "me", None)

    @rule(which=CHOICE, text=st.sampled_from(["Ada", "Zoë Łuczak", "x", "0"]))
    @when(lambda self: self.sessions and self._text())
    def write(self, which: int, text: str) -> None:
        self._call_as(self._pick(self.sessions, which), "me_patch", {self._text(): text})

    @rule(which=CHOICE, right=st.sampled_from([True, True, False]), how=CHOICE)
    @when(lambda self: self.sessions)
    def set_password(self, which: int, right: bool, how: int) -> None:
        session = self._pick(self.sessions, which)
        person, new = session.owner, self.context.ledger.password()
        current = self._password(person, right, how)
        person.account.became(password=new)
        reply = self._call_as(
            session, "set_password", bodies.set_password(self.profile, current, new)
        )
        self._has_new_password(person, new, reply)

    @rule(who=CHOICE)
    @when(lambda self: self.persons and self.profile.djoser.PASSWORD_RESET_CONFIRM_URL)
    def ask_for_reset(self, who: int) -> None:
        person = self._pick(self.persons, who)
        self._both("reset_password", {self._email: person.account.email})
        self._collect(person)

    @rule(who=CHOICE, twice=st.booleans())
    @when(lambda self: self.persons and self.profile.djoser.PASSWORD_RESET_CONFIRM_URL)
    def reset(self, who: int, twice: bool) -> None:
        person = self._pick(self.persons, who)
        self._both("reset_password", {self._email: person.account.email})
        links = list(self._found)
        self._collect(person)
        for link in links:
            for _ in range(1 + twice):
                self._confirm_reset(link, link)

    @rule(which=CHOICE, swapped=st.sampled_from([False, False, True]))
    @when(lambda self: self._links("password_reset"))
    def confirm_reset(self, which: int, swapped: bool) -> None:
        link = self._pick(self._links("password_reset"), which)
        other = self._pick(self._links("password_reset"), which + 1) if swapped else link
        self._confirm_reset(link, other)

    @rule(
        which=CHOICE,
        right=st.sampled_from([True, True, False]),
        how=CHOICE,
        taken=st.sampled_from([False, False, True]),
    )
    @when(lambda self: self.sessions and self.profile.login_field == self.profile.user.login_field)
    def set_login(self, which: int, right: bool, how: int, taken: bool) -> None:
        session = self._pick(self.sessions, which)
        person = session.owner
        new = self._pick(self.persons, how).account.login if taken else self.people.new_login()
        if not taken:
            person.account.became(login=new)
        body = bodies.set_login(self.profile, new, self._password(person, right, how))
        reply = self._call_as(session, "set_username", body)
        if reply.status == 204:
            person.account.login = new
            if self._by_email:
                person.account.email = new

    @rule(which=CHOICE)
    @when(lambda self: self.sessions and "token" in self.people.schemes)
    def log_out(self, which: int) -> None:
        self._call_as(self._pick(self.sessions, which), "token_logout", None)

    @rule(which=CHOICE)
    @when(lambda self: any(s.refresh for s in self.sessions))
    def refresh(self, which: int) -> None:
        session = self._pick([s for s in self.sessions if s.refresh], which)
        assert session.refresh is not None
        if session.owner not in self.persons:
            return  # simplejwt#860: stock answers 500 for a deleted account; DEL-010 asks for that
        reply, expected = self._both(
            "jwt_refresh",
            {"refresh": session.refresh[0]},
            oracle_body={"refresh": session.refresh[1]},
        )
        self._keep_login(session.owner, reply, expected, session.refresh)

    @rule(which=CHOICE, right=st.sampled_from([True, False]), how=CHOICE)
    @when(lambda self: len(self.persons) > 1)
    def delete(self, which: int, right: bool, how: int) -> None:
        if not self.sessions:
            return
        session = self._pick(self.sessions, which)
        person = session.owner
        body = {"current_password": self._password(person, right, how)}
        caller = self.context.api.with_(Credentials(session.scheme, session.target))
        if not self.people.bodies_of_deletes_arrive(caller):
            return
        reply = self._call_as(session, "me_delete", body)
        if reply.status == 204 and person in self.persons:
            person.account.gone = True
            self.persons.remove(person)


def run_machine(context: Context, budget: Budget) -> None:
    """Runs the machine within its budget. Raises the shortest Failure that it found."""
    machine = type("Machine", (Lifecycle,), {"context": context, "budget": budget})
    seed(context.random("lifecycle").getrandbits(64))(machine)
    options = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        with redirect_stdout(StringIO()):
            run_state_machine_as_test(machine, settings=options)
    except (TimeUsedUp, TargetError):
        raise
    except Exception as error:
        # when the time for shrinking is over the machine stands still, and Hypothesis finds that flaky
        raise (budget.failure or error) from None
    if budget.failure is not None:
        raise budget.failure
