"""DRF's and Djoser's permission classes, by name (rest_framework/permissions.py, djoser/permissions.py)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from authspec_mock.core.accounts import User
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import Forbidden, NotFound, Unauthenticated

if TYPE_CHECKING:
    from authspec_mock.core.call import Call

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def _anyone(call: "Call", method: str) -> bool:
    return True


def _signed_in(call: "Call", method: str) -> bool:
    return call.user is not None


def _staff(call: "Call", method: str) -> bool:
    return call.user is not None and call.user.is_staff


def _signed_in_or_reading(call: "Call", method: str) -> bool:
    return method in SAFE_METHODS or call.user is not None


def _any_object(call: "Call", method: str, found: User) -> bool:
    return True


def _own_or_staff(call: "Call", method: str, found: User) -> bool:
    return call.user is not None and (call.user.is_staff or call.user is found)


def _own_or_reading(call: "Call", method: str, found: User) -> bool:
    if call.user is found or method in SAFE_METHODS:
        return True
    return call.user is not None and call.user.is_staff


AtAll = Callable[["Call", str], bool]
ForObject = Callable[["Call", str, User], bool]
PERMISSIONS: dict[str, tuple[AtAll, ForObject]] = {
    "AllowAny": (_anyone, _any_object),
    "IsAuthenticated": (_signed_in, _any_object),
    "IsAdminUser": (_staff, _any_object),
    "IsAuthenticatedOrReadOnly": (_signed_in_or_reading, _any_object),
    "CurrentUserOrAdmin": (_signed_in, _own_or_staff),
    "CurrentUserOrAdminOrReadOnly": (_signed_in, _own_or_reading),
}
_HIDDEN = frozenset({"update", "partial_update", "list", "retrieve"})
_KEYS = {
    "create": "user_create",
    "activation": "activation",
    "resend_activation": "password_reset",
    "list": "user_list",
    "reset_password": "password_reset",
    "reset_password_confirm": "password_reset_confirm",
    "set_password": "set_password",
    "set_username": "set_username",
    "reset_username": "username_reset",
    "reset_username_confirm": "username_reset_confirm",
    "destroy": "user_delete",
    "token_create": "token_create",
    "token_destroy": "token_destroy",
}


def permission_key(action: str | None, method: str) -> str:
    """The key of Djoser's PERMISSIONS for an action (djoser/views.py get_permissions)."""
    if action == "me" and method == "DELETE":
        return "user_delete"
    return _KEYS.get(action or "", "user")


class Permissions(Part):
    """Decides who may do what."""

    def check(self, call: "Call", names: tuple[str, ...]) -> None:
        """Raises Rejection unless every class lets the call through."""
        for name in names:
            if not PERMISSIONS[name][0](call, call.method):
                self.refuse(call)

    def names(self, call: "Call") -> tuple[str, ...]:
        """The classes of a viewset's action."""
        return self.world.profile.permission(permission_key(call.action, call.method))

    def allow_object(self, call: "Call", found: User) -> bool:
        """Whether every class allows this call for that user."""
        return all(PERMISSIONS[name][1](call, call.method, found) for name in self.names(call))

    def refuse(self, call: "Call") -> NoReturn:
        """UserViewSet.permission_denied: hidden users are not there, save for DELETE."""
        if call.user is None:
            raise Unauthenticated
        if self.world.profile.djoser.HIDE_USERS and call.action in _HIDDEN:
            raise NotFound
        raise Forbidden
