"""Changes of `users/me/` that go wrong."""

from typing import Any

from .accounts import (
    by_email,
    by_token,
    give_password,
    json_body,
    login_field,
    raw_body,
    sent,
    store,
    users,
)
from .mailing import djoser_mail
from .makers import not_saved
from .patching import action_of, answer, on_response, wrap
from .profiles import BY_EMAIL, EVERYWHERE, HYPERSAAS
from .registry import fault
from .shapes import after, around, before, refused


def _written_address(request: Any) -> Any:
    """The address in a PATCH of users/me/, or None."""
    data = request.data if request.method == "PATCH" else None
    return data.get("email") if type(data) is dict else None


@fault(
    "me-drops-bad-address",
    "A PATCH with an address without @ is answered 200, and the address is dropped.",
    breaks="PATCH /users/me/: what is no address is a 400",
    profiles=HYPERSAAS,
    steps=3,
)
@before("me")
def _(request: Any) -> None:
    address = _written_address(request)
    if isinstance(address, str) and "@" not in address:
        del request.data["email"]


@fault(
    "me-drops-taken-address",
    "A PATCH with the address of another account is answered 200, and the address is dropped.",
    breaks="PATCH /users/me/: an address of another account is a 400",
    profiles=HYPERSAAS,
    steps=4,
)
@before("me")
def _(request: Any) -> None:
    owner = by_email(_written_address(request))
    if owner is not None and owner != request.user:
        del request.data["email"]


@fault(
    "me-keeps-old-address",
    "A PATCH shows the new address in its answer, and the old one goes on logging in.",
    breaks="PATCH /users/me/: the new address logs in",
    profiles=HYPERSAAS,
    steps=4,
)
def _() -> None:
    not_saved("me", "email", when=_written_address)


@fault(
    "me-written-by-strangers",
    "A PATCH without credentials is refused, and yet renames the account that read last.",
    breaks="PATCH /users/me/: without credentials nothing changes",
    profiles=HYPERSAAS,
    steps=4,
)
def _() -> None:
    last: dict[str, Any] = {}

    def change(request: Any, reply: Any, view: Any) -> None:
        if action_of(view) != "me":
            return
        if reply.status_code == 200:
            last["pk"] = request.user.pk
        elif request.method == "PATCH" and reply.status_code in {401, 403}:
            name = request.data.get("name") if type(request.data) is dict else None
            if isinstance(name, str):
                users().filter(pk=last.get("pk")).update(name=name[:255])

    on_response(change)


@fault(
    "me-put-without-address",
    "A PUT that lacks the address keeps the one there is.",
    breaks="PUT /users/me/: a missing required field is a 400",
    profiles=HYPERSAAS,
    steps=3,
)
@before("me", by=("PUT",))
def _(request: Any) -> None:
    json_body(request).setdefault("email", request.user.email)


@fault(
    "put-not-saved",
    "PUT answers with the new data and does not save it.",
    breaks="PUT /users/me/: what the server answers equals what it later shows",
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
    breaks="PATCH /users/me/: what the server answers equals what it later shows",
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
    breaks="PATCH /users/me/: the login field is read-only",
    profiles=("document", "djoser"),
    steps=3,
)
@before("me", by=("PATCH",))
def _(request: Any) -> None:
    value = sent(request, login_field())
    if isinstance(value, str) and value:
        setattr(request.user, login_field(), value)
        request.user.save()


@fault(
    "patch-writes-password",
    "PATCH writes the password in clear into the user.",
    breaks="PATCH /users/me/: a password that is sent along is ignored",
    profiles=EVERYWHERE,
    steps=4,
)
@after("me", by=("PUT", "PATCH"))
def _(request: Any, reply: Any) -> None:
    password = sent(request, "password")
    if isinstance(password, str):
        store(request.user, password=password)


@fault(
    "patch-makes-staff",
    "PATCH writes is_staff when the client sends it.",
    breaks="PATCH /users/me/: fields that are not in the contract are ignored",
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
    breaks="PATCH /users/me/: fields that are not in the contract are ignored",
    profiles=EVERYWHERE,
    steps=4,
)
@after("me", by=("PATCH",))
def _(request: Any, reply: Any) -> None:
    if sent(request, "is_active") is False:
        store(request.user, is_active=False)


