"""Changes of `users/me/` that go wrong."""

from typing import Any

from .accounts import raw_body, sent, store, users
from .mailing import djoser_mail
from .patching import wrap
from .registry import BY_EMAIL, EVERYWHERE, fault
from .shapes import after, around, before, refused

_ME = "/users/me/"


@fault(
    "put-not-saved",
    "PUT answers with the new data and does not save it.",
    breaks=f"PUT {_ME}: what the server answers equals what it later shows",
    profiles=EVERYWHERE,
    steps=4,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    if view.request.method != "PUT":
        original(view, serializer)
        return
    for key, value in serializer.validated_data.items():
        setattr(serializer.instance, key, value)


@fault(
    "second-patch-not-saved",
    "An account's second PATCH is answered with the new data and not saved.",
    breaks=f"PATCH {_ME}: what the server answers equals what it later shows",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    seen: set[Any] = set()

    def update(original: Any, view: Any, serializer: Any) -> None:
        user = serializer.instance
        if user.pk not in seen or view.request.method != "PATCH":
            seen.add(user.pk)
            original(view, serializer)
            return
        for key, value in serializer.validated_data.items():
            setattr(user, key, value)

    wrap("djoser.views.UserViewSet.perform_update", update)


@fault(
    "patch-changes-login",
    "PATCH changes the login name, which is read-only.",
    breaks=f"PATCH {_ME}: the login field is read-only",
    profiles=("document", "djoser"),
    steps=3,
)
@before("me")
def _(request: Any) -> None:
    from django.contrib.auth import get_user_model

    login = get_user_model().USERNAME_FIELD
    value = raw_body(request).get(login)
    if request.method == "PATCH" and isinstance(value, str) and value:
        setattr(request.user, login, value)
        request.user.save()


@fault(
    "patch-writes-password",
    "PATCH writes the password in clear into the user.",
    breaks=f"PATCH {_ME}: a password that is sent along is ignored",
    profiles=EVERYWHERE,
    steps=4,
)
@after("me")
def _(request: Any, reply: Any) -> None:
    password = sent(request, "password")
    if request.method in ("PATCH", "PUT") and isinstance(password, str):
        store(request.user, password=password)


@fault(
    "patch-makes-staff",
    "PATCH writes is_staff when the client sends it.",
    breaks=f"PATCH {_ME}: fields that are not in the contract are ignored",
    profiles=EVERYWHERE,
    steps=4,
)
@after("me", by=("PATCH",))
def _(request: Any, reply: Any) -> None:
    if sent(request, "is_staff"):
        store(request.user, is_staff=True)


@fault(
    "patch-deactivates",
    "PATCH writes is_active when the client sends it.",
    breaks=f"PATCH {_ME}: fields that are not in the contract are ignored",
    profiles=EVERYWHERE,
    steps=4,
)
@after("me")
def _(request: Any, reply: Any) -> None:
    active = sent(request, "is_active")
    if request.method == "PATCH" and active is False:
        store(request.user, is_active=False)


@fault(
    "patch-changes-everyone",
    "PATCH writes the name of every account.",
    breaks=f"PATCH {_ME}: nobody changes another's account",
    profiles=BY_EMAIL,
    steps=6,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    original(view, serializer)
    if "name" in serializer.validated_data:
        users().all().update(name=serializer.validated_data["name"])


@fault(
    "empty-patch-clears",
    "A PATCH without fields empties the writable ones.",
    breaks=f"PATCH {_ME}: only the fields that are sent change",
    profiles=BY_EMAIL,
    steps=4,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    if view.request.method == "PATCH" and not serializer.validated_data:
        serializer.validated_data["name"] = ""
    original(view, serializer)


@fault(
    "patch-mails",
    "Every PATCH sends an activation mail (as Djoser 2.1 did).",
    breaks=f"PATCH {_ME}: no mail",
    profiles=BY_EMAIL,
    steps=3,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    original(view, serializer)
    user = serializer.instance
    djoser_mail("activation", view.request, user)


@fault(
    "name-is-escaped",
    "Texts come back with their angle brackets escaped for HTML.",
    breaks=f"PATCH {_ME}: a text is stored and shown as sent",
    profiles=BY_EMAIL,
    steps=3,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    from django.utils.html import escape

    for key, value in serializer.validated_data.items():
        serializer.validated_data[key] = str(escape(value))
    original(view, serializer)


@fault(
    "name-cut-silently",
    "A text that is too long is cut and stored.",
    breaks=f"PATCH {_ME}: a text over its maximum length is refused",
    profiles=BY_EMAIL,
    steps=3,
)
@before("me")
def _(request: Any) -> None:
    body = raw_body(request)
    if request.method in ("PATCH", "PUT") and isinstance(body.get("name"), str):
        request._full_data = {**body, "name": body["name"][:255]}


@fault(
    "name-loses-unicode",
    "Characters outside of Latin-1 become question marks.",
    breaks=f"PATCH {_ME}: a text is stored and shown as sent",
    profiles=BY_EMAIL,
    steps=3,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    for key, value in serializer.validated_data.items():
        serializer.validated_data[key] = value.encode("latin-1", "replace").decode("latin-1")
    original(view, serializer)


@fault(
    "put-refused",
    "PUT is answered with 405.",
    breaks=f"PUT {_ME}: updates the account",
    profiles=EVERYWHERE,
    steps=3,
)
@before("me")
def _(request: Any) -> None:
    from rest_framework.exceptions import MethodNotAllowed

    if request.method == "PUT":
        raise MethodNotAllowed("PUT")


@fault(
    "refused-patch-saves",
    "A PATCH with one good and one bad field saves the good one and answers 400.",
    breaks=f"PATCH {_ME}: a refused call changes nothing",
    profiles=("hypersaas",),
    steps=4,
)
@refused("me")
def _(request: Any, error: Any) -> None:
    body = raw_body(request)
    if "email" in error.detail and isinstance(body.get("name"), str):
        store(request.user, name=body["name"])
