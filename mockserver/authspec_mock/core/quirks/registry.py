"""The registry of quirks: a name, a sentence, the area it breaks and the rules it replaces."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from authspec_mock.core.part import Part

P = TypeVar("P", bound=type[Part])
Level = Literal["must", "should", "none"]


@dataclass(frozen=True)
class Quirk:
    """One way in which the mock is wrong."""

    name: str
    sentence: str
    """What is wrong, as a client would notice it."""
    area: str
    """The prefix of the requirements that it breaks, such as `ACT`."""
    steps: int
    """How many calls it takes, at least, until it shows."""
    level: Level
    """Of the requirements that it breaks; `none` where it takes a clock or an administrator to see it."""
    replaces: tuple[type[Part], ...] = ()
    """Subclasses of the parts whose rules it replaces."""


QUIRKS: dict[str, Quirk] = {}


def quirk(
    name: str, sentence: str, *, area: str, steps: int = 1, level: Level = "must"
) -> Callable[[P], P]:
    """Registers the decorated part under a name; used again with it, a further part."""

    def register(part: P) -> P:
        known = QUIRKS.setdefault(name, Quirk(name, sentence, area, steps, level))
        QUIRKS[name] = replace(known, replaces=(*known.replaces, part))
        return part

    return register
