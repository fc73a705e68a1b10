"""Every quirk shows: a walk through the API with it differs from the walk without."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from authspec_contract.errors import UsageError
from authspec_mock.core.quirks import QUIRKS

from .client import PASSWORD, Answer, Client
from .test_login_pages import log_in, session_profile

OTHER = "staple battery 34"
THIRD = "another secret 56"
_SECRET = re.compile(r"eyJ[\w.-]+|[0-9a-f]{32,40}|[0-9a-f]{16}\$[0-9a-f]+")


def _shape(answer: Answer) -> tuple[Any, ...]:
    """What of an answer does not depend on chance."""
    return (
        answer.status,
        _SECRET.sub("*", answer.response.body.decode()),
        [h for h in answer.response.headers if h[0] != "Set-Cookie"],
        sorted(answer.cookies()),
        [(m.kind, m.to, m.uid, m.url and _SECRET.sub("*", m.url)) for m in answer.mails],
        [(len(m.text), (m.url or "") in m.html) for m in answer.mails],
    )


def _new_password(old: str, new: str, again: str | None = None) -> dict[str, str]:
    return {"current_password": old, "new_password": new, "re_new_password": again or new}


def _new_email(address: str, password: str, again: str | None = None) -> dict[str, str]:
    return {"new_email": address, "re_new_email": again or address, "current_password": password}


def _walk(client: Client) -> Iterator[Answer]:
    """A long walk over several accounts, right and wrong steps, each answer yielded."""
    yield from _registrations(client)
    yield from _activations(client)
    yield from _logins(client)
    yield from _profiles(client)
    yield from _passwords(client)
    yield from _resets(client)
    yield from _emails(client)
    yield from _deletions(client)


def _registrations(c: Client) -> Iterator[Answer]:
    base = {"email": "q@example.com", "password": PASSWORD, "re_password": PASSWORD}
    yield c.post("users/", {**base, "re_password": "x"})
    for weak in ("12345678901", "short1x", "password", "q@example.com"):
        yield c.post("users/", {**base, "password": weak, "re_password": weak})
    yield c.post("users/", {})
    yield c.post("users/", raw=b"{", content_type="application/json")
    yield c.post("users/", raw=b"{}", content_type="text/plain")
    yield c.post("users/", {**base, "is_staff": True, "is_active": True})
    yield c.login("q")
    for name in ("ada", "bob", "cyd", "dan"):
        yield c.register(name)
        yield c.login(name)
    yield c.register("ada")
    yield c.register("ada", OTHER)
    yield c.post("users/", {**base, "email": "ada@EXAMPLE.com"})


def _link(answer: Answer) -> dict[str, Any]:
    mail = next((m for m in answer.mails if m.token), None)
    return {"uid": mail.uid, "token": mail.token} if mail else {"uid": "MQ", "token": "none-0"}


def _activations(c: Client) -> Iterator[Answer]:
    resent = c.post("users/resend_activation/", {"email": "ada@example.com"})
    foreign = c.post("users/resend_activation/", {"email": "bob@example.com"})
    ada, bob = _link(resent), _link(foreign)
    yield resent
    yield foreign
    yield c.post("users/resend_activation/", {"email": "nobody@example.com"})
    yield c.post("users/reset_password/", {"email": "ada@example.com"})
    for token in ("abc-def", bob["token"]):
        yield c.post("users/activation/", {"uid": ada["uid"], "token": token})
    again = c.post("users/resend_activation/", {"email": "cyd@example.com"})
    yield again
    yield c.post("users/resend_activation/", {"email": "cyd@example.com"})
    yield c.login("cyd")
    yield c.get(f"users/activation/?uid={ada['uid']}&token={ada['token']}")
    yield c.login("ada")
    for _ in range(2):
        yield c.post("users/activation/", ada)
    yield c.login("ada")
    yield c.login("bob")
    yield c.post("users/resend_activation/", {"email": "ada@example.com"})
    for link in (bob, _link(again)):
        yield c.post("users/activation/", link)


def _auth(c: Client, name: str = "ada", *passwords: str) -> str:
    for password in passwords or (PASSWORD,):
        answer = c.login(name, password)
        if answer.status == 200:
            return f"{c.word} {answer.json['access']}"
    return f"{c.word} none"


def _logins(c: Client) -> Iterator[Answer]:
    yield c.login("ada", "wrong password")
    yield c.login("ada", PASSWORD[:12])
    yield c.login("ada", PASSWORD.upper())
    yield c.login("nobody")
    yield c.login("ADA@example.com")
    body = {"email": "ada@example.com", "password": PASSWORD}
    tokens = [
        c.post("token/login/", body),
        c.post("token/login/", {**body, "email": "bob@example.com"}),
    ]
    yield from tokens
    keys = [(t.json or {}).get("auth_token", "none") for t in tokens]
    yield c.get("users/me/", auth=f"Token {keys[1]}")
    yield c.get("users/me/", auth=f"Token {keys[0].upper()}")
    yield c.get(f"users/me/?auth_token={keys[0]}")
    yield c.post("token/logout/", auth=f"Token {keys[0]}")
    for key in keys:
        yield c.get("users/me/", auth=f"Token {key}")
    pair = c.login("bob")
    yield pair
    if pair.status == 200:
        yield from _web_tokens(c, pair.json)
    yield c.get("users/me/")
    yield c.get("users/me/", auth="Token no")
    yield c.register("eve", PASSWORD)
    yield c.post("users/reset_password/", {"email": "eve@example.com"}, auth="Token no")


def _web_tokens(c: Client, pair: dict[str, str]) -> Iterator[Answer]:
    access, refresh = pair["access"], pair["refresh"]
    yield c.get("users/me/", auth=f"{c.word} {access}")
    yield c.get("users/me/", auth=f"{c.word} {access[:-6]}AAAAAA")
    yield c.get("users/me/", auth=f"{c.word} {refresh}")
    for _ in range(2):
        again = c.post("jwt/refresh/", {"refresh": refresh})
        yield again
        yield c.get("users/me/", auth=f"{c.word} {(again.json or {}).get('access')}")
    yield c.post("jwt/verify/", {"token": access + "x"})
    c.world.put_user("bob@example.com", is_active=False)
    yield c.get("users/me/", auth=f"{c.word} {access}")
    c.world.put_user("bob@example.com", is_active=True)
    c.clock.now += 1_000
    yield c.get("users/me/", auth=f"{c.word} {access}")


def _profiles(c: Client) -> Iterator[Answer]:
    for name in ("q", "dan"):
        c.world.put_user(f"{name}@example.com", is_active=True)
    ada, bob = _auth(c), _auth(c, "bob")
    yield c.get("users/me/", auth=ada)
    change = {"name": "Bob", "id": 99, "email": "new@example.com", "password": OTHER}
    yield c.send("PATCH", "users/me/", change, auth=bob)
    bob = _auth(c, "bob", PASSWORD, OTHER)
    for name in ("B", "C"):
        yield c.send("PUT", "users/me/", {"name": name}, auth=bob)
        yield c.get("users/me/", auth=bob)
        yield c.get("users/me/", auth=ada)
    yield c.login("bob", OTHER)
    yield c.get("users/", auth=bob)
    yield c.get("users/2/", auth=bob)
    yield c.send("DELETE", "users/me/", {}, auth="Token x")
    yield c.send("POST", "users/me/", {}, auth=bob)


def _passwords(c: Client) -> Iterator[Answer]:
    bob = _auth(c, "bob", PASSWORD, OTHER)
    path = "users/set_password/"
    yield c.post(path, _new_password(PASSWORD, THIRD, "different"), auth=bob)
    yield c.login("bob", THIRD)
    yield c.post(path, _new_password(PASSWORD, "1234"), auth=bob)
    yield c.post(path, {"current_password": PASSWORD}, auth=bob)
    mail = c.post("users/reset_password/", {"email": "bob@example.com"})
    yield mail
    yield c.register("foe", THIRD)
    yield c.post(path, _new_password(THIRD, OTHER), auth=bob)
    yield c.post(path, _new_password("wrong password", OTHER), auth=bob)
    yield c.post(path, _new_password(PASSWORD, OTHER), auth=bob)
    for password in (PASSWORD, OTHER):
        yield c.login("bob", password)
        yield c.login("ada", password)
        yield c.login("q", password)
    yield c.post("users/reset_password_confirm/", {**_link(mail), **_new_password("", THIRD)})
    yield c.login("bob", THIRD)


def _resets(c: Client) -> Iterator[Answer]:
    confirm = "users/reset_password_confirm/"
    mail = c.post("users/reset_password/", {"email": "cyd@example.com"})
    yield mail
    yield c.post("users/reset_password/", {"email": "nobody@example.com"})
    yield c.post("users/reset_password/", {"email": "cyd@example.com"})
    link, uid = _link(mail), _link(mail)["uid"]
    yield c.post(confirm, {**link, **_new_password("", "1234")})
    yield c.post(confirm, {**link, **_new_password("", THIRD, "different")})
    yield c.login("cyd", THIRD)
    ada = _link(c.post("users/reset_password/", {"email": "ada@example.com"}))
    yield c.post(
        confirm, {"uid": uid, "token": ada["token"], **_new_password("", "stolen secret 1")}
    )
    yield c.post(confirm, {"uid": uid, "token": "x", **_new_password("", "stolen secret 2")})
    auth = _auth(c, "cyd")
    yield c.send("PATCH", "users/me/", {"name": "Cyd"}, auth=auth)
    c.world.put_user("cyd@example.com", is_active=False)
    for password in (OTHER, THIRD):
        yield c.post(confirm, {**link, **_new_password("", password)})
    yield c.login("cyd", OTHER)
    c.world.put_user("cyd@example.com", is_active=True)
    yield c.get("users/me/", auth=_auth(c, "cyd", OTHER))
    old = _link(c.post("users/reset_password/", {"email": "dan@example.com"}))
    c.clock.now += 10 * 86400
    yield c.post(confirm, {**old, **_new_password("", THIRD)})


def _emails(c: Client) -> Iterator[Answer]:
    c.world.put_user("dan@example.com", is_active=True, password=PASSWORD)
    mail = c.post("users/reset_password/", {"email": "dan@example.com"})
    dan, path = _auth(c, "dan", PASSWORD, THIRD), "users/set_email/"
    yield c.post(path, _new_email("d2@example.com", "wrong password"), auth=dan)
    yield c.post(path, _new_email("d2@example.com", PASSWORD, "d3@example.com"), auth=dan)
    yield c.post(path, _new_email("d4@example.com", PASSWORD), auth=dan)
    for name in ("dan", "d4"):
        yield c.login(name)
    yield c.post("users/reset_password/", {"email": "d4@example.com"})
    confirm = {**_link(mail), **_new_password("", PASSWORD)}
    yield c.post("users/reset_password_confirm/", confirm)
    yield c.post(path, _new_email("d5@example.com", PASSWORD), auth=_auth(c, "d4"))
    for name in ("dan", "d4", "d5"):
        yield c.login(name)


def _deletions(c: Client) -> Iterator[Answer]:
    for name in ("fay", "gus", "hal"):
        c.world.put_user(f"{name}@example.com", password=PASSWORD, name=name)
    fay = _auth(c, "fay")
    yield c.send("DELETE", "users/me/", {}, auth=_auth(c, "hal"))
    yield c.send("DELETE", "users/me/", {"current_password": "wrong"}, auth=_auth(c, "hal"))
    yield c.send("DELETE", "users/me/", {"current_password": PASSWORD}, auth=fay)
    for name in ("fay", "gus", "hal"):
        yield c.login(name)
    yield c.get("users/me/", auth=fay)
    yield c.register("fay")
    c.world.put_user("fay@example.com", is_active=True)
    yield c.get("users/me/", auth=_auth(c, "fay"))


def _session_walk(client: Client) -> Iterator[Answer]:
    """Two accounts log in by the page; one writes without and with its token, changes its password
    and logs out."""
    for name in ("ada", "bob"):
        client.world.put_user(f"{name}@example.com", password=PASSWORD)
    log_in(client, "ada")
    idle, session = log_in(client, "bob"), log_in(client, "bob")
    yield client.get("users/me/", cookie=session["cookie"])
    yield client.send("PATCH", "users/me/", {"name": "B"}, cookie=session["cookie"])
    yield client.post("users/set_password/", _new_password(PASSWORD, OTHER), **session)
    yield client.get("users/me/", **idle)
    session = log_in(client, "bob", OTHER)
    yield client.post("/api-auth/logout/", raw=b"", **session)
    yield client.get("users/me/", **session)


@cache
def _right_walk(by_session: bool) -> list[tuple[Any, ...]]:
    return [_shape(answer) for answer in _walk_of(by_session)]


def _walk_of(by_session: bool, *quirks: str) -> Iterator[Answer]:
    if by_session:
        return _session_walk(Client(session_profile(), quirks=quirks))
    return _walk(Client(quirks=quirks))


@pytest.mark.parametrize("name", sorted(QUIRKS))
def test_a_quirk_shows_on_the_walk(name: str) -> None:
    by_session = name.startswith("session-")
    shapes = [_shape(answer) for answer in _walk_of(by_session, name)]
    assert shapes != _right_walk(by_session)


@pytest.mark.parametrize("name", sorted(QUIRKS))
def test_a_world_with_a_quirk_can_be_saved(name: str) -> None:
    client = Client(quirks=(name,))
    for _ in _walk(client):
        pass
    json.dumps(client.world.snapshot())


def test_every_quirk_says_what_is_wrong() -> None:
    for quirk in QUIRKS.values():
        assert quirk.sentence.endswith("."), quirk
        assert quirk.steps >= 1, quirk
        assert quirk.replaces, quirk


def test_an_unknown_quirk_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'reset-token-reusable'"):
        Client(quirks=("reset-token-reuseable",))


def test_quirks_can_be_combined() -> None:
    client = Client(quirks=("mail-to-new-and-old", "mail-to-old-address", "mail-twice"))
    assert len(client.register().mails) == 2
