"""Steps that stories take for granted: which of them failed, and what they were promised by."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from authspec_conformance.errors import BudgetSpent, Closed, Inconclusive, TimeUsedUp

_NO_REFUSAL = re.compile(r"→ (429|5\d\d)")
"""An answer that refuses nothing: the target is busy, or failed in a way that HTTP-005 tells of."""
_REFUSAL = re.compile(r"→ 4\d\d")


class Steps:
    """Remembers which requirement a step breaks that makes its story inconclusive.

    So that what goes wrong for the third account alone, or at the fifth call, is a failure too.
    """

    def __init__(self) -> None:
        self._certain: dict[str, str] = {}
        self._doubtful: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        """In the story that is being told."""
        self._refused: dict[str, str] = {}
        """There too, where the step may not be to blame."""
        self._explained = False
        """Whether a claim of the run has failed, which may be why doubtful steps did."""

    @property
    def broken(self) -> dict[str, str]:
        """Requirement → how a step that it promises failed, in a story about something else."""
        return self._certain if self._explained else self._doubtful | self._certain

    @property
    def consequences(self) -> dict[str, str]:
        """The same, of steps that are taken for the consequence of another failure of the run."""
        return {id_: how for id_, how in self._doubtful.items() if id_ not in self.broken}

    @contextmanager
    def step(self, id_: str, *, blames_another: Callable[[], bool] | None = None) -> Iterator[None]:
        """Inside is what that requirement promises; of a refusal `blames_another` says whether
        something else may be its cause."""
        try:
            yield
        except (Closed, BudgetSpent, TimeUsedUp):
            raise
        except Inconclusive as reason:
            told = str(reason)
            if not _NO_REFUSAL.search(told):
                doubtful = blames_another and _REFUSAL.search(told) and blames_another()
                (self._refused if doubtful else self._failed).setdefault(id_, told)
            raise

    def story_ended(self, *, blameless: bool) -> None:
        """A step that failed after something else had gone wrong may be its consequence: forgotten."""
        if blameless:
            self._certain = self._failed | self._certain
            self._doubtful = self._refused | self._doubtful
        else:
            self._explained = True
        self._failed, self._refused = {}, {}
