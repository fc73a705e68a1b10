"""What `users/me/` shows, and which of it its owner may change, to what."""

import re
from typing import Any

from authspec_conformance.exchange import Reply
from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.registration import SAMPLES, sample, type_of
from authspec_conformance.probe.visitor import Guest, Unexpected, Visitor, errors

_NO_VALUE = {"authspec": "a value that no field takes"}
_LONG = 5000


def me_fields(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """The fields in their order, each tried by values that its type would take or refuse."""
    reply = visitor.call("GET", "users/me/", headers=guest.headers)
    if reply.status != 200 or not isinstance(reply.json, dict):
        raise Unexpected(f"users/me/ is refused to its owner ({reply})")
    shown: dict[str, Any] = reply.json
    guest.shown = {**guest.shown, **{k: v for k, v in shown.items() if k == "id"}}
    writable = _writable(visitor, guest, shown)
    required = set(errors(visitor.call("PUT", "users/me/", {}, headers=guest.headers)))
    described = _described(visitor, guest)
    fields = []
    for name, value in shown.items():
        about = described.get(name, {})
        field: dict[str, Any] = {"name": name, "type": _told_type(about, value)}
        if name not in writable:
            field["read_only"] = True
        else:
            _try(visitor, findings, guest, field, about)
            if name not in required:
                field["required"] = False
        if isinstance(about.get("max_length"), int) and field["type"] != "username":
            field["max_length"] = about["max_length"]
        fields.append(field)
    findings.notes["choices"] = {f["name"]: f["choices"] for f in fields if "choices" in f}
    findings.notes["me types"] = {f["name"]: f["type"] for f in fields}
    findings.tell("me", fields, "the keys of users/me/; a PATCH with a value that no field takes is "
                  f"refused for {', '.join(sorted(writable)) or 'none of them'}, so these are "
                  f"writable; an empty PUT asks for {', '.join(sorted(required)) or 'none'}")  # fmt: skip


def _writable(visitor: Visitor, guest: Guest, shown: dict[str, Any]) -> set[str]:
    """A read-only field ignores whatever it is sent; any other refuses an object."""
    body = dict.fromkeys(shown, _NO_VALUE)
    reply = visitor.call("PATCH", "users/me/", body, headers=guest.headers)
    if reply.status not in {200, 400}:
        raise Unexpected(f"a PATCH of users/me/ is not understood ({reply})")
    return set(errors(reply)) & set(shown)


def _described(visitor: Visitor, guest: Guest) -> dict[str, dict[str, Any]]:
    """What DRF's metadata says of the user's fields (rest_framework/metadata.py), where it is on."""
    reply = visitor.call("OPTIONS", "users/", headers=guest.headers)
    body = reply.json if isinstance(reply.json, dict) else {}
    actions = body.get("actions", {})
    fields = actions.get("POST", {}) if isinstance(actions, dict) else {}
    if reply.status != 200 or not isinstance(fields, dict):
        return {}
    return {name: about for name, about in fields.items() if isinstance(about, dict)}


def _told_type(about: dict[str, Any], value: Any) -> str:
    kind = str(about.get("type", ""))
    if kind in {"integer", "email", "boolean", "date", "datetime", "choice"}:
        return kind
    return "string" if value is None or value == "" else type_of(value)


def _try(
    visitor: Visitor, findings: Findings, guest: Guest, field: dict[str, Any], about: dict[str, Any]
) -> None:
    """Changes one field of the probe's own account to and fro.

    Login and address stay as they are: a new one may deactivate the account (djoser/serializers.py
    UserSerializer.update).
    """
    name = field["name"]
    if name in {findings.get("user.login_field"), findings.get("user.email_field", "email")}:
        _try_address(visitor, guest, field)
        return

    def patch(value: Any) -> Reply:
        return visitor.call("PATCH", "users/me/", {name: value}, headers=guest.headers)

    choices = about.get("choices")
    if field["type"] == "choice" and isinstance(choices, list):
        field["choices"] = [str(choice.get("value")) for choice in choices]
        good: Any = field["choices"][0]
    else:
        kinds = [kind for kind, _ in SAMPLES]
        accepted = next((kind for kind in kinds if patch(sample(kind)).status == 200), None)
        if accepted is None and patch("probe@example.com").status == 200:
            accepted = "email"
        field["type"] = accepted or field["type"]
        good = "probe@example.com" if accepted == "email" else sample(field["type"])
    if field["type"] in {"string", "email", "choice"} and patch("").status == 200:
        field["allow_blank"] = True
    if field["type"] == "string" and "max_length" not in about:
        _longest(patch("x" * _LONG), field)
    if patch(None).status == 200:
        field["allow_null"] = True
    patch(good)


def _try_address(visitor: Visitor, guest: Guest, field: dict[str, Any]) -> None:
    reply = visitor.call(
        "PATCH", "users/me/", {field["name"]: "not an address!"}, headers=guest.headers
    )
    if field["name"] in errors(reply):
        field["type"] = (
            "email" if "@" in str(guest.email) and field["name"] != "username" else "username"
        )


def _longest(reply: Reply, field: dict[str, Any]) -> None:
    """The number in the message about a text that is too long."""
    numbers = [n for text in errors(reply).get(field["name"], []) for n in re.findall(r"\d+", text)]
    if len(numbers) == 1:
        field["max_length"] = int(numbers[0])


def login_is_username(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Whether the login refuses what Django's UnicodeUsernameValidator refuses; changes nothing."""
    login = findings.get("user.login_field")
    field = findings.get("djoser.LOGIN_FIELD") or login
    body = {f"new_{field}": "a name with spaces!", "current_password": "not the password"}
    refused = errors(visitor.post(f"users/set_{login}/", body, guest.headers))
    if f"new_{field}" in refused and login != findings.get("user.email_field"):
        types = {**findings.notes.get("me types", {}), login: "username"}
        findings.notes["me types"] = types
        for entry in findings.get("me", []):
            if entry["name"] == login:
                entry["type"] = "username"
                entry.pop("max_length", None)


def id_type(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """By the id that registration, `me` or a web token shows."""
    id_ = guest.shown.get("id")
    if id_ is None:
        raise Unexpected("neither registration nor users/me/ nor a token shows the id")
    kind = type_of(id_)
    if kind in {"integer", "uuid"} or str(id_).isdigit():
        findings.tell(
            "user.id", "uuid" if kind == "uuid" else "integer", f"an account has the id {id_}"
        )


def lookup_field(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Djoser's USER_ID_FIELD: what stands in users/{…}/."""
    candidates = {"id": guest.shown.get("id"), findings.get("user.login_field"): guest.login}
    for name, value in candidates.items():
        if value is None:
            continue
        reply = visitor.call("GET", f"users/{value}/", headers=guest.headers)
        if reply.status == 200:
            findings.tell(
                "djoser.USER_ID_FIELD", name, f"users/{{{name}}}/ shows the account to its owner"
            )
            return
