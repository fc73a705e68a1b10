"""The whole probe: one step after the other, each telling what it can, and nothing left behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from authspec_conformance.probe import changes, logins, me, others, outside, registration
from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.visitor import Guest, Unexpected, Visitor

Outside = Callable[[Visitor, Findings], None]
Inside = Callable[[Visitor, Findings, Guest], None]

_OUTSIDE: Sequence[tuple[Outside, tuple[str, ...]]] = (
    (outside.mounted, ("urls",)),
    (outside.login_field, ("user.login_field",)),
    (outside.email_field, ("user.email_field",)),
    (outside.language, ("language",)),
    (outside.asked_fields, ("djoser.USER_CREATE_PASSWORD_RETYPE",)),
    (outside.media, ("parsers", "renderers")),
    (outside.slash, ("django.APPEND_SLASH",)),
    (outside.unknown_addresses, ("djoser.PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND",)),
    (outside.root, ()),
    (outside.djoser_version, ("versions.djoser",)),
)
"""Steps that need no account, and the settings that cannot be told where one fails."""

_INSIDE: Sequence[tuple[Inside, tuple[str, ...]]] = (
    (me.me_fields, ("me",)),
    (me.id_type, ("user.id",)),
    (me.lookup_field, ("djoser.USER_ID_FIELD",)),
    (changes.asked_of_owner, ("djoser.SET_PASSWORD_RETYPE", "djoser.SET_USERNAME_RETYPE")),
    (me.login_is_username, ()),
    (registration.create_fields, ("create",)),
    (registration.taken_values, ("unique",)),
    (others.root_for_owner, ("permissions.default",)),
    (
        logins.refreshing,
        ("simple_jwt.ROTATE_REFRESH_TOKENS", "simple_jwt.BLACKLIST_AFTER_ROTATION"),
    ),
    (changes.reset_by_mail, ("djoser.PASSWORD_RESET_CONFIRM_URL",)),
    (changes.login_reset_by_mail, ("djoser.USERNAME_RESET_CONFIRM_URL",)),
    (
        changes.change_password,
        ("djoser.PASSWORD_CHANGED_EMAIL_CONFIRMATION", "djoser.LOGOUT_ON_PASSWORD_CHANGE"),
    ),
    (changes.validators, ("password_validators",)),
    (changes.change_login, ("djoser.USERNAME_CHANGED_EMAIL_CONFIRMATION",)),
)
"""Steps of a logged-in account, in an order in which none spoils the next."""


@dataclass(frozen=True)
class Probed:
    """What a probe found, and what it could not take away again."""

    findings: Findings
    accounts: int
    left: tuple[str, ...]


def probe(visitor: Visitor, path: str) -> Probed:
    """Looks at the deployment from outside, then with two accounts that it deletes again.

    Raises TargetError where there is no Djoser, or no answer.
    """
    findings = Findings()
    outside.find_prefix(visitor, findings, path)
    try:
        for step, settings in _OUTSIDE:
            _attempt(findings, settings, lambda step=step: step(visitor, findings))  # type: ignore[misc]
        reason = _why_no_account(visitor, findings)
        if reason is None:
            reason = _attempt(findings, (), lambda: _with_accounts(visitor, findings))
        if reason is not None:
            _without_accounts(visitor, findings, reason)
    finally:
        left = _leave(visitor, findings)
    return Probed(findings, len(visitor.guests), tuple(left))


def _attempt(findings: Findings, settings: Sequence[str], step: Callable[[], None]) -> str | None:
    """Runs one step; where it fails, gives the reason, which becomes that of its settings."""
    try:
        step()
    except Unexpected as error:
        for setting in settings:
            findings.cannot(setting, str(error))
        return str(error)
    return None


def _why_no_account(visitor: Visitor, findings: Findings) -> str | None:
    """An account that can never be activated could never be deleted, so none is made."""
    if visitor.postbox is not None:
        return None
    if findings.get("djoser.SEND_ACTIVATION_EMAIL"):
        return "it needs an account, and without a mailbox none can be activated and deleted again"
    if findings.get("djoser.PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND"):
        return (
            "it needs an account; whether one would have to be activated cannot be told "
            "without a mailbox, so none was made"
        )
    return None


def _with_accounts(visitor: Visitor, findings: Findings) -> None:
    guest = registration.register(visitor, findings)
    registration.first_mails(visitor, findings, guest)
    registration.activate(visitor, findings, guest)
    logins.log_in(visitor, findings, guest)
    _no_activation(visitor, findings)
    outside.old_djoser(findings)
    for step, settings in _INSIDE:
        _attempt(findings, settings, lambda step=step: step(visitor, findings, guest))  # type: ignore[misc]
    for other in visitor.guests[1:]:
        _attempt(
            findings,
            ("djoser.HIDE_USERS",),
            lambda other=other: others.hidden(visitor, findings, guest, other),  # type: ignore[misc]
        )
        break
    _attempt(findings, ("versions.simplejwt",), lambda: others.delete(visitor, findings, guest))


def _no_activation(visitor: Visitor, findings: Findings) -> None:
    """The account could log in without a link: there is no activation."""
    if findings.knows("djoser.SEND_ACTIVATION_EMAIL"):
        return
    findings.tell(
        "djoser.SEND_ACTIVATION_EMAIL", False, "a fresh account can log in without a mail's link"
    )
    if visitor.postbox is None:
        findings.cannot("djoser.SEND_CONFIRMATION_EMAIL", "it needs a mailbox")
    else:
        # settled at the end, when it is known whether this mailbox gets the target's mails at all
        findings.notes["no mail at registration"] = True


def _without_accounts(visitor: Visitor, findings: Findings, reason: str) -> None:
    for _, settings in _INSIDE:
        for setting in settings:
            findings.cannot(setting, reason)
    first = "authentication"
    try:
        word = outside.challenge(visitor, findings)
    except Unexpected as error:
        findings.cannot(first, str(error))
        return
    if word is None:
        findings.cannot(first, "a refusal is a 403, so session is the first class; " + reason)
    else:
        findings.cannot(first, f"refusals are challenged with {word!r}; " + reason)


def _leave(visitor: Visitor, findings: Findings) -> list[str]:
    """Deletes what is left, activating and logging in where that has not happened yet."""
    if "no mail at registration" in findings.notes:
        _settle_confirmation(visitor, findings)
    for guest in visitor.guests:
        if guest.gone or guest.headers:
            continue
        _attempt(findings, (), lambda guest=guest: _open(visitor, findings, guest))  # type: ignore[misc]
    return visitor.leave()


def _open(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    if findings.get("djoser.SEND_ACTIVATION_EMAIL") and guest.activation is None:
        registration.first_mails(visitor, findings, guest)
        registration.activate(visitor, findings, guest)
    changes.renew(visitor, findings, guest)
    if not guest.headers:
        logins.log_in(visitor, findings, guest)


def _settle_confirmation(visitor: Visitor, findings: Findings) -> None:
    setting = "djoser.SEND_CONFIRMATION_EMAIL"
    if visitor.mails_seen:
        findings.tell(setting, False, "registration sends no mail, and other calls do")
    else:
        findings.cannot(setting, "no mail came, to this registration or to anything else")
