"""Accounts that earlier tests left in good order: later tests take them, and save the target a new one."""

import time

from authspec_conformance.accounts import Account


class Resting:
    """Hands accounts out to the running test, and takes them back when it ends.

    An account costs a real target three password computations (registration, login, deletion), so
    a test that needs just any account takes one that has rested longest.
    """

    def __init__(self) -> None:
        self._out: list[Account] = []
        self._active: list[tuple[float, Account]] = []
        self._waiting: list[Account] = []

    def hand_out(self, account: Account) -> None:
        """The running test has this account."""
        self._out.append(account)

    def keep(self, account: Account) -> None:
        """The account is for several tests at a time: it never comes back here."""
        self._out = [other for other in self._out if other is not account]

    def active(self, *, changed: bool = False) -> tuple[Account, float] | None:
        """An active account, and for how many seconds it has rested; None where there is none.

        The one that has rested longest; with `changed` rather of those that have another password
        than at first.
        """
        if not self._active:
            return None
        others = [pair for pair in self._active if pair[1].password not in pair[1].passwords[:1]]
        found = others[0] if changed and others else self._active[0]
        self._active.remove(found)
        since, account = found
        self.hand_out(account)
        return account, time.monotonic() - since

    def has(self, account: Account) -> bool:
        """Whether the account is active and no running test has it."""
        return any(account is other for _, other in self._active)

    def waiting(self) -> Account | None:
        """An account that waits for its activation; None where there is none."""
        if not self._waiting:
            return None
        account = self._waiting.pop(0)
        self.hand_out(account)
        return account

    def rest(self, account: Account) -> None:
        """The running test needs this account no longer, and leaves it in good order."""
        self.keep(account)
        if account.gone or account.given or (account.odd and account.active):
            return
        if account.active:
            self._active.append((time.monotonic(), account))
        else:
            self._waiting.append(account)

    def take_back(self, *, intact: bool) -> None:
        """The running test has ended; where something went wrong in it nobody gets its accounts."""
        out, self._out = self._out, []
        for account in out if intact else ():
            self.rest(account)
