"""The registry of quirks: a name, a sentence, the area it breaks and the rules it replaces."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from authspec_mock.core.part import Part

P = TypeVar("P", bound=type[Part])


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
    replaces: tuple[type[Part], ...] = ()
    """Subclasses of the parts whose rules it replaces."""


QUIRKS: dict[str, Quirk] = {}


def quirk(name: str, sentence: str, *, area: str, steps: int = 1) -> Callable[[P], P]:
    """Registers the decorated part under a name; used again with it, a further part."""

    def register(part: P) -> P:
        known = QUIRKS.setdefault(name, Quirk(name, sentence, area, steps))
        QUIRKS[name] = replace(known, replaces=(*known.replaces, part))
        return part

    return register
