"""Named deviations: each replaces one rule of one part, and says which requirement it breaks."""

from dataclasses import dataclass

from authspec_mock.core.part import Part


@dataclass(frozen=True)
class Quirk:
    name: str
    sentence: str
    area: str
    replaces: tuple[type[Part], ...]


QUIRKS: dict[str, Quirk] = {}
