"""`users/` and `users/{id}/`, which every Djoser serves beside `users/me/`."""

from typing import Any

from .accounts import store, users
from .makers import not_saved
from .patching import answer, replaced, wrap
from .profiles import EVERYWHERE, OPEN_HOUSE
from .registry import fault
from .shapes import after, around, before


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


@fault(
    "own-detail-404",
    "users/{id}/ is a 404 for the caller's own account.",
    breaks="GET /users/{id}/: 200 for the caller's own account",
    steps=4,
)
@before("retrieve")
def _(request: Any) -> None:
    from rest_framework.exceptions import NotFound

    raise NotFound


@fault(
    "own-detail-shows-hash",
    "users/{id}/ shows the password's hash.",
    breaks="GET /users/{id}/: the fields of the profile, no more",
    steps=4,
)
@after("retrieve")
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "password": request.user.password}


@fault(
    "own-list-shows-flags",
    "The list of users shows who is staff.",
    breaks="GET /users/: the fields of the profile, no more",
    steps=4,
)
@after("list")
def _(request: Any, reply: Any) -> None:
    reply.data = [{**one, "is_staff": False, "last_login": None} for one in reply.data]


@fault(
    "list-is-empty",
    "The list of users lacks the caller.",
    breaks="GET /users/: the caller's own account",
    steps=4,
)
@after("list")
def _(request: Any, reply: Any) -> Any:
    return answer(200, [])


@fault(
    "list-in-an-envelope",
    "The list of users is paginated.",
    breaks="GET /users/: a list",
    steps=4,
)
@after("list")
def _(request: Any, reply: Any) -> Any:
    return answer(200, {"count": len(reply.data), "results": reply.data})


@fault(
    "list-shows-the-newest-too",
    "The list of users shows the newest account beside the caller's.",
    breaks="GET /users/: the caller's own account alone",
    steps=5,
)
@around("djoser.views.UserViewSet.get_queryset")
def _(original: Any, view: Any) -> Any:
    if view.action != "list":
        return original(view)
    newest = users().order_by("-pk").first()
    return users().filter(pk__in=[view.request.user.pk, newest.pk])


@fault(
    "own-patch-by-id-not-saved",
    "A PATCH of users/{id}/ is answered 200 and not saved.",
    breaks="PATCH /users/{id}/: the change is saved",
    steps=5,
)
def _() -> None:
    not_saved("partial_update", "name")


@fault(
    "own-patch-by-id-makes-staff",
    "A PATCH of users/{id}/ takes is_staff, and then everybody is listed.",
    breaks="PATCH /users/{id}/: unknown fields are ignored",
    steps=5,
)
@after("partial_update")
def _(request: Any, reply: Any) -> None:
    if "is_staff" in request.data:
        store(request.user, is_staff=True)


@fault(
    "own-patch-by-id-changes-login",
    "A PATCH of users/{id}/ changes the address.",
    breaks="PATCH /users/{id}/: the login field is read-only",
    steps=5,
)
@after("partial_update", "update")
def _(request: Any, reply: Any) -> None:
    address = request.data.get("email")
    if isinstance(address, str):
        store(request.user, email=address)


@fault(
    "own-put-by-id-405",
    "A PUT of users/{id}/ is a 405.",
    breaks="PUT /users/{id}/: 200 for the caller's own account",
    steps=4,
)
@before("update")
def _(request: Any) -> None:
    from rest_framework.exceptions import MethodNotAllowed

    raise MethodNotAllowed(request.method)


@fault(
    "anyone-deletes-by-id",
    "DELETE of users/{id}/ with the caller's own password deletes another account.",
    breaks="DELETE /users/{id}/: another account is refused",
    steps=5,
)
@around("djoser.permissions.CurrentUserOrAdmin.has_object_permission")
def _(original: Any, self: Any, request: Any, view: Any, obj: Any) -> bool:
    return request.method == "DELETE" or bool(original(self, request, view, obj))


@fault(
    "own-delete-by-id-without-password",
    "DELETE of users/{id}/ needs no password.",
    breaks="DELETE /users/{id}/: a missing current password is a 400",
    steps=4,
)
@before("destroy")
def _(request: Any) -> Any:
    of_path = next(iter(request.parser_context["kwargs"].values()), "")
    if str(of_path) != str(request.user.pk):
        return None
    request.user.delete()
    return answer(204)


@fault(
    "own-delete-by-id-does-nothing",
    "DELETE of users/{id}/ is answered 204 and deletes nothing.",
    breaks="DELETE /users/{id}/: the account is gone",
    steps=5,
)
@around("djoser.views.UserViewSet.perform_destroy")
def _(original: Any, view: Any, instance: Any) -> None:
    if view.action != "destroy":
        original(view, instance)


@fault(
    "others-by-id-403",
    "`users/ID/` of another account is forbidden where it should look as if nobody were there.",
    breaks="GET /users/{id}/: 404 where users are hidden",
    steps=5,
)
def _() -> None:
    from rest_framework.views import APIView

    replaced("djoser.views.UserViewSet.permission_denied", APIView.permission_denied)


@fault(
    "own-id-refused",
    "`users/ID/` is for staff alone, not for the account itself.",
    breaks="GET /users/{id}/: an account reads itself",
    steps=4,
)
def _() -> None:
    replaced(
        "djoser.permissions.CurrentUserOrAdmin.has_object_permission",
        lambda self, request, view, obj: request.user.is_staff,
    )


@fault(
    "others-hidden-in-list",
    "The list of users shows an account itself alone, where users are not hidden.",
    breaks="GET /users/: shows other accounts",
    profiles=OPEN_HOUSE,
    steps=5,
)
@around("djoser.views.UserViewSet.get_queryset")
def _(original: Any, view: Any) -> Any:
    found = original(view)
    return found.filter(pk=view.request.user.pk) if view.action == "list" else found


@fault(
    "readers-write-others",
    "Who may read another account may change it too.",
    breaks="PATCH /users/{id}/: others read alone",
    profiles=OPEN_HOUSE,
    steps=5,
)
def _() -> None:
    replaced(
        "djoser.permissions.CurrentUserOrAdminOrReadOnly.has_object_permission",
        lambda self, request, view, obj: True,
    )
