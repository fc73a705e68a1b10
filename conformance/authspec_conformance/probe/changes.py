"""What changes of password and login need, do and mail."""

import re
from typing import Any

from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.logins import (
    basic_header,
    jwt_login,
    last_login,
    still_known,
    token_login,
)
from authspec_conformance.probe.mails import link_of, makes, template_of, told_by_mail
from authspec_conformance.probe.outside import retyped
from authspec_conformance.probe.pages import log_in_by_page
from authspec_conformance.probe.visitor import Guest, Unexpected, Visitor, errors

_LETTER = "Ω"
"""Short, and not on the list of common passwords, which has single letters."""
_COMMON = "q1w2e3r4t5y6"
"""Stands on Django's list of common passwords."""


def asked_of_owner(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Retyped values, and Djoser's LOGIN_FIELD, by what empty calls of the owner are asked for."""
    login = findings.get("user.login_field")
    if not findings.knows("user.email_field"):
        reset = list(errors(visitor.post("users/reset_password/", {}, guest.headers)))
        if len(reset) == 1:
            findings.tell("user.email_field", reset[0], f"a reset asks its owner for {reset[0]}")
    path = "users/set_password/"
    asked = errors(visitor.post(path, {}, guest.headers))
    retyped(findings, "SET_PASSWORD_RETYPE", asked, path, "new_password")
    path = f"users/set_{login}/"
    asked = errors(visitor.post(path, {}, guest.headers))
    retyped(findings, "SET_USERNAME_RETYPE", asked, path, "new_")
    names = [key.removeprefix("new_") for key in asked if key.startswith("new_")]
    if len(names) == 1:
        seen = f"users/set_{login}/ asks for new_{names[0]}"
        findings.tell("djoser.LOGIN_FIELD", None if names[0] == login else names[0], seen,
                      holds=lambda p: p.login_field == names[0])  # fmt: skip


# --- passwords ----------------------------------------------------------------------------------


def change_password(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """A password change: whether it mails, and which of the older logins it ends."""
    urls = findings.get("urls", [])
    access = _access(visitor, findings, guest) if "jwt" in urls else None
    token = _token(visitor, findings, guest) if "token" in urls else None
    mark = visitor.mark()
    if not _accepted(visitor, findings, guest, visitor.password(), mismatch=False):
        raise Unexpected("a change of the password is refused")
    mails = visitor.later_mail(mark, guest.email)
    setting = "djoser.PASSWORD_CHANGED_EMAIL_CONFIRMATION"
    if mails or visitor.mails_seen:
        findings.tell(setting, bool(mails), f"a change of the password sends {len(mails)} mails")
    else:
        findings.cannot(setting, _no_mails(visitor))
    for mail in mails:
        told_by_mail(visitor, findings, mail)
    if token:
        known = still_known(visitor, token)
        findings.tell(
            "djoser.LOGOUT_ON_PASSWORD_CHANGE",
            not known,
            f"a DRF token {'outlives' if known else 'ends with'} a change of the password",
        )
    if access:
        known = still_known(visitor, access)
        findings.tell(
            "simple_jwt.CHECK_REVOKE_TOKEN",
            not known,
            f"an access token {'outlives' if known else 'ends with'} a change of the password",
        )
    renew(visitor, findings, guest)


def _no_mails(visitor: Visitor) -> str:
    return "no mail of the target's came" if visitor.postbox else "it needs a mailbox"


def _access(visitor: Visitor, findings: Findings, guest: Guest) -> dict[str, str] | None:
    reply = jwt_login(visitor, findings, guest)
    words = findings.get("simple_jwt.AUTH_HEADER_TYPES")
    if reply.status != 200 or not words or not isinstance(reply.json, dict):
        return None
    return {"Authorization": f"{words[0]} {reply.json.get('access')}"}


def _token(visitor: Visitor, findings: Findings, guest: Guest) -> dict[str, str] | None:
    reply = token_login(visitor, findings, guest)
    if reply.status != 200 or not isinstance(reply.json, dict):
        return None
    word = findings.get("token_keyword", "Token")
    headers = {"Authorization": f"{word} {reply.json.get('auth_token')}"}
    return headers if still_known(visitor, headers) else None


def renew(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Logs in again where the password or the login is another now."""
    for scheme, log_in in (("jwt", _access), ("token", _token)):
        headers = log_in(visitor, findings, guest) if scheme in findings.get("urls", []) else None
        if headers and still_known(visitor, headers):
            guest.headers = headers
            return
    if guest.headers.get("Authorization", "").startswith("Basic"):
        guest.headers = basic_header(findings, guest)
    elif findings.get("session_login"):
        guest.headers = log_in_by_page(visitor, findings, guest) or guest.headers


def _accepted(
    visitor: Visitor, findings: Findings, guest: Guest, new: str, *, mismatch: bool = True
) -> bool:
    """Whether `set_password` takes this one as new password.

    Where values are retyped, a second value that differs keeps the password as it is: Djoser
    validates first and compares afterwards (djoser/serializers.py PasswordRetypeSerializer).
    """
    body = {"new_password": new, "current_password": guest.password}
    retype = findings.get("djoser.SET_PASSWORD_RETYPE")
    if retype:
        body["re_new_password"] = f"{new}, but not quite" if mismatch else new
    reply = visitor.post("users/set_password/", body, guest.headers)
    if reply.status == 204:
        guest.password = new
        return True
    refused = errors(reply)
    if "new_password" in refused:
        return False
    if retype and mismatch and "non_field_errors" in refused:
        return True
    raise Unexpected(f"a change of the password is not understood ({reply}: {reply.text[:80]})")


def validators(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """One password for each of Django's validators, which no other refuses.

    They are told apart by what they refuse, not by their messages, which may be translated.
    """

    def refuses(password: str) -> bool:
        taken = _accepted(visitor, findings, guest, password)
        if taken and not findings.get("djoser.SET_PASSWORD_RETYPE"):
            renew(visitor, findings, guest)
        return not taken

    found: list[Any] = []
    seen = []
    checks = (
        ("UserAttributeSimilarity", "the account's own address", guest.email),
        ("MinimumLength", "a single letter", _LETTER),
        ("CommonPassword", "one of the list of common ones", _COMMON),
        ("NumericPassword", "many digits", "7391048265120948" * 2),
    )
    for name, what, password in checks:
        if name == "CommonPassword" and _least(found) > len(_COMMON):
            seen.append(
                "whatever is as short as a common one, so that CommonPassword cannot be told"
            )
            continue
        if refuses(password):
            seen.append(what)
            found.append(_minimum(visitor, findings, guest) if name == "MinimumLength" else name)
    # no change may leave the account with a weak password
    _accepted(visitor, findings, guest, visitor.password(), mismatch=False)
    renew(visitor, findings, guest)
    evidence = f"set_password refuses {', '.join(seen)}" if seen else "no weak password is refused"
    findings.tell("password_validators", found, evidence, holds=_same_validators(found))


def _minimum(visitor: Visitor, findings: Findings, guest: Guest) -> Any:
    """The least length, from the message's only number."""
    body = {
        "new_password": _LETTER,
        "current_password": guest.password,
        "re_new_password": _LETTER,
    }
    texts = errors(visitor.post("users/set_password/", body, guest.headers)).get("new_password", [])
    numbers = {int(n) for text in texts for n in re.findall(r"\d+", text)}
    return {"MinimumLength": numbers.pop()} if len(numbers) == 1 else "MinimumLength"


def _least(found: list[Any]) -> int:
    return max((item["MinimumLength"] for item in found if isinstance(item, dict)), default=0)


def _same_validators(found: list[Any]) -> Any:
    names = {name if isinstance(name, str) else next(iter(name)) for name in found}
    numbers = {k: v for item in found if isinstance(item, dict) for k, v in item.items()}

    def holds(profile: Any) -> bool:
        declared = {v.name: v.number for v in profile.password_validators}
        least = declared.get("MinimumLength")
        same_number = "MinimumLength" not in numbers or numbers["MinimumLength"] == (least or 8)
        return set(declared) == names and same_number

    return holds


# --- resets -------------------------------------------------------------------------------------


def reset_by_mail(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """The reset mail's link; and whether a login by web token in between ends it."""
    setting = "djoser.PASSWORD_RESET_CONFIRM_URL"
    if visitor.postbox is None:
        raise Unexpected("it needs a mailbox")
    mark = visitor.mark()
    email = findings.get("user.email_field", "email")
    reply = visitor.post("users/reset_password/", {email: guest.email})
    if reply.status >= 500:
        findings.tell(setting, None, f"a reset for an account ends in {reply.status}")
        return
    link = None
    for mail in visitor.mail(mark, guest.email):
        told_by_mail(visitor, findings, mail)
        link = link or link_of(mail, guest.shown.get("id"))
    if link is None:
        findings.cannot(setting, "no mail with a link came for a reset")
        return
    findings.tell(
        setting,
        template_of(link),
        f"the link of the reset mail is {link.shape}",
        holds=makes(link, "PASSWORD_RESET_CONFIRM_URL"),
    )
    _confirmation(visitor, findings, guest, mark)
    if not last_login(visitor, findings, guest, (link.uid, link.token)):
        return
    new = visitor.password()
    body = {"uid": link.uid, "token": link.token, "new_password": new, "re_new_password": new}
    done = visitor.post("users/reset_password_confirm/", body)
    if done.status == 204:
        guest.password = new
    findings.tell(
        "simple_jwt.UPDATE_LAST_LOGIN",
        done.status != 204,
        f"a reset link is answered {done.status} after a login by web token",
    )
    renew(visitor, findings, guest)


def _confirmation(visitor: Visitor, findings: Findings, guest: Guest, mark: int) -> None:
    """Once the reset mail is there, a mail that registration sent would be there as well."""
    assert visitor.postbox is not None
    setting = "djoser.SEND_CONFIRMATION_EMAIL"
    if not findings.knows(setting):
        earlier = [m for m in visitor.postbox.since(guest.mark, to=guest.email) if not link_of(m)]
        seen = f"registration sent {len(earlier)} mails"
        findings.tell(setting, bool(earlier), seen)


def login_reset_by_mail(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """The link of the mail that lets an owner change a forgotten login."""
    setting = "djoser.USERNAME_RESET_CONFIRM_URL"
    if visitor.postbox is None:
        raise Unexpected("it needs a mailbox")
    login, email = findings.get("user.login_field"), findings.get("user.email_field", "email")
    mark = visitor.mark()
    reply = visitor.post(f"users/reset_{login}/", {email: guest.email})
    if reply.status >= 500:
        findings.tell(setting, None, f"users/reset_{login}/ ends in {reply.status} for an account")
        return
    if reply.status != 204:
        raise Unexpected(f"users/reset_{login}/ is not understood ({reply})")
    for mail in visitor.later_mail(mark, guest.email):
        link = link_of(mail, guest.shown.get("id"))
        if link is not None:
            findings.tell(
                setting,
                template_of(link),
                f"the link of its mail is {link.shape}",
                holds=makes(link, "USERNAME_RESET_CONFIRM_URL"),
            )
            return
    findings.cannot(setting, f"users/reset_{login}/ answers 204, and no mail with a link came")


# --- the login ----------------------------------------------------------------------------------


def change_login(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """A change of the login, and whether it mails."""
    setting = "djoser.USERNAME_CHANGED_EMAIL_CONFIRMATION"
    login = findings.get("user.login_field")
    by_email = login == findings.get("user.email_field")
    field = findings.get("djoser.LOGIN_FIELD") or login
    new = visitor.address() if by_email else visitor.username()
    body = {f"new_{field}": new, f"re_new_{field}": new, "current_password": guest.password}
    mark = visitor.mark()
    reply = visitor.post(f"users/set_{login}/", body, guest.headers)
    if reply.status != 204:
        findings.cannot(setting, f"a change of the login is refused ({reply})")
        return
    guest.login = new
    guest.email = new if by_email else guest.email
    mails = visitor.later_mail(mark, guest.email)
    if mails or visitor.mails_seen:
        findings.tell(setting, bool(mails), f"a change of the login sends {len(mails)} mails")
    else:
        findings.cannot(setting, _no_mails(visitor))
    renew(visitor, findings, guest)
