"""The faulty Djosers: what each gets wrong, and the patch that makes it so.

Read by the tests and, inside the Django process, by `patching`; it imports neither Django nor
anything of the project.
"""

from . import (
    activation,
    addresses,
    bad_input,
    deletion,
    lifecycle,
    logins,
    mails,
    other_users,
    own_data,
    password_storage,
    passwords,
    profile_changes,
    profile_data,
    registration,
    registration_refused,
    reset_confirmations,
    reset_requests,
    seldom,
    sessions,
    settings_changed,
    single,
    statuses,
    unasked,
    web_tokens,
    wire,
)
from .registry import FAULTS, Fault, changed_profile, fault_names, find_fault

MODULES = (
    registration,
    registration_refused,
    activation,
    mails,
    profile_data,
    profile_changes,
    other_users,
    passwords,
    password_storage,
    reset_requests,
    reset_confirmations,
    addresses,
    deletion,
    lifecycle,
    logins,
    web_tokens,
    sessions,
    statuses,
    wire,
    bad_input,
    settings_changed,
    seldom,
    own_data,
    single,
    unasked,
)
"""The modules that register the faults, by area."""

__all__ = ["FAULTS", "MODULES", "Fault", "changed_profile", "fault_names", "find_fault"]