@fault(
    "patch-changes-everyone",
    "PATCH writes the name of every account.",
    breaks="PATCH /users/me/: nobody changes another's account",
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
    breaks="PATCH /users/me/: only the fields that are sent change",
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
    breaks="PATCH /users/me/: no mail",
    profiles=BY_EMAIL,
    steps=3,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    original(view, serializer)
    djoser_mail("activation", view.request, serializer.instance)


@fault(
    "put-refused",
    "PUT is answered with 405.",
    breaks="PUT /users/me/: updates the account",
    profiles=EVERYWHERE,
    steps=3,
)
@before("me", by=("PUT",))
def _(request: Any) -> None:
    from rest_framework.exceptions import MethodNotAllowed

    raise MethodNotAllowed("PUT")


@fault(
    "refused-patch-saves",
    "A PATCH with one good and one bad field saves the good one and answers 400.",
    breaks="PATCH /users/me/: a refused call changes nothing",
    profiles=("hypersaas",),
    steps=4,
)
@refused("me")
def _(request: Any, error: Any) -> None:
    body = raw_body(request)
    if "email" in error.detail and isinstance(body.get("name"), str):
        store(request.user, name=body["name"])


def _put_writes(field: str, write: Any) -> None:
    """A PUT of users/me/ writes a field that it should ignore."""

    @after("me", by=("PUT",))
    def patch(request: Any, reply: Any) -> None:
        value = sent(request, field)
        if value is not None:
            write(users().get(pk=request.user.pk), value)

    patch()


@fault(
    "put-writes-password",
    "A PUT of users/me/ writes the password, and a PATCH does not.",
    breaks="PUT /users/me/: unknown fields are ignored",
    steps=5,
)
def _() -> None:
    _put_writes("password", give_password)


@fault(
    "put-makes-staff",
    "A PUT of users/me/ takes is_staff, and a PATCH does not.",
    breaks="PUT /users/me/: unknown fields are ignored",
    steps=5,
)
def _() -> None:
    _put_writes("is_staff", lambda user, value: store(user, is_staff=value))


@fault(
    "put-deactivates",
    "A PUT of users/me/ takes is_active, and a PATCH does not.",
    breaks="PUT /users/me/: unknown fields are ignored",
    steps=5,
)
def _() -> None:
    _put_writes("is_active", lambda user, value: store(user, is_active=value))


@fault(
    "put-changes-login",
    "A PUT of users/me/ changes the address, and a PATCH does not.",
    breaks="PUT /users/me/: the login field is read-only",
    steps=5,
)
def _() -> None:
    _put_writes("email", lambda user, value: store(user, email=value))


@fault(
    "patch-renames-namesakes",
    "A PATCH of a name renames every account of the same name.",
    breaks="PATCH /users/me/: changes the caller's account alone",
    steps=6,
)
@around("djoser.views.UserViewSet.me")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    old = request.user.name
    reply = original(view, request, *args, **kwargs)
    if request.method == "PATCH":
        users().filter(name=old).update(name=request.user.name)
    return reply


@fault(
    "put-clears-missing-name",
    "A PUT without a name clears it.",
    breaks="PUT /users/me/: an optional field that is not sent stays",
    steps=5,
)
@before("me", by=("PUT",))
def _(request: Any) -> None:
    json_body(request).setdefault("name", "")


def _writes(request: Any) -> bool:
    return request.method in {"PUT", "PATCH"}


@fault(
    "patch-by-token-not-saved",
    "A PATCH is not saved where the caller has a token, and is where it has a JWT.",
    breaks="PATCH /users/me/: the change is saved",
    steps=5,
)
def _() -> None:
    not_saved("me", "name", when=lambda request: _writes(request) and by_token(request))


@fault(
    "patch-by-jwt-not-saved",
    "A PATCH is not saved where the caller has a JWT, and is where it has a token.",
    breaks="PATCH /users/me/: the change is saved",
    steps=5,
)
def _() -> None:
    not_saved("me", "name", when=lambda request: _writes(request) and not by_token(request))


@fault(
    "form-patch-not-saved",
    "A PATCH with a form is answered 200 and not saved.",
    breaks="PATCH /users/me/: a form counts as JSON does",
    steps=5,
)
def _() -> None:
    def when(request: Any) -> bool:
        return _writes(request) and "json" not in (request.content_type or "")

    not_saved("me", "name", when=when)


@fault(
    "patch-answers-old-name",
    "A PATCH is saved, and its answer shows the old name.",
    breaks="PATCH /users/me/: the answer shows the change",
    steps=4,
)
@around("djoser.views.UserViewSet.me")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    old = request.user.name
    reply = original(view, request, *args, **kwargs)
    return answer(200, {**reply.data, "name": old}) if request.method == "PATCH" else reply
