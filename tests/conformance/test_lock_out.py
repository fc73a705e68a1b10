"""Targets that lock logins after wrong passwords, and faulty ones that must not pass for such."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from authspec_conformance.errors import BudgetSpent
from authspec_conformance.lock_out import LockOut


class Target:
    """Its accounts as `People` shows them; `locked` says when the right password is refused."""

    def __init__(
        self, locked: Callable[["Target"], bool], logins: tuple[int, int] = (3, 7)
    ) -> None:
        self.logins = logins
        self.wrong = 0
        self.registered = 0
        self.ledger = SimpleNamespace(password=lambda: "wrong")
        self._locked = locked

    def active(self, *, fresh: bool) -> SimpleNamespace:
        assert fresh
        self.registered += 1
        return SimpleNamespace(login="fresh@example.com")

    def put_aside(self, account: SimpleNamespace) -> None:
        pass

    def try_login(self, login: str, password: str) -> None:
        self.wrong += 1

    def can_log_in(self, account: SimpleNamespace) -> bool:
        return not self._locked(self)


@pytest.mark.parametrize("limit", [3, 5, 10])
def test_an_account_that_is_locked_after_wrong_passwords_is_told_of(limit):
    found = LockOut(Target(lambda target: target.wrong >= limit)).found()
    assert found is not None
    assert "the target locks logins" in found
    assert "after 10 wrong ones" in found


def test_a_caller_whose_every_login_is_refused_is_told_of():
    found = LockOut(Target(lambda _: True)).found()
    assert found is not None
    assert "after 7 wrong passwords nobody logs in" in found


def test_a_target_that_locks_nothing_has_its_failures():
    target = Target(lambda _: False)
    assert LockOut(target).found() is None
    assert target.wrong == 10


@pytest.mark.parametrize("limit", [1, 2])
def test_a_password_that_is_refused_after_one_or_two_wrong_ones_is_a_fault(limit):
    assert LockOut(Target(lambda target: target.wrong >= limit)).found() is None


@pytest.mark.parametrize("logins", [(3, 2), (0, 7)])
def test_before_a_login_has_worked_and_three_were_refused_nothing_is_tried(logins):
    target = Target(lambda _: True, logins)
    assert LockOut(target).found() is None
    assert target.registered == 0


def test_it_is_tried_once_in_a_run():
    target = Target(lambda target: target.wrong >= 5)
    lock_out = LockOut(target)
    assert lock_out.found() == lock_out.found() is not None
    assert target.registered == 1


def test_where_no_account_can_be_made_nothing_speaks_against_a_failure():
    target = Target(lambda _: True)
    target.active = lambda **_: (_ for _ in ()).throw(BudgetSpent("all spent"))
    assert LockOut(target).found() is None
