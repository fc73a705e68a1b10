"""Sends the same steps to both sides, and finds the shortest sequence that shows a difference."""

import random
from collections.abc import Sequence
from typing import TypeVar

from authspec_contract.profile import Profile

from .compare import Known, differences, explain
from .coverage import Coverage
from .sides import Mock, RealSide
from .step import Difference, Step
from .vocabulary import Vocabulary

T = TypeVar("T")
_TRIES = 250
"""How many replays shrinking may take."""


class RandomChoice:
    """Decisions of a seeded generator."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        return options[self._random.randrange(len(options))]

    def chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent


class Pair:
    """A real Djoser and the mock, side by side."""

    def __init__(self, profile: Profile, real: RealSide, mock: Mock, known: tuple[Known, ...]):
        self.profile = profile
        self.real = real
        self.mock = mock
        self._known = known

    def reset(self) -> None:
        self.real.reset()
        self.mock.reset()

    def send(self, step: Step, coverage: Coverage | None = None) -> tuple[int, Difference | None]:
        """Sends a step to both. The real one's status, and where the answers differ."""
        theirs = self.real.send(step)
        if theirs.date is not None:
            # tokens hold whole seconds: the mock must live in the same one
            self.mock.now = max(self.mock.now, theirs.date + 0.5)
        ours = self.mock.send(step)
        difference = differences(step, theirs, ours, self.real.memory, self.mock.memory)
        if difference is not None:
            explain(difference, self._known)
        if coverage is not None:
            coverage.count(self.profile, step, theirs, difference)
        return theirs.status, difference

    def replay(self, steps: Sequence[Step]) -> Difference | None:
        """The first unknown difference of a sequence, from empty."""
        self.reset()
        for step in steps:
            _, difference = self.send(step)
            if difference is not None:
                return None if difference.known else difference
        return None

    def walk(
        self, length: int, seed: int, coverage: Coverage
    ) -> tuple[list[Step], Difference | None]:
        """A random sequence from empty; ends at a difference, known ones included."""
        self.reset()
        vocabulary = Vocabulary(self.profile, RandomChoice(seed), lambda: self.real.memory)
        steps: list[Step] = []
        for _ in range(length):
            step = vocabulary.step()
            steps.append(step)
            status, difference = self.send(step, coverage)
            vocabulary.learn(status)
            if difference is not None:
                return steps, None if difference.known else difference
        return steps, None

    def shrunk(self, steps: list[Step], point: str) -> tuple[list[Step], Difference | None]:
        """The shortest sequence found that still ends in such a difference."""
        kind = point.partition(":")[0]
        tries = 0

        def shows(candidate: list[Step]) -> Difference | None:
            nonlocal tries
            tries += 1
            found = self.replay(candidate)
            return found if found and found.points[0].startswith(kind) else None

        best = shows(steps)
        if best is None:
            return steps, None
        size = max(1, len(steps) // 2)
        while size and tries < _TRIES:
            start = 0
            while start < len(steps) - 1 and tries < _TRIES:
                candidate = steps[:start] + steps[min(start + size, len(steps) - 1) :]
                found = shows(candidate)
                if found is None:
                    start += size
                else:
                    steps, best = candidate, found
            size //= 2
        return steps, best
