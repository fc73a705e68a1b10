"""`users/` and `users/{id}/`, which every Djoser serves beside `users/me/`."""

from typing import Any

from .patching import answer, on_action, users, wrap
from .registry import fault


def _own(request: Any, kw: Any) -> bool:
    """Whether a call of `users/{id}/` is about its caller."""
    return str(next(iter(kw.values()), "")) == str(request.user.pk)


@fault(
    "own-detail-404",
    "users/{id}/ is a 404 for the caller's own account.",
    breaks="GET /users/{id}/: 200 for the caller's own account",
    steps=4,
)
def _() -> None:
    @on_action("retrieve")
    def retrieve(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from rest_framework.exceptions import NotFound

        if view.action == "retrieve":
            raise NotFound
        return original(view, request, **kw)


@fault(
    "own-detail-shows-hash",
    "users/{id}/ shows the password's hash.",
    breaks="GET /users/{id}/: the fields of the profile, no more",
    steps=4,
)
def _() -> None:
    @on_action("retrieve")
    def retrieve(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        if view.action == "retrieve":
            reply.data = {**reply.data, "password": request.user.password}
        return reply


@fault(
    "own-list-shows-flags",
    "The list of users shows who is staff.",
    breaks="GET /users/: the fields of the profile, no more",
    steps=4,
)
def _() -> None:
    @on_action("list")
    def listed(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        reply.data = [{**one, "is_staff": False, "last_login": None} for one in reply.data]
        return reply


@fault(
    "list-is-empty",
    "The list of users lacks the caller.",
    breaks="GET /users/: the caller's own account",
    steps=4,
)
def _() -> None:
    @on_action("list")
    def listed(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        original(view, request, **kw)
        return answer(200, [])


@fault(
    "list-in-an-envelope",
    "The list of users is paginated.",
    breaks="GET /users/: a list",
    steps=4,
)
def _() -> None:
    @on_action("list")
    def listed(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        return answer(200, {"count": len(reply.data), "results": reply.data})


@fault(
    "list-shows-the-newest-too",
    "The list of users shows the newest account beside the caller's.",
    breaks="GET /users/: the caller's own account alone",
    steps=5,
)
def _() -> None:
    from djoser.views import UserViewSet

    def queryset(original: Any, view: Any) -> Any:
        if view.action != "list":
            return original(view)
        newest = users().order_by("-pk").first()
        return users().filter(pk__in=[view.request.user.pk, newest.pk])

    wrap(UserViewSet, "get_queryset", queryset)


@fault(
    "own-patch-by-id-not-saved",
    "A PATCH of users/{id}/ is answered 200 and not saved.",
    breaks="PATCH /users/{id}/: the change is saved",
    steps=5,
)
def _() -> None:
    @on_action("partial_update")
    def partial_update(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        old = request.user.name
        reply = original(view, request, **kw)
        if view.action == "partial_update":
            users().filter(pk=request.user.pk).update(name=old)
        return reply


@fault(
    "own-patch-by-id-makes-staff",
    "A PATCH of users/{id}/ takes is_staff, and then everybody is listed.",
    breaks="PATCH /users/{id}/: unknown fields are ignored",
    steps=5,
)
def _() -> None:
    @on_action("partial_update")
    def partial_update(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        if "is_staff" in request.data and view.action == "partial_update":
            users().filter(pk=request.user.pk).update(is_staff=True)
        return reply


@fault(
    "own-patch-by-id-changes-login",
    "A PATCH of users/{id}/ changes the address.",
    breaks="PATCH /users/{id}/: the login field is read-only",
    steps=5,
)
def _() -> None:
    @on_action("partial_update", "update")
    def update(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        address = request.data.get("email")
        if view.action in {"partial_update", "update"} and isinstance(address, str):
            users().filter(pk=request.user.pk).update(email=address)
        return reply


@fault(
    "own-put-by-id-405",
    "A PUT of users/{id}/ is a 405.",
    breaks="PUT /users/{id}/: 200 for the caller's own account",
    steps=4,
)
def _() -> None:
    @on_action("update")
    def update(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        if view.action == "update":
            view.http_method_not_allowed(request)
        return original(view, request, **kw)


@fault(
    "anyone-deletes-by-id",
    "DELETE of users/{id}/ with the caller's own password deletes another account.",
    breaks="DELETE /users/{id}/: another account is refused",
    steps=5,
)
def _() -> None:
    from djoser.permissions import CurrentUserOrAdmin

    def allowed(original: Any, self: Any, request: Any, view: Any, obj: Any) -> bool:
        return request.method == "DELETE" or bool(original(self, request, view, obj))

    wrap(CurrentUserOrAdmin, "has_object_permission", allowed)


@fault(
    "own-delete-by-id-without-password",
    "DELETE of users/{id}/ needs no password.",
    breaks="DELETE /users/{id}/: a missing current password is a 400",
    steps=4,
)
def _() -> None:
    @on_action("destroy")
    def destroy(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        if view.action == "destroy" and _own(request, kw):
            request.user.delete()
            return answer(204)
        return original(view, request, **kw)


@fault(
    "own-delete-by-id-does-nothing",
    "DELETE of users/{id}/ is answered 204 and deletes nothing.",
    breaks="DELETE /users/{id}/: the account is gone",
    steps=5,
)
def _() -> None:
    from djoser.views import UserViewSet

    def perform_destroy(original: Any, view: Any, instance: Any) -> None:
        if view.action != "destroy":
            original(view, instance)

    wrap(UserViewSet, "perform_destroy", perform_destroy)
