"""Accounts that show themselves to others, or let others change them."""

from typing import Any

from .accounts import users
from .patching import wrap
from .registry import EVERYWHERE, fault
from .shapes import around


@fault(
    "list-shows-everyone",
    "The list of users shows every account to everyone who is logged in.",
    breaks="GET /users/: nobody sees another's account",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    from djoser.conf import settings

    settings.HIDE_USERS = False
    from djoser.permissions import CurrentUserOrAdmin

    settings.PERMISSIONS["user_list"] = [CurrentUserOrAdmin]


@fault(
    "anyone-reads-by-id",
    "`users/ID/` shows any account to everyone who is logged in.",
    breaks="GET /users/{id}/: nobody sees another's account",
    profiles=EVERYWHERE,
    steps=5,
)
@around("djoser.views.UserViewSet.check_object_permissions")
def _(original: Any, view: Any, request: Any, obj: Any) -> None:
    if view.action != "retrieve":
        original(view, request, obj)


@fault(
    "anyone-changes-by-id",
    "`users/ID/` lets everyone who is logged in change any account.",
    breaks="PATCH /users/{id}/: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=5,
)
@around("djoser.views.UserViewSet.check_object_permissions")
def _(original: Any, view: Any, request: Any, obj: Any) -> None:
    if view.action not in ("update", "partial_update"):
        original(view, request, obj)


@fault(
    "anonymous-list",
    "The list of users is open to anonymous callers.",
    breaks="GET /users/: refused without credentials",
    profiles=EVERYWHERE,
)
def _() -> None:
    def check(original: Any, view: Any, request: Any) -> None:
        if view.action != "list":
            original(view, request)

    def queryset(original: Any, view: Any) -> Any:
        return users().all() if view.action == "list" else original(view)

    wrap("djoser.views.UserViewSet.check_permissions", check)
    wrap("djoser.views.UserViewSet.get_queryset", queryset)
