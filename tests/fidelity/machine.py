"""The comparison as a Hypothesis state machine, which shrinks what it finds by itself."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from .sides import HOST
from .step import Step
from .vocabulary import Vocabulary
from .walk import Pair

T = TypeVar("T")


class DrawnChoice:
    """Decisions that Hypothesis draws."""

    def __init__(self) -> None:
        self.data: st.DataObject | None = None

    def pick(self, options: Sequence[T]) -> T:
        return options[self._draw(len(options) - 1)]

    def chance(self, percent: int) -> bool:
        return self._draw(99) < percent

    def _draw(self, largest: int) -> int:
        assert self.data is not None
        return self.data.draw(st.integers(0, largest))


def machine_for(pair: Pair) -> type[RuleBasedStateMachine]:
    """The state machine that compares this pair."""

    class Comparison(RuleBasedStateMachine):
        """Sends what Hypothesis draws to both sides."""

        def __init__(self) -> None:
            super().__init__()
            pair.reset()
            self._choice = DrawnChoice()
            self._vocabulary = Vocabulary(pair.profile, self._choice, lambda: pair.real.memory)
            self._steps: list[Step] = []
            self._over = False

        @rule(data=st.data())
        def send(self, data: st.DataObject) -> None:
            if self._over:
                return
            self._choice.data = data
            step = self._vocabulary.step()
            self._steps.append(step)
            status, difference = pair.send(step)
            self._vocabulary.learn(status)
            if difference is None:
                return
            # after a known difference the two may hold other states
            self._over = True
            assert difference.known, "\n".join(
                [*(step.curl(f"http://{HOST}") for step in self._steps), *difference.points]
            )

    return Comparison
