"""Whose account a call is about: whom it names, by login or by uid, or whose credentials it carries."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from authspec_mock.core.wire import Request
from authspec_mock.worlds import MockWorld, users


def concerns(world: MockWorld, request: Request, account: str) -> bool:
    """Whether a call is about the account of that login or e-mail."""
    wanted = account.casefold()
    if any(value.casefold() == wanted for value in _values(request)):
        return True
    ids = {str(user["id"]) for user in users(world) if _is_named(user, wanted)}
    if not ids:
        return False
    return _id_of_uid(request) in ids or _id_of_credentials(world, request) in ids


def _is_named(user: dict[str, Any], wanted: str) -> bool:
    return any(isinstance(value, str) and value.casefold() == wanted for value in user.values())


def _values(request: Request) -> Iterator[str]:
    """The texts of a JSON object or of a form."""
    return (value for _, value in _pairs(request))


def _pairs(request: Request) -> list[tuple[str, str]]:
    if "form" in request.headers.get("content-type", ""):
        try:
            return parse_qsl(request.body.decode("utf-8", "replace"))
        except ValueError:
            return []
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return []
    items = body.items() if isinstance(body, dict) else ()
    return [(name, value) for name, value in items if isinstance(value, str)]


def _id_of_uid(request: Request) -> str | None:
    """The id in the uid of a mail (django.utils.http urlsafe_base64_decode)."""
    uid = dict(_pairs(request)).get("uid", "")
    try:
        return urlsafe_b64decode(uid + "=" * (-len(uid) % 4)).decode()
    except ValueError:
        return None


def _id_of_credentials(world: MockWorld, request: Request) -> str | None:
    """The id of who is logged in; the core is asked as a client would."""
    shown = ("authorization", "cookie", "host")
    headers = {name: value for name, value in request.headers.items() if name in shown}
    if not headers.keys() - {"host"}:
        return None
    path = f"{world.profile.prefix}users/me/"
    response, _ = world.core.handle(Request("GET", path, headers=headers))
    if response.status != 200:
        return None
    me = json.loads(response.body)
    named = me.get(world.profile.djoser.USER_ID_FIELD)
    return None if named is None else str(named)
