"""Calls that are open to more, or to fewer, than the profile's PERMISSIONS say."""

from collections.abc import Callable
from typing import Any

from .profiles import EVERYWHERE, OPEN_HOUSE
from .registry import fault, wrong_setting


def _permission(action: str, *names: str) -> Callable[[dict[str, Any]], None]:
    def change(profile: dict[str, Any]) -> None:
        profile["djoser"]["PERMISSIONS"][action] = list(names)

    return change


wrong_setting(
    "registration-for-staff",
    "Only staff can register users.",
    _permission("user_create", "IsAdminUser"),
    breaks="POST /users/: works without credentials",
    profiles=EVERYWHERE,
)
wrong_setting(
    "reset-needs-login",
    "A password reset needs a logged-in caller.",
    _permission("password_reset", "IsAuthenticated"),
    breaks="POST /users/reset_password/: works without credentials",
    profiles=EVERYWHERE,
)
wrong_setting(
    "reset-confirm-needs-login",
    "Confirming a password reset needs a logged-in caller.",
    _permission("password_reset_confirm", "IsAuthenticated"),
    breaks="POST /users/reset_password_confirm/: works without credentials",
    profiles=EVERYWHERE,
)
wrong_setting(
    "delete-for-staff",
    "Only staff can delete accounts.",
    _permission("user_delete", "IsAdminUser"),
    breaks="DELETE /users/me/: deletes the caller's account",
    profiles=EVERYWHERE,
    steps=3,
)
wrong_setting(
    "me-open",
    "`users/` and `users/me/` are open to anonymous callers.",
    _permission("user", "AllowAny"),
    breaks="GET /users/me/: refused without credentials",
    profiles=EVERYWHERE,
)


def _opens(key: str) -> None:
    """Opens what one of the keys of PERMISSIONS closes."""
    from djoser.conf import settings
    from rest_framework.permissions import AllowAny

    settings.PERMISSIONS[key] = [AllowAny]


@fault(
    "strangers-ask-for-resets",
    "Everybody may ask for a password reset, where the settings leave that to accounts.",
    breaks="POST /users/reset_password/: closed to strangers",
    profiles=OPEN_HOUSE,
)
def _() -> None:
    _opens("password_reset")


@fault(
    "accounts-delete-themselves",
    "Every account may delete itself, where the settings leave that to staff.",
    breaks="DELETE /users/me/: closed to accounts",
    profiles=OPEN_HOUSE,
    steps=3,
)
def _() -> None:
    _opens("user_delete")


@fault(
    "activation-needs-login",
    "Activation needs a logged-in caller.",
    breaks="POST /users/activation/: works without credentials",
    steps=2,
)
def _() -> None:
    from djoser.conf import settings
    from rest_framework.permissions import IsAuthenticated

    settings.PERMISSIONS["activation"] = [IsAuthenticated]
