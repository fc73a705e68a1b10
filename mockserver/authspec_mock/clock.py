"""The clock of one world: it issues and checks alike, and a test may set it."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from authspec_contract import fields as f
from authspec_contract.errors import UsageError, nearest

SEEDED_START = 1893456000.0
"""2030-01-01T00:00:00Z: where the clock of a seeded mock stands still, until a test moves it.

In the future, so that a client that looks at `exp` by its own clock takes the tokens for fresh.
"""
LATEST = 253370764800.0
"""9999-01-01T00:00:00Z: beyond it a datetime cannot say a token's end."""
COMMANDS = ("advance", "freeze", "resume")


class SettableClock:
    """Seconds since the epoch; called by the core, set through the control API."""

    def __init__(
        self, *, start: float | None = None, source: Callable[[], float] = time.time
    ) -> None:
        self._source = source
        self._start = start
        self._offset = 0.0
        self._frozen: float | None = start

    def __call__(self) -> float:
        return self._frozen if self._frozen is not None else self._source() + self._offset

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def advance(self, seconds: float) -> None:
        """Moves on by that much; a frozen clock stays frozen, later."""
        _in_range(self() + seconds)
        if self._frozen is not None:
            self._frozen += seconds
        else:
            self._offset += seconds

    def freeze(self, at: float | None = None) -> None:
        """Stands still, at that moment or where it is."""
        self._frozen = self() if at is None else _in_range(at)

    def resume(self) -> None:
        """Goes on from where it stands: time never runs backwards."""
        if self._frozen is not None:
            self._offset = self._frozen - self._source()
            self._frozen = None

    def reset(self) -> None:
        """Back to how it was made."""
        self._offset, self._frozen = 0.0, self._start

    def snapshot(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {"now": self(), "frozen": self.frozen}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Stands, or goes on, where the other one stood. Raises UsageError."""
        now = state.get("now")
        if isinstance(now, bool) or not isinstance(now, int | float):
            raise f.wrong("clock.now", now, "seconds since the epoch")
        self.freeze(float(now))
        if not f.boolean(state.get("frozen", False), "clock.frozen"):
            self.resume()

    def command(self, raw: Any) -> None:
        """Carries out `{"advance": "3d"}`, `{"freeze": t}` or `{"resume": true}`. Raises UsageError."""
        commands = f.mapping(raw, "The clock's command")
        for name in commands:
            if name not in COMMANDS:
                raise UsageError(f"The clock does not know {name!r}; {nearest(name, COMMANDS)}")
        if len(commands) != 1:
            raise UsageError(
                f"The clock takes one command and got {len(commands)}; "
                'send {"advance": "3d"}, {"freeze": "2030-01-01T00:00:00Z"} or {"resume": true}.'
            )
        if "advance" in commands:
            self.advance(f.seconds(commands["advance"], "advance"))
        elif "freeze" in commands:
            self.freeze(None if commands["freeze"] is True else moment(commands["freeze"]))
        elif commands["resume"] is not True:
            raise f.wrong("resume", commands["resume"], "true")
        else:
            self.resume()

    def describe(self) -> dict[str, Any]:
        """What `GET /_mock/clock` shows."""
        now = self()
        return {"now": iso(now), "epoch": now, "frozen": self.frozen}


def moment(value: Any) -> float:
    """A moment: seconds since the epoch, or ISO 8601 (UTC unless it says otherwise)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _in_range(float(value))
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            aware = read if read.tzinfo else read.replace(tzinfo=UTC)
            return _in_range(aware.timestamp())
    raise f.wrong("freeze", value, "true, seconds since the epoch, or such as 2030-01-01T00:00:00Z")


def iso(seconds: float) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _in_range(seconds: float) -> float:
    if not 0 <= seconds <= LATEST:
        raise UsageError(f"The clock cannot show {seconds!r}; stay between 1970 and 9999.")
    return seconds
