"""Finds out whether the target locks logins after wrong passwords: then nothing that fails means anything."""

from authspec_conformance.errors import Inconclusive
from authspec_conformance.people import People
from authspec_contract.errors import TargetError

_HARMLESS = 2
"""So many wrong passwords no lock-out minds: what they end is a fault."""
_MOST = 10
"""More wrong passwords in a row than usual lock-outs allow (django-axes 8 allows 3 by itself, axes/conf.py)."""
_OTHERS = 3
"""So many accounts that logged in before have to be refused: else it is the fresh one that is broken."""


class LockOut:
    """Asked when a requirement fails, tries it out once: on a fresh account, so that none of a story suffers."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._tried = False
        self._found: str | None = None

    def found(self) -> str | None:
        """What the target does to logins, in a sentence; None where it locks none, or it cannot be told."""
        if not self._tried and self._people.refused_logins > _HARMLESS:
            self._tried = True
            try:
                self._found = self._try()
            except (Inconclusive, TargetError):
                self._found = None
        return self._found

    def _try(self) -> str | None:
        people = self._people
        sent = people.refused_logins
        account = people.active(fresh=True)
        people.put_aside(account)
        if not people.can_log_in(account):
            others = people.open_again(_OTHERS)
            nobody = bool(others) and not any(others)
            return (
                _told(f"after {sent} wrong passwords nobody logs in any more") if nobody else None
            )
        for wrong in range(1, _MOST + 1):
            people.try_login(account.login, people.ledger.password())
            if wrong in {_HARMLESS, _MOST} and not people.can_log_in(account):
                again = "a fresh account's right password is refused"
                return None if wrong == _HARMLESS else _told(f"after {wrong} wrong ones {again}")
        return None


def _told(what: str) -> str:
    return (
        f"the target locks logins, as django-axes does: {what}; lift that for the run, "
        "the suite tries wrong passwords throughout"
    )
