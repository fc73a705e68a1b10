"""Request bodies as a profile asks for them, and secrets broken in small ways."""

from collections.abc import Iterator
from typing import Any

from authspec_contract.profile import Profile

_NOTHING: Any = object()


def set_password(profile: Profile, current: str, new: str, again: Any = _NOTHING) -> dict[str, Any]:
    """The body of a password change."""
    body = {"new_password": new, "current_password": current}
    if profile.djoser.SET_PASSWORD_RETYPE:
        body["re_new_password"] = new if again is _NOTHING else again
    return body


def confirm_reset(
    profile: Profile, uid: Any, token: Any, new: str, again: Any = _NOTHING
) -> dict[str, Any]:
    """The body of a reset confirmation."""
    body = {"uid": uid, "token": token, "new_password": new}
    if profile.djoser.PASSWORD_RESET_CONFIRM_RETYPE:
        body["re_new_password"] = new if again is _NOTHING else again
    return body


def set_login(profile: Profile, new: str, current: str, again: Any = _NOTHING) -> dict[str, Any]:
    """The body of a change of the login field."""
    field = profile.login_field
    body = {f"new_{field}": new, "current_password": current}
    if profile.djoser.SET_USERNAME_RETYPE:
        body[f"re_new_{field}"] = new if again is _NOTHING else again
    return body


def reset_login(
    profile: Profile, uid: Any, token: Any, new: str, again: Any = _NOTHING
) -> dict[str, Any]:
    """The body of a confirmation that sets another login."""
    field = profile.login_field
    body = {"uid": uid, "token": token, f"new_{field}": new}
    if profile.djoser.USERNAME_RESET_CONFIRM_RETYPE:
        body[f"re_new_{field}"] = new if again is _NOTHING else again
    return body


def without(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The body without one key."""
    return {name: value for name, value in body.items() if name != key}


def fits(profile: Profile, length: int) -> bool:
    """Whether a body with a text of this length is read: Django refuses a larger one with a page of its own."""
    return length < profile.django.DATA_UPLOAD_MAX_MEMORY_SIZE - 500


def tampered(token: str) -> Iterator[str]:
    """Tokens that are nearly this one: another character at the end and in the middle, one less, one more."""
    other = {"0": "1"}
    last, middle = token[-1], len(token) // 2
    yield token[:-1] + other.get(last, "0")
    yield token[:middle] + other.get(token[middle], "0") + token[middle + 1 :]
    yield token[:-1]
    yield token + "0"


def time_shifted(token: str) -> str:
    """A Django token whose time stamp says one second later: its signature does not fit any more."""
    stamp, dash, signature = token.partition("-")
    return f"{stamp[:-1]}{'1' if stamp[-1:] != '1' else '2'}{dash}{signature}"


def misshapen(token: str) -> Iterator[str]:
    """What no Django token looks like: no hyphen, one too many, a time stamp that is no number."""
    stamp, _, signature = token.partition("-")
    yield f"{stamp}{signature}"
    yield f"{token}-{signature}"
    yield f"_-{signature}"


NO_TEXTS: tuple[Any, ...] = (None, "", [], {"a": "b"}, True)
"""What DRF's CharField refuses: null, blank, a list, an object, a boolean (rest_framework/fields.py)."""


def shown(value: Any) -> str:
    """Such a value, as a message names it."""
    return {"None": "null", "''": "an empty text", "[]": "a list", "True": "a boolean"}.get(
        repr(value), "an object"
    )
