"""The faulty Djosers: what each gets wrong, and the patch that makes it so.

Read by the tests and, inside the Django process, by `patching`; it imports neither Django nor
anything of the project.
"""

from . import (
    activation,
    addresses,
    deletion,
    logins,
    mails,
    passwords,
    profile_data,
    registration,
    settings_changed,
    wire,
)
from .registry import FAULTS, Fault, changed_profile, fault_names, find_fault

MODULES = (
    registration,
    activation,
    mails,
    profile_data,
    passwords,
    addresses,
    deletion,
    logins,
    wire,
    settings_changed,
)
"""The modules that register the faults, by area."""

__all__ = ["FAULTS", "MODULES", "Fault", "changed_profile", "fault_names", "find_fault"]
