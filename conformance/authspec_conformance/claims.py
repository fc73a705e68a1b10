"""Ties tests to requirements: a test is a story, and each claim in it decides one requirement."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

import pytest

from authspec_conformance.errors import Inconclusive, TimeUsedUp
from authspec_contract.results import Outcome

F = TypeVar("F", bound=Callable[..., object])


def requirement(*ids: str) -> Callable[[F], F]:
    """Says which requirements a test decides."""

    def mark(function: F) -> F:
        return pytest.mark.requirement(*ids)(function)  # type: ignore[no-any-return]

    return mark


class Decide(Protocol):
    """Where a claim's outcome goes."""

    def __call__(
        self,
        requirement: str,
        outcome: Outcome,
        message: str,
        failure: BaseException | None = None,
    ) -> None: ...


class Claims:
    """The claims of one running test.

    `with claim("ACT-003"):` runs its block and decides that requirement: fail where an expectation
    broke in it, else pass; the story goes on either way. A requirement that is not applicable or not
    selected is not decided, and its block may break without consequence; `claim.wants(id)` spares
    the calls for it.
    """

    def __init__(self, ids: Sequence[str], wanted: Mapping[str, bool], decide: Decide) -> None:
        self._wanted = wanted
        self._decide = decide
        self.ids = tuple(ids)
        self.open = {id_ for id_ in ids if wanted[id_]}
        """Wanted and not decided yet."""
        self.broken: set[str] = set()
        """Wanted, and found failing."""
        self.ended = False
        """Whether the story came to its end."""

    def wants(self, *ids: str) -> bool:
        """Whether any of these requirements is to be decided."""
        return any(self._wanted[self._known(id_)] for id_ in ids)

    @contextmanager
    def __call__(self, id_: str) -> Iterator[None]:
        try:
            yield
        except AssertionError as failure:
            self._settle(id_, Outcome.FAIL, str(failure), failure)
        except TimeUsedUp:
            raise
        except Inconclusive as reason:
            self._settle(id_, reason.outcome, str(reason))
        else:
            self._settle(id_, Outcome.PASS, "")

    def skip(self, id_: str, reason: str) -> None:
        """Decides an undecided requirement: it does not concern this deployment, for this reason."""
        self.decide(id_, Outcome.NOT_APPLICABLE, reason)

    def decide(self, id_: str, outcome: Outcome, message: str = "") -> None:
        """Decides an undecided requirement."""
        if id_ in self.open:
            self._settle(id_, outcome, message)

    def _settle(
        self, id_: str, outcome: Outcome, message: str, failure: BaseException | None = None
    ) -> None:
        if self._wanted[self._known(id_)]:
            self.open.discard(id_)
            if outcome is Outcome.FAIL:
                self.broken.add(id_)
            self._decide(id_, outcome, message, failure)

    def _known(self, id_: str) -> str:
        if id_ not in self._wanted:
            raise LookupError(f"the test claims {id_}, which its @requirement does not name")
        return id_
