"""What every part of a world has: the world. A quirk is a subclass of one part that replaces a rule."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from authspec_mock.core.world import World


class Part:
    """One area of the behaviour; it keeps no state of its own, so that a snapshot has it all."""

    def __init__(self, world: "World") -> None:
        self.world = world
