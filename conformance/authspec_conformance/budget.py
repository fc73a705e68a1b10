"""A limit that holds for a whole run, also where several processes use it up together."""

from collections.abc import Callable


class Budget:
    """So many of one thing, asked for before each use."""

    def __init__(self, most: int, more: Callable[[int], int] | None = None) -> None:
        """`more`: asks the process that keeps the whole for that many; gives what it grants."""
        self.most = most
        """Of the whole run."""
        self._more = more
        self._granted = most if more is None else 0

    def allows(self, used: int) -> bool:
        """Whether as many may be in use."""
        if used > self._granted and self._more is not None:
            self._granted += self._more(used - self._granted)
        return used <= self._granted


class Pool:
    """What is left of a run's budget; given out in portions, so that few questions are asked."""

    def __init__(self, most: int, portion: int) -> None:
        self._left = most
        self._portion = portion

    def take(self, wanted: int) -> int:
        """As many as wanted or a portion, while there are any."""
        given = min(self._left, max(wanted, self._portion))
        self._left -= given
        return given
