"""Steps that stories take for granted: which of them failed, and what they were promised by."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from authspec_conformance.errors import BudgetSpent, Closed, Inconclusive, TimeUsedUp

_NO_REFUSAL = re.compile(r"→ (429|5\d\d)")
"""An answer that refuses nothing: the target is busy, or failed in a way that HTTP-005 tells of."""


class Steps:
    """Remembers which requirement a step breaks that makes its story inconclusive.

    So that what goes wrong for the third account alone, or at the fifth call, is a failure too.
    """

    def __init__(self) -> None:
        self.broken: dict[str, str] = {}
        """Requirement → how a step that it promises failed, in a story about something else."""
        self._failed: dict[str, str] = {}

    @contextmanager
    def step(self, id_: str) -> Iterator[None]:
        """Inside is what that requirement promises."""
        try:
            yield
        except (Closed, BudgetSpent, TimeUsedUp):
            raise
        except Inconclusive as reason:
            if not _NO_REFUSAL.search(str(reason)):
                self._failed.setdefault(id_, str(reason))
            raise

    def story_ended(self, *, blameless: bool) -> None:
        """A step that failed after something else had gone wrong may be its consequence: forgotten."""
        if blameless:
            self.broken = self._failed | self.broken
        self._failed = {}
