"""Named deviations, by area: each replaces one rule of one part, and nothing asks for them elsewhere.

They exist so that a suite can be shown to fail.
"""

from authspec_mock.core.quirks import (  # noqa: F401  importing a module registers its quirks
    accounts,
    activation,
    credentials,
    mails,
    passwords,
    sessions,
    wire,
)
from authspec_mock.core.quirks.registry import QUIRKS, Quirk

__all__ = ["QUIRKS", "Quirk"]
