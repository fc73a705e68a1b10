"""Signs that a target is a Djoser although it refuses otherwise than one: several calls that make nothing."""

from collections.abc import Iterator
from typing import Any

from authspec_conformance.client import Client
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import Reply
from authspec_conformance.login import schemes
from authspec_contract.errors import TargetError
from authspec_contract.profile import Profile

ENOUGH = 2
"""One sign may be an accident; an API of something else has not shown two of them."""
_NOWHERE = "users/me/authspec-nowhere/"
_JSON = {"Content-Type": "application/json"}


def signs_of_djoser(api: Client, profile: Profile, registration: Reply) -> tuple[str, ...]:
    """What in its answers only a Djoser shows; empty where it answers any path alike.

    No call makes an account or computes a password.
    """
    nowhere = _answer(api, "GET", _NOWHERE)
    if nowhere is None or nowhere.status != 404:
        return ()
    return tuple(_signs(api, profile, registration))


def _signs(api: Client, profile: Profile, registration: Reply) -> Iterator[str]:
    # Django REST framework puts Allow on every answer (rest_framework/views.py default_response_headers)
    me = _answer(api, "GET", "users/me/")
    if me is not None and me.status in {401, 403} and _allow(me) >= {"GET", "PUT", "DELETE"}:
        yield f"{me} with Allow: {me.headers['Allow']}"
    change = _answer(api, "GET", "users/set_password/")
    if change is not None and change.status in {401, 403, 405} and _allow(change) == _ONLY_POST:
        yield f"{change} with Allow: {change.headers['Allow']}"
    if names := _named(registration, profile):
        yield f"{registration} names {names}"
    paths = {"jwt": "jwt/create/", "token": "token/login/"}
    for scheme in schemes(profile):
        login = _answer(api, "POST", paths[scheme])
        if login is not None and (names := _named(login, profile)):
            yield f"{login} names {names}"
            return


_ONLY_POST = {"POST", "OPTIONS"}


def _answer(api: Client, method: str, path: str) -> Reply | None:
    """None where no answer comes."""
    body = b"{}" if method == "POST" else None
    try:
        return api.raw(method, path, data=body, headers=_JSON if body else None)
    except (TargetError, Inconclusive):
        return None


def _allow(reply: Reply) -> set[str]:
    return {word.strip() for word in reply.headers.get("Allow", "").split(",")}


def _named(reply: Reply, profile: Profile) -> str:
    """The fields of an empty login or registration that a refusal names, at whatever depth."""
    if not 400 <= reply.status < 500:
        return ""
    wanted = {"password", profile.user.login_field, profile.login_field}
    return " and ".join(sorted(wanted & set(_keys(reply.json))))


def _keys(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > 3:
        return
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else ():
        yield from _keys(inner, depth + 1)
