"""What a probe has found out: a value with its evidence, or the reason why it cannot tell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from authspec_contract.profile import Profile

Holds = Callable[[Profile], bool]
"""Whether a declared profile agrees with what was seen."""


@dataclass(frozen=True)
class Finding:
    """One setting, by its dotted name in the profile file."""

    setting: str
    told: bool
    value: Any
    evidence: str
    """What was seen; where nothing was told, why not."""
    holds: Holds | None = field(default=None, compare=False)
    """Where a plain comparison of values would not do."""


class Findings:
    """What is known so far; the first word on a setting stands."""

    def __init__(self) -> None:
        self._found: dict[str, Finding] = {}
        self.notes: dict[str, Any] = {}
        """What the steps hand on to each other, beside the settings."""

    def tell(self, setting: str, value: Any, evidence: str, *, holds: Holds | None = None) -> None:
        """The setting has this value."""
        known = self._found.get(setting)
        if known is None or not known.told:
            self._found[setting] = Finding(setting, True, value, evidence, holds)

    def cannot(self, setting: str, reason: str, *, holds: Holds | None = None) -> None:
        """The setting cannot be told; `holds` says what can be told of it all the same."""
        self._found.setdefault(setting, Finding(setting, False, None, reason, holds))

    def get(self, setting: str, default: Any = None) -> Any:
        """The value that was told, or the default."""
        finding = self._found.get(setting)
        return finding.value if finding is not None and finding.told else default

    def knows(self, setting: str) -> bool:
        """Whether the setting's value was told."""
        finding = self._found.get(setting)
        return finding is not None and finding.told

    @property
    def all(self) -> Mapping[str, Finding]:
        return self._found
