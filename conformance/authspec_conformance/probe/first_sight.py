"""What can be seen of the declared profile before the first test: no account, no mail, no password."""

from collections.abc import Callable, Sequence

from authspec_conformance.probe import outside
from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.output import differences
from authspec_conformance.probe.visitor import Unexpected, Visitor
from authspec_conformance.target import Target
from authspec_contract.errors import AuthspecError
from authspec_contract.profile import Profile

_STEPS: Sequence[Callable[[Visitor, Findings], None]] = (
    outside.mounted,
    outside.login_field,
    outside.email_field,
    outside.language,
    outside.asked_fields,
    outside.unknown_addresses,
    outside.slash,
)
"""A dozen calls, the empty ones and those about an address of nobody."""


def first_sight(target: Target, profile: Profile, address: str) -> tuple[str, ...]:
    """The settings that are not as declared; `address` is a template of addresses that nobody has.

    Empty where the profile says that callers are throttled: the tests need what they may ask for.
    """
    if profile.throttle:
        return ()
    findings = Findings()
    visitor = Visitor(target, None, address)
    visitor.prefix = profile.prefix
    try:
        for step in _STEPS:
            step(visitor, findings)
    except (Unexpected, AuthspecError):
        pass  # what was told until then stands
    if "resend refused" in findings.notes:
        _no_activation(findings)
    return tuple(f"{d.setting} ({d.evidence})" for d in differences(findings, profile))


def _no_activation(findings: Findings) -> None:
    """djoser/views.py resend_activation since 2.2.1: a bare 400 only where activation is off."""
    findings.tell(
        "djoser.SEND_ACTIVATION_EMAIL",
        False,
        "users/resend_activation/ answers 400 without a word",
        holds=lambda p: (
            not p.djoser.SEND_ACTIVATION_EMAIL or not p.versions.at_least("djoser", "2.2.1")
        ),
    )
