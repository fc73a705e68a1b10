"""Accounts by the list and by their id: oneself, and nobody else."""

import json
from typing import Any

from authspec_conformance import expect
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.exchange import Reply
from authspec_conformance.operations import NO_PATH, fits_a_path, id_of_nobody
from authspec_conformance.people import People
from authspec_conformance.suites.test_me import HASHES, METHODS, written
from authspec_contract.profile import Profile


def _rows(reply: Reply) -> list[dict[str, Any]]:
    """The users of a list, paginated or not."""
    expect.status(reply, 200)
    found = reply.json.get("results") if isinstance(reply.json, dict) else reply.json
    return found or []


@requirement("ME-028", "ME-029", "ME-030", "ME-039", "ME-040", "ME-041")
def test_nobody_reaches_other_accounts(claim: Claims, people: People, profile: Profile) -> None:
    """An account asks for the list, and for another account by its id, with every method."""
    account, other = people.shared(), people.shared("second")
    client, neighbour = people.client(account), people.client(other)
    own, foreign = people.id_of(account), people.id_of(other)
    if foreign is None or own is None:
        for id_ in claim.ids:
            claim.skip(id_, "neither registration nor users/me/ shows the id")
        return
    with claim("ME-028"):
        ids = [row.get(profile.djoser.USER_ID_FIELD) for row in _rows(client("user_list"))]
        expect.equal(ids, [own], "the list of users, by id")
    with claim("ME-039"):
        if len(_rows(client("user_list"))) < 2:
            expect.fail("the list of users has less than two, and there are two at least")
    with claim("ME-040"):
        expect.status(client.raw("GET", f"users/{foreign}/"), 200)
        expect.status(_send(client, "PATCH", own, {}), 200)
        known = people.me(neighbour)
        for method in ("PATCH", "PUT"):
            expect.status(_send(client, method, foreign, {}), 403, 404)
        expect.equal(people.me(neighbour), known, "the data of the other account")
    before = people.me(neighbour)
    with claim("ME-029"):
        body = f'{{"current_password": "{account.password}", "name": "stranger"}}'.encode()
        for method in METHODS:
            reply = client.raw(
                method, f"users/{foreign}/", data=body if method != "GET" else None,
                headers={"Content-Type": "application/json"},
            )  # fmt: skip
            expect.status(reply, 403, 404)
            if method != "DELETE":  # which djoser/views.py permission_denied never hides
                with claim("ME-041"):
                    expect.status(reply, 404 if profile.djoser.HIDE_USERS else 403)
        expect.equal(people.me(neighbour), before, "the data of the other account")
    with claim("ME-030"):
        nobody = id_of_nobody(profile)
        expect.indistinguishable(
            client.raw("GET", f"users/{foreign}/"), client.raw("GET", f"users/{nobody}/"),
            "another account and nobody",
        )  # fmt: skip


@requirement("ME-031", "ME-032", "ME-033")
def test_an_account_reaches_itself_by_its_id(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """It reads itself by the list and by its id, and writes by its id what users/me/ then shows."""
    client = people.client(people.shared())
    own = people.id_of(people.shared())
    if not fits_a_path(own):
        for id_ in claim.ids:
            claim.skip(id_, NO_PATH)
        return
    detail = client.raw("GET", f"users/{own}/")
    with claim("ME-031"):
        expect.detail(api.raw("GET", f"users/{own}/"), profile.anonymous_status)
        if "AllowAny" not in profile.permission("user_list"):
            expect.detail(api("user_list"), profile.anonymous_status)
        expect.status(detail, 200)
        expect.equal(expect.json_object(detail).get(profile.djoser.USER_ID_FIELD), own, "the id")
        if sign := next((sign for sign in HASHES if sign in detail.text), ""):
            expect.fail(f"{detail} contains what looks like a password hash ({sign}…)")
        listed = client("user_list")
        for entry in _rows(listed) if listed.status == 200 else ():
            if entry.get(profile.djoser.USER_ID_FIELD) == own:
                expect.equal(entry, detail.json, "the entry in the list of users")
    me, steady = client("me").json, people.me(client)
    text = profile.user.free_text
    if not _same_serializer(profile) or text is None or people.shared().given:
        for id_ in ("ME-032", "ME-033"):
            claim.skip(id_, "nothing is known, or may be done, to what users/{id}/ lets be written")
        return
    full = {f.name: me[f.name] for f in profile.user.fields if not f.read_only and f.name in me}
    with claim("ME-032"):
        for method, body in (("PATCH", {}), ("PUT", full)):
            name = f"by-{method}-of-the-id"[: text.max_length]
            expect.status(_send(client, method, own, {**body, text.name: name}), 200)
            now = people.me(client)
            expect.equal(now, written(steady, now, text, name), "users/me/ afterwards")
    with claim("ME-033"):
        wish = _wish(people, profile, me)
        for method, body in (("PATCH", wish), ("PUT", {**full, **wish})):
            _send(client, method, own, {**body, text.name: me[text.name]})
            expect.equal(people.me(client), steady, "users/me/ after a change of what is read-only")
        other = people.id_of(people.shared("second"))
        stranger = client.raw("GET", f"users/{other}/")
        if stranger.status == 200:
            expect.fail(f"{stranger}: the account sees the data of others")
    client("me_patch", {text.name: me[text.name]})


def _send(client: Client, method: str, id_: Any, body: dict[str, Any]) -> Reply:
    typed = {"Content-Type": "application/json"}
    return client.raw(method, f"users/{id_}/", data=json.dumps(body).encode(), headers=typed)


def _same_serializer(profile: Profile) -> bool:
    """Whether users/{id}/ takes what users/me/ takes (djoser/views.py get_serializer_class)."""
    pasted = profile.djoser.SERIALIZERS
    return pasted.get("user") == pasted.get("current_user")


def _wish(people: People, profile: Profile, me: dict[str, Any]) -> dict[str, Any]:
    """Rights, and other values for what is read-only."""
    fields = {field.name: field for field in profile.user.fields}
    wish: dict[str, Any] = {"is_staff": True, "is_superuser": True, "is_admin": True}
    for field in fields.values():
        if field.read_only and field.name != profile.djoser.USER_ID_FIELD:
            wish[field.name] = people.ledger.address() if "@" in str(me[field.name]) else "changed"
    return {k: v for k, v in wish.items() if k not in fields or fields[k].read_only}
