"""A deleted account that is not gone, and the next account of its address."""

from typing import Any

from .accounts import (
    addressed,
    by_email,
    by_login,
    by_uid,
    first_user,
    give_password,
    linked,
    mail_token,
    sent,
    store,
    uid_of,
    users,
)
from .mailing import sending
from .makers import created, deleting
from .patching import action_of, answer, on_action, on_response, wrap
from .profiles import BY_EMAIL, EVERYWHERE
from .registry import fault
from .shapes import around, refused


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


@fault(
    "delete-renames",
    "A deleted account stays, inactive and with another address.",
    breaks="DELETE /users/me/: the account is gone, and its uid with it",
    steps=5,
)
@around("djoser.views.UserViewSet.perform_destroy")
def _(original: Any, view: Any, user: Any) -> None:
    user.email, user.is_active = f"deleted-{user.pk}@example.com", False
    user.set_unusable_password()
    user.save()


@fault(
    "delete-renames-active",
    "A deleted account stays active with another address and no password.",
    breaks="DELETE /users/me/: the account is gone, and its access tokens with it",
    steps=5,
)
@around("djoser.views.UserViewSet.perform_destroy")
def _(original: Any, view: Any, user: Any) -> None:
    user.email = f"deleted-{user.pk}@example.com"
    user.set_unusable_password()
    user.save()


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


@fault(
    "reregistration-restores-name",
    "Who registers a deleted address again gets the deleted account's name.",
    breaks="POST /users/: a new account has nothing of a deleted one",
    profiles=BY_EMAIL,
    steps=7,
)
def _() -> None:
    names: dict[str, str] = {}

    def restore(user: Any, sent: Any) -> None:
        user.name = names.get(user.email, user.name)

    deleting(lambda user: names.update({user.email: user.name}))
    created(restore)


@fault(
    "reregistration-restores-password",
    "Who registers a deleted address again gets the deleted account's password.",
    breaks="POST /users/: the new account can log in with its own password",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    hashes: dict[str, str] = {}

    def restore(user: Any, sent: Any) -> None:
        user.password = hashes.get(user.get_username(), user.password)

    deleting(lambda user: hashes.update({user.get_username(): user.password}))
    created(restore)


@fault(
    "reregistration-active-at-once",
    "Who registers a deleted address again is active without opening a link.",
    breaks="POST /users/: an account is inactive until its link is opened",
    steps=6,
)
def _() -> None:
    known: set[str] = set()

    def activate(user: Any, sent: Any) -> None:
        user.is_active = user.is_active or user.email in known

    deleting(lambda user: known.add(user.email))
    created(activate)


@fault(
    "deleted-account-can-be-reset",
    "A password reset for a deleted address brings its account back.",
    breaks="POST /users/reset_password/: a deleted account gets no mail",
    profiles=BY_EMAIL,
    steps=5,
)
def _() -> None:
    gone: dict[str, str] = {}
    deleting(lambda user: gone.update({user.email: user.password}))

    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        address = sent(request, "email")
        if isinstance(address, str) and address in gone and by_email(address) is None:
            users().create(email=address, password=gone[address])
        return original(view, request, *args, **kwargs)


@fault(
    "tokens-survive-deletion",
    "JWTs of a deleted account are taken as those of the oldest account.",
    breaks="DELETE /users/me/: afterwards the account's tokens are refused",
    profiles=EVERYWHERE,
    steps=4,
)
@around("rest_framework_simplejwt.authentication.JWTAuthentication.get_user")
def _(original: Any, self: Any, token: Any) -> Any:
    from rest_framework.exceptions import AuthenticationFailed

    try:
        return original(self, token)
    except AuthenticationFailed:
        if users().filter(pk=token.get("user_id")).exists():
            raise
        survivor = first_user()
        if survivor is None:
            raise
        return survivor


@fault(
    "ids-are-reused",
    "A new account gets the id of a deleted one, so that old tokens open it.",
    breaks="DELETE /users/me/: afterwards the account's credentials are refused",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    free: list[Any] = []

    def create(original: Any, serializer: Any, data: Any) -> Any:
        if free:
            data = {**data, "id": free.pop()}
        return original(serializer, data)

    deleting(lambda user: free.append(user.pk))
    wrap("djoser.serializers.UserCreateMixin.perform_create", create)


@fault(
    "former-token-for-the-heir",
    "Who registers a deleted login again gets the deleted account's auth token.",
    breaks="POST /token/login/: a new account gets a token of its own",
    profiles=EVERYWHERE,
    steps=7,
)
def _() -> None:
    keys: dict[str, str] = {}

    def save(original: Any, token: Any, *args: Any, **kwargs: Any) -> Any:
        name = token.user.get_username()
        if not token.key:
            token.key = keys.get(name, "") or token.generate_key()
        keys[name] = token.key
        return original(token, *args, **kwargs)

    wrap("rest_framework.authtoken.models.Token.save", save)


@fault(
    "heir-keeps-the-old-reset-link",
    "A reset link of a deleted account works for the account that has its login afterwards.",
    breaks="DELETE /users/me/: afterwards the account's reset links are dead",
    profiles=EVERYWHERE,
    steps=8,
)
def _() -> None:
    gone: dict[str, str] = {}
    tokens: dict[str, str] = {}
    deleting(lambda user: gone.update({uid_of(user): user.get_username()}))

    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = addressed(request)
        if user is not None and user.is_active:
            tokens[mail_token(user)] = user.get_username()
        return original(view, request, *args, **kwargs)

    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        name = gone.get(str(sent(request, "uid")))
        heir = by_login(name).first() if name else None
        if heir is None or tokens.get(str(sent(request, "token"))) != name:
            return original(view, request, *args, **kwargs)
        give_password(heir, sent(request, "new_password"))
        return answer(204)


@fault(
    "heir-gets-no-activation-mail",
    "An address whose account was deleted gets no activation mail when it registers again.",
    breaks="POST /users/: one activation mail, also for an address that had an account before",
    steps=6,
)
def _() -> None:
    gone: set[str] = set()
    deleting(lambda user: gone.add(user.email))
    sending("ActivationEmail", lambda send, mail, to: None if to[0] in gone else send(to))


@fault(
    "heir-takes-the-refresh-token",
    "A deleted account's refresh token opens the account that takes its address.",
    breaks="POST /jwt/refresh/: refused for an account that is gone",
    steps=7,
)
def _() -> None:
    from rest_framework_simplejwt.tokens import RefreshToken

    gone: dict[str, str] = {}

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        token = RefreshToken(attrs["refresh"])
        heir = users().filter(email=gone.get(str(token["user_id"]), "-")).first()
        if heir is not None:
            return {"access": str(RefreshToken.for_user(heir).access_token)}
        return original(serializer, attrs)

    deleting(lambda user: gone.update({str(user.pk): user.email}))
    wrap("rest_framework_simplejwt.serializers.TokenRefreshSerializer.validate", validate)
