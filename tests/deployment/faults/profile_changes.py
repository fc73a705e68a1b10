"""Changes of `users/me/` that go wrong."""

from typing import Any

from .patching import on_action, raw_body, users, wrap
from .registry import BY_EMAIL, EVERYWHERE, fault

_ME = "/users/me/"


@fault(
    "put-not-saved",
    "PUT answers with the new data and does not save it.",
    breaks=f"PUT {_ME}: what the server answers equals what it later shows",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    from djoser.views import UserViewSet

    def update(original: Any, view: Any, serializer: Any) -> None:
        if view.request.method != "PUT":
            original(view, serializer)
            return
        for key, value in serializer.validated_data.items():
            setattr(serializer.instance, key, value)

    wrap(UserViewSet, "perform_update", update)


@fault(
    "second-patch-not-saved",
    "An account's second PATCH is answered with the new data and not saved.",
    breaks=f"PATCH {_ME}: what the server answers equals what it later shows",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    from djoser.views import UserViewSet

    seen: set[Any] = set()

    def update(original: Any, view: Any, serializer: Any) -> None:
        user = serializer.instance
        if user.pk not in seen or view.request.method != "PATCH":
            seen.add(user.pk)
            original(view, serializer)
            return
        for key, value in serializer.validated_data.items():
            setattr(user, key, value)

    wrap(UserViewSet, "perform_update", update)


@fault(
    "patch-changes-login",
    "PATCH changes the login name, which is read-only.",
    breaks=f"PATCH {_ME}: the login field is read-only",
    profiles=("document", "djoser"),
    steps=3,
)
def _() -> None:
    @on_action("me")
    def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from django.contrib.auth import get_user_model

        login = get_user_model().USERNAME_FIELD
        value = raw_body(request).get(login)
        if request.method == "PATCH" and isinstance(value, str) and value:
            setattr(request.user, login, value)
            request.user.save()
        return original(view, request, *args, **kwargs)


@fault(
    "patch-writes-password",
    "PATCH writes the password in clear into the user.",
    breaks=f"PATCH {_ME}: a password that is sent along is ignored",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("me")
    def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        password = raw_body(request).get("password")
        if request.method in ("PATCH", "PUT") and isinstance(password, str):
            users().filter(pk=request.user.pk).update(password=password)
        return response


@fault(
    "patch-makes-staff",
    "PATCH writes is_staff when the client sends it.",
    breaks=f"PATCH {_ME}: fields that are not in the contract are ignored",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("me")
    def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        if request.method == "PATCH" and raw_body(request).get("is_staff"):
            users().filter(pk=request.user.pk).update(is_staff=True)
        return response


@fault(
    "patch-deactivates",
    "PATCH writes is_active when the client sends it.",
    breaks=f"PATCH {_ME}: fields that are not in the contract are ignored",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("me")
    def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        active = raw_body(request).get("is_active")
        if request.method == "PATCH" and active is False:
            users().filter(pk=request.user.pk).update(is_active=False)
        return response


@fault(
    "patch-changes-everyone",
    "PATCH writes the name of every account.",
    breaks=f"PATCH {_ME}: nobody changes another's account",
    profiles=BY_EMAIL,
    steps=6,
)
def _() -> None:
    from djoser.views import UserViewSet

    def update(original: Any, view: Any, serializer: Any) -> None:
        original(view, serializer)
        if "name" in serializer.validated_data:
            users().all().update(name=serializer.validated_data["name"])

    wrap(UserViewSet, "perform_update", update)


@fault(
    "empty-patch-clears",
    "A PATCH without fields empties the writable ones.",
    breaks=f"PATCH {_ME}: only the fields that are sent change",
    profiles=BY_EMAIL,
    steps=4,
)
def _() -> None:
    from djoser.views import UserViewSet

    def update(original: Any, view: Any, serializer: Any) -> None:
        if view.request.method == "PATCH" and not serializer.validated_data:
            serializer.validated_data["name"] = ""
        original(view, serializer)

    wrap(UserViewSet, "perform_update", update)


@fault(
    "patch-mails",
    "Every PATCH sends an activation mail (as Djoser 2.1 did).",
    breaks=f"PATCH {_ME}: no mail",
    profiles=BY_EMAIL,
    steps=3,
)
def _() -> None:
    from djoser.views import UserViewSet

    def update(original: Any, view: Any, serializer: Any) -> None:
        from djoser.conf import settings

        original(view, serializer)
        user = serializer.instance
        settings.EMAIL.activation(view.request, {"user": user}).send([user.email])

    wrap(UserViewSet, "perform_update", update)


@fault(
    "name-is-escaped",
    "Texts come back with their angle brackets escaped for HTML.",
    breaks=f"PATCH {_ME}: a text is stored and shown as sent",
    profiles=BY_EMAIL,
    steps=3,
)
def _() -> None:
    from django.utils.html import escape
    from djoser.views import UserViewSet

    def update(original: Any, view: Any, serializer: Any) -> None:
        for key, value in serializer.validated_data.items():
            serializer.validated_data[key] = str(escape(value))
        original(view, serializer)

    wrap(UserViewSet, "perform_update", update)


@fault(
    "name-cut-silently",
    "A text that is too long is cut and stored.",
    breaks=f"PATCH {_ME}: a text over its maximum length is refused",
    profiles=BY_EMAIL,
    steps=3,
)
def _() -> None:
    @on_action("me")
    def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        body = raw_body(request)
        if request.method in ("PATCH", "PUT") and isinstance(body.get("name"), str):
            request._full_data = {**body, "name": body["name"][:255]}
        return original(view, request, *args, **kwargs)


@fault(
    "name-loses-unicode",
    "Characters outside of Latin-1 become question marks.",
    breaks=f"PATCH {_ME}: a text is stored and shown as sent",
    profiles=BY_EMAIL,
    steps=3,
)
def _() -> None:
    from djoser.views import UserViewSet

    def update(original: Any, view: Any, serializer: Any) -> None:
        for key, value in serializer.validated_data.items():
            serializer.validated_data[key] = value.encode("latin-1", "replace").decode("latin-1")
        original(view, serializer)

    wrap(UserViewSet, "perform_update", update)


@fault(
    "put-refused",
    "PUT is answered with 405.",
    breaks=f"PUT {_ME}: updates the account",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from rest_framework.exceptions import MethodNotAllowed

    @on_action("me")
    def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "PUT":
            raise MethodNotAllowed("PUT")
        return original(view, request, *args, **kwargs)


@fault(
    "refused-patch-saves",
    "A PATCH with one good and one bad field saves the good one and answers 400.",
    breaks=f"PATCH {_ME}: a refused call changes nothing",
    profiles=("hypersaas",),
    steps=4,
)
def _() -> None:
    from rest_framework.exceptions import ValidationError

    @on_action("me")
    def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(view, request, *args, **kwargs)
        except ValidationError as error:
            body = raw_body(request)
            if "email" in error.detail and isinstance(body.get("name"), str):
                users().filter(pk=request.user.pk).update(name=body["name"])
            raise
