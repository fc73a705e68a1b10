"""The faulty Djosers: what each gets wrong, and the patch that makes it so.

Read by the tests and, inside the Django process, by `patching`; it imports neither Django nor
anything of the project.

A fault stands in the file of the call that it breaks. `registry` says what a fault is; `shapes`,
`makers`, `patching`, `accounts`, `mailing` and `profiles` are what the faults are made of.
"""

from . import (
    activation,
    address_changes,
    address_resets,
    after_deletion,
    auth_tokens,
    bad_input,
    comparisons,
    credentials,
    deletion,
    logins,
    mail_details,
    mails,
    mails_unasked,
    me_changed,
    me_names,
    me_shown,
    one_endpoint,
    password_changes,
    permissions,
    registration,
    registration_refused,
    resend,
    reset_confirmations,
    reset_requests,
    sessions,
    settings_changed,
    side_effects,
    users_by_id,
    web_tokens,
    wire,
)
from .registry import FAULTS, Fault, changed_profile, fault_names, find_fault

MODULES = (
    registration,
    registration_refused,
    activation,
    resend,
    logins,
    auth_tokens,
    web_tokens,
    credentials,
    sessions,
    me_shown,
    me_changed,
    me_names,
    users_by_id,
    password_changes,
    comparisons,
    reset_requests,
    reset_confirmations,
    address_changes,
    address_resets,
    deletion,
    after_deletion,
    mails,
    mail_details,
    mails_unasked,
    wire,
    bad_input,
    one_endpoint,
    settings_changed,
    permissions,
    side_effects,
)
"""The modules that register the faults, by area."""

__all__ = ["FAULTS", "MODULES", "Fault", "changed_profile", "fault_names", "find_fault"]
