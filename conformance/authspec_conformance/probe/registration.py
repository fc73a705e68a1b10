"""Makes the probe's accounts, and tells what registration takes, answers and mails."""

import re
from collections.abc import Callable
from itertools import count
from secrets import randbelow
from typing import Any
from uuid import uuid4

from authspec_conformance import accounts
from authspec_conformance.exchange import Reply
from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.mails import link_of, makes, template_of, told_by_mail
from authspec_conformance.probe.visitor import Guest, Unexpected, Visitor, errors
from authspec_contract.profile import Field

SAMPLES = (
    ("string", "Ann"),
    ("datetime", "2001-02-03T04:05:06Z"),
    ("date", "2001-02-03"),
    ("uuid", ""),
    ("integer", 7),
    ("boolean", True),
)
"""In the order in which the first one that a field accepts tells its type."""
_NUMBERS = count(1)
_UNIQUE = re.compile(r"(?P<model>.+) with this (?P<field>.+) already exists\.")
_SECRETS = {"password", "re_password"}


def register(visitor: Visitor, findings: Findings) -> Guest:
    """A fresh account, with a value for everything that registration is known to take.

    Raises Unexpected where registration cannot be satisfied.
    """
    login, email = findings.get("user.login_field"), findings.get("user.email_field", "email")
    if login is None:
        raise Unexpected("the login field is not known, so no account can be made")
    password, address = visitor.password(), visitor.address()
    body: dict[str, Any] = {email: address, "password": password, "re_password": password}
    if login != email:
        body[login] = visitor.username()
    if not findings.get("djoser.USER_CREATE_PASSWORD_RETYPE"):
        del body["re_password"]
    for name, kind in findings.notes.get("create types", {}).items():
        choices = findings.notes.get("choices", {}).get(name)
        body.setdefault(name, choices[0] if choices else sample(kind))
    mark = visitor.mark()
    reply = _satisfied(visitor, findings, body)
    shown = reply.json if isinstance(reply.json, dict) else {}
    guest = Guest(str(shown.get(login, body[login])), address, password, dict(body), shown, mark)
    visitor.guests.append(guest)
    return guest


def sample(kind: str) -> Any:
    """A fresh value of that type."""
    if kind == "uuid":
        return str(uuid4())
    if kind == "string":
        return f"Ann{next(_NUMBERS)}"
    return dict(SAMPLES).get(kind, "Ann")


def _of_a_form() -> Callable[[str], str | None]:
    """What a field of such a name may take, such as a telephone number; asked a second time, None."""
    asked: set[str] = set()

    def value(name: str) -> str | None:
        if name in asked or Field(name, "string").free_text:
            return None
        asked.add(name)
        return accounts.of_a_form(name, 10**6 + randbelow(9 * 10**6))

    return value


def _satisfied(visitor: Visitor, findings: Findings, body: dict[str, Any]) -> Reply:
    """Registers, trying a value of another type for each field that is complained of."""
    kinds = [kind for kind, _ in SAMPLES]
    tried: dict[str, int] = {}
    of_a_form = _of_a_form()
    for _ in range(len(kinds) + 2):
        reply = visitor.post("users/", body)
        if reply.status == 201:
            types = {name: kinds[position] for name, position in tried.items()}
            findings.notes["create types"] = {**findings.notes.get("create types", {}), **types}
            return reply
        complaints = [name for name in errors(reply) if name not in _SECRETS]
        if not complaints or any(name == "non_field_errors" for name in complaints):
            break
        for name in complaints:
            if name not in tried and (value := of_a_form(name)) is not None:
                body[name] = value
                continue
            tried[name] = tried.get(name, -1) + 1
            if tried[name] >= len(kinds):
                raise Unexpected(f"registration wants a {name!r} that could not be guessed")
            body[name] = sample(kinds[tried[name]])
    raise Unexpected(f"a registration was refused ({reply}: {reply.text[:120]})")


