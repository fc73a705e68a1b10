"""HTTP's own rules: broken bodies, media types, methods."""

import json
from typing import Any
from urllib.parse import urlencode

from authspec_conformance import expect
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.exchange import Reply
from authspec_conformance.operations import Operation
from authspec_conformance.people import People
from authspec_conformance.reach import CALLS, closed
from authspec_contract.facts import OWN_ACTIONS, PUBLIC_ACTIONS
from authspec_contract.profile import Profile

JSON = {"Content-Type": "application/json"}
PUBLIC = (
    "create_user", "activation", "resend_activation", "reset_password", "reset_password_confirm",
    "jwt_create", "jwt_refresh", "jwt_verify", "token_login",
)  # fmt: skip
OWN = ("set_password", "set_username", "me_patch", "me_put", "me_delete")


def callers(api: Client, people: People) -> list[tuple[Operation, Client]]:
    """Every operation that takes a body, with a caller who may call it."""
    owner, profile = people.client(people.shared()), people.profile
    found = [(api.operations[name], api) for name in PUBLIC if name in api.operations]
    own = OWN if people.bodies_of_deletes_arrive(owner) else OWN[:-1]
    found += [(api.operations[name], owner) for name in own]
    return [(op, caller) for op, caller in found if closed(op.template(profile), profile) is None]


@requirement("HTTP-001", "HTTP-002", "HTTP-003", "HTTP-008", "HTTP-009")
def test_bodies_that_cannot_be_read(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Broken JSON, other JSON, other media types, forms."""
    operations = callers(api, people)
    with claim("HTTP-001"):
        for operation, caller in operations:
            for broken in (b'{"email": ', b"{'email': 'a'}", b"[1, 2", b'{"a": 1} x'):
                reply = caller.raw(operation.method, operation.path, data=broken, headers=JSON)
                expect.detail(reply, 400)
    with claim("HTTP-002"):
        for operation, caller in operations:
            for media_type in ("text/plain", "application/xml"):
                reply = caller.raw(
                    operation.method,
                    operation.path,
                    data=b"<a/>",
                    headers={"Content-Type": media_type},
                )
                expect.detail(reply, 415)
    with claim("HTTP-003"):
        for operation, caller in operations:
            for other in (b"[]", b'"text"', b"1", b"[{}]"):
                expect.status(
                    caller.raw(operation.method, operation.path, data=other, headers=JSON), 400
                )
    with claim("HTTP-009"):
        for operation, caller in operations:
            reply = caller.raw(
                operation.method, operation.path, data=b'{"email": "\xff\xfe"}', headers=JSON
            )
            expect.status(reply, 400)
    with claim("HTTP-008"):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for name, body in (("activation", {"uid": "MQ"}), ("create_user", {"password": "x"})):
            operation = api.operations[name]
            if closed(operation.template(profile), profile):
                continue
            by_form = api.raw("POST", operation.path, data=urlencode(body).encode(), headers=form)
            by_json = api.raw("POST", operation.path, data=json.dumps(body).encode(), headers=JSON)
            expect.status(by_form, by_json.status)
            _alike(by_form, by_json, profile)
        for operation, caller in operations:
            if operation.method == "POST":
                by_form = caller.raw("POST", operation.path, data=b"odd=1", headers=form)
                by_json = caller.raw("POST", operation.path, data=b'{"odd": "1"}', headers=JSON)
                expect.status(by_form, by_json.status)
                _alike(by_form, by_json, profile)
        _writes_by_form(people, profile, form)


def _alike(by_form: Reply, by_json: Reply, profile: Profile) -> None:
    expect.equal(
        _as_of_a_form(by_form.json, profile),
        _as_of_a_form(by_json.json, profile),
        "the answer to a form",
    )


def _as_of_a_form(complaints: Any, profile: Profile) -> Any:
    """Without what a form cannot leave out: a box that is not ticked is a no (rest_framework/fields.py
    BooleanField.default_empty_html)."""
    if not isinstance(complaints, dict):
        return complaints
    unlike = {f.name for f in profile.user.create if f.type in {"boolean", "any"}}
    return {name: value for name, value in complaints.items() if name not in unlike}


def _writes_by_form(people: People, profile: Profile, form: dict[str, str]) -> None:
    """A PATCH by form is kept as one in JSON is."""
    client = people.client(people.shared())
    text = profile.user.free_text
    if text is None or people.shared().given:
        return
    before = expect.json_object(client("me"))
    body = urlencode({text.name: "by-form"[: text.max_length]}).encode()
    expect.status(client.raw("PATCH", "users/me/", data=body, headers=form), 200)
    expect.equal(client("me").json[text.name], "by-form"[: text.max_length], "what a form wrote")
    client("me_patch", {text.name: before[text.name]})


@requirement("HTTP-004", "HTTP-007", "HTTP-011", "HTTP-012")
def test_methods_and_media_types(
    claim: Claims, api: Client, people: People, profile: Profile, context: Context
) -> None:
    """Methods that an operation does not have, answers that a deployment cannot give, TRACE."""
    owner = people.client(people.shared())
    posts = [operation for operation in api.operations.values() if operation.method == "POST"]
    with claim("HTTP-004"):
        for operation in posts:
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                if operation.path == "users/" and method == "GET":
                    continue
                reply = owner.raw(method, operation.path)
                expect.detail(reply, 405)
                allow = {m.strip() for m in reply.headers.get("Allow", "").split(",")}
                if "POST" not in allow or method in allow:
                    expect.fail(
                        f"{reply} has Allow: {reply.headers.get('Allow')!r}, expected the methods it has"
                    )
    with context.observer.odd():
        with claim("HTTP-007"):
            for operation in posts:
                if operation.path != "users/" and operation.name != "token_logout":
                    expect.status(api.raw("GET", operation.path), 405)
        with claim("HTTP-011"):
            reply = owner.raw("GET", "users/me/", headers={"Accept": "application/xml"})
            expect.status(reply, 406, 200)
            expect.is_json(reply)
        with claim("HTTP-012"):
            traced = owner.raw("TRACE", "users/me/")
            expect.refused(traced) if traced.status < 500 else None
            secret = owner.credentials.secret if owner.credentials else ""
            if traced.status == 200 or (secret and secret in traced.text):
                expect.fail(f"{traced} echoes what was sent")


@requirement("HTTP-013")
def test_what_is_closed_to_strangers(api: Client, profile: Profile) -> None:
    """A stranger sends empty bodies, which an open operation would complain of."""
    for action in PUBLIC_ACTIONS:
        if set(profile.permission(action)) != {"AllowAny"}:
            expect.status(api(CALLS[action], {}), profile.anonymous_status)


@requirement("HTTP-014")
def test_what_is_left_to_staff(people: People, profile: Profile) -> None:
    """An account that is no staff sends empty bodies, which an open operation would complain of."""
    client = people.client(people.shared())
    for action in OWN_ACTIONS:
        if "IsAdminUser" in profile.permission(action):
            expect.status(client(CALLS[action], {}), 403)
