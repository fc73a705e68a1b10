"""A deleted account that is not gone, and the next account of its address."""

from typing import Any

from .accounts import by_uid, linked, sent, store, users
from .patching import action_of, answer, on_action, on_response, wrap
from .registry import fault
from .shapes import around, deleting, refused


@fault(
    "jwt-survives-deletion",
    "The access token of a deleted account goes on reading what users/me/ showed last.",
    breaks="DELETE /users/me/: the account's tokens are a 401",
    steps=6,
)
def _() -> None:
    from rest_framework.response import Response

    last: dict[str, Any] = {}

    def change(request: Any, reply: Any, view: Any) -> Any:
        if action_of(view) != "me" or request.method != "GET":
            return None
        token = request.META.get("HTTP_AUTHORIZATION", "")
        if not token.lower().startswith(("jwt", "bearer")):
            return None
        if reply.status_code == 200:
            last[token] = dict(reply.data)
            return None
        if reply.status_code == 401 and token in last:
            return _again(reply, last[token])
        return None

    def _again(reply: Any, data: Any) -> Any:
        reply.data, reply.status_code = data, 200
        assert isinstance(reply, Response)
        return reply

    on_response(change)


@fault(
    "refresh-after-deletion",
    "The refresh token of a deleted account goes on giving access tokens.",
    breaks="DELETE /users/me/: the account's tokens are refused",
    steps=5,
)
@around("rest_framework_simplejwt.serializers.TokenRefreshSerializer.validate")
def _(original: Any, serializer: Any, attrs: Any) -> Any:
    from rest_framework_simplejwt.tokens import RefreshToken

    token = RefreshToken(attrs["refresh"])
    if not users().filter(pk=token["user_id"]).exists():
        return {"access": str(token.access_token)}
    return original(serializer, attrs)


def _deleting(do: Any) -> None:
    """Does `do(user)` instead of deleting an account."""
    wrap("djoser.views.UserViewSet.perform_destroy", lambda original, view, user: do(user))


@fault(
    "delete-renames",
    "A deleted account stays, inactive and with another address.",
    breaks="DELETE /users/me/: the account is gone, and its uid with it",
    steps=5,
)
def _() -> None:
    def do(user: Any) -> None:
        user.email, user.is_active = f"deleted-{user.pk}@example.com", False
        user.set_unusable_password()
        user.save()

    _deleting(do)


@fault(
    "delete-renames-active",
    "A deleted account stays active with another address and no password.",
    breaks="DELETE /users/me/: the account is gone, and its access tokens with it",
    steps=5,
)
def _() -> None:
    def do(user: Any) -> None:
        user.email = f"deleted-{user.pk}@example.com"
        user.set_unusable_password()
        user.save()

    _deleting(do)


@fault(
    "deleted-address-stays-taken",
    "The address of a deleted account cannot register again.",
    breaks="DELETE /users/me/: the address is free",
    steps=5,
)
def _() -> None:
    gone: set[str] = set()
    deleting(lambda user: gone.add(user.email))

    @on_action("create")
    def create(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        if str(sent(request, "email")) in gone:
            return answer(400, {"email": ["user with this email address already exists."]})
        return original(view, request, **kw)


@fault(
    "deleted-uid-tells-token",
    "A mail's link of a deleted account is refused for its token, not for its uid.",
    breaks="POST /users/reset_password_confirm/: an unknown uid is told under uid",
    steps=5,
)
@refused("activation", "reset_password_confirm")
def _(request: Any, error: Any) -> None:
    from rest_framework.exceptions import ValidationError

    uid = sent(request, "uid")
    if isinstance(error.detail, dict) and "uid" in error.detail and uid and not by_uid(uid):
        raise ValidationError({"token": ["Invalid token for given user."]}) from error


@fault(
    "heir-stays-inactive",
    "An address whose account was deleted registers again, and its activation has no effect.",
    breaks="POST /users/activation/: the account can log in, also at an address used before",
    steps=7,
)
def _() -> None:
    gone: set[str] = set()
    deleting(lambda user: gone.add(user.email))

    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        user = linked(request)
        if user and user.email in gone:
            store(user, is_active=False)
        return reply