def first_mails(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Whether registration asks for activation, by its mail, or else by whether login works."""
    if visitor.postbox is None:
        return
    patient = "resend refused" not in findings.notes
    mails = visitor.mail if patient else visitor.later_mail
    for mail in mails(guest.mark, guest.email):
        told_by_mail(visitor, findings, mail)
        link = link_of(mail, _id(guest))
        if link is not None:
            guest.activation = (link.uid, link.token)
            findings.tell(
                "djoser.SEND_ACTIVATION_EMAIL", True, "registration sends a mail with a link"
            )
            findings.tell(
                "djoser.ACTIVATION_URL",
                template_of(link),
                f"its link is {link.shape}",
                holds=makes(link, "ACTIVATION_URL"),
            )
        else:
            findings.tell(
                "djoser.SEND_CONFIRMATION_EMAIL", True, f"registration sends {mail.subject!r}"
            )


def _id(guest: Guest) -> Any:
    return guest.shown.get("id")


def activate(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Follows the link of the activation mail, and sees whether a confirmation comes."""
    if guest.activation is None:
        return
    uid, token = guest.activation
    mark = visitor.mark()
    reply = visitor.post("users/activation/", {"uid": uid, "token": token})
    guest.activation = None
    if reply.status != 204:
        raise Unexpected(f"the link of the activation mail does not work ({reply})")
    mails = visitor.later_mail(mark, guest.email)
    for mail in mails:
        told_by_mail(visitor, findings, mail)
    seen = f"activation is followed by {len(mails)} mails"
    findings.tell("djoser.SEND_CONFIRMATION_EMAIL", bool(mails), seen)


def create_fields(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """What registration answers, and which of it it takes; needs the fields of `me` to be known."""
    empty = errors(visitor.post("users/", {}))
    required = {name for name in empty if name not in _SECRETS}
    refused = visitor.call("DELETE", "users/me/", {}, headers=guest.headers).status == 403
    # one account that nobody may delete is enough
    second = guest if refused else register_like(visitor, findings, guest)
    types = {**findings.notes.get("me types", {}), **findings.notes.get("create types", {})}
    fields = []
    for name, value in guest.shown.items():
        writable = name in second.sent and second.shown.get(name) == second.sent[name]
        field: dict[str, Any] = {"name": name, "type": types.get(name, type_of(value))}
        if not writable:
            field["read_only"] = True
        elif name not in required:
            field["required"] = False
        fields.append(field)
    fields += [
        {"name": name, "type": types.get(name, "string"), "hidden": True}
        for name in sorted(required - set(guest.shown))
    ]
    findings.tell("create", fields, "the keys of a registration's answer; those that echo what was "
                  f"sent are writable, those that an empty one lacks ({', '.join(sorted(required))}) "
                  "are required")  # fmt: skip


def register_like(visitor: Visitor, findings: Findings, guest: Guest) -> Guest:
    """A second account, with a value of its own for everything that the first one's answer shows."""
    known = findings.notes.get("me types", {})
    extra = {
        name: known.get(name, type_of(value))
        for name, value in guest.shown.items()
        if name != "id" and name not in guest.sent
    }
    types = {**findings.notes.get("create types", {}), **extra}
    findings.notes["create types"] = types
    return register(visitor, findings)


def type_of(value: Any) -> str:
    """The type that a value in an answer shows."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    text = str(value)
    for kind, shape in _SHAPES.items():
        if re.fullmatch(shape, text):
            return kind
    return "string"


_SHAPES = {
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d.*",
    "date": r"\d{4}-\d\d-\d\d",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
}


def taken_values(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Which values two accounts cannot share: without a password the call makes no account."""
    body = {name: value for name, value in guest.sent.items() if name not in _SECRETS}
    refused = {k: v for k, v in errors(visitor.post("users/", body)).items() if k not in _SECRETS}
    findings.notes["unique"] = sorted(refused)
    verbose: dict[str, str] = {}
    for name, texts in refused.items():
        for text in texts:
            if match := _UNIQUE.fullmatch(text):
                findings.tell("user.verbose_name", match["model"], f"{text!r}")
                verbose[name] = match["field"]
    findings.notes["verbose names"] = verbose
