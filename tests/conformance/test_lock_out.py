"""Targets that lock logins after wrong passwords, and faulty ones that must not pass for such."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from authspec_conformance.errors import BudgetSpent
from authspec_conformance.lock_out import LockOut


class Target:
    """Its accounts as `People` shows them; `locked` says when the right password is refused."""

    def __init__(
        self,
        locked: Callable[["Target"], bool],
        refused_logins: int = 7,
        others: Sequence[bool] = (False, False),
    ) -> None:
        self.refused_logins = refused_logins
        self.others = list(others)
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

    def open_again(self, most: int) -> list[bool]:
        return self.others[:most]

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
    assert "after 7 wrong passwords nobody logs in any more" in found


def test_a_target_that_locks_nothing_has_its_failures():
    target = Target(lambda _: False)
    assert LockOut(target).found() is None
    assert target.wrong == 10


@pytest.mark.parametrize("limit", [1, 2])
def test_a_password_that_is_refused_after_one_or_two_wrong_ones_is_a_fault(limit):
    assert LockOut(Target(lambda target: target.wrong >= limit)).found() is None


@pytest.mark.parametrize("others", [(), (True,), (False, True)])
def test_a_fresh_account_that_is_refused_where_others_are_not_is_broken(others):
    assert LockOut(Target(lambda _: True, others=others)).found() is None


def test_before_three_refused_logins_nothing_is_tried():
    target = Target(lambda _: True, refused_logins=2)
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
