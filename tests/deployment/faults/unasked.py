"""Faults in what no story had asked for until mutants of Djoser's source showed it."""

from typing import Any

from .patching import action_of, by_uid, on_response, users, wrap
from .registry import fault

_SESSIONS = ("tests/fidelity/profiles/sessions.yaml",)
_USERNAMES = ("tests/fidelity/profiles/usernames.yaml",)
_PASTED = ("tests/fidelity/profiles/pasted.yaml",)


@fault(
    "others-by-id-403",
    "`users/ID/` of another account is forbidden where it should look as if nobody were there.",
    breaks="GET /users/{id}/: 404 where users are hidden",
    steps=5,
)
def _() -> None:
    from djoser.views import UserViewSet
    from rest_framework.views import APIView

    UserViewSet.permission_denied = APIView.permission_denied


@fault(
    "own-id-refused",
    "`users/ID/` is for staff alone, not for the account itself.",
    breaks="GET /users/{id}/: an account reads itself",
    steps=4,
)
def _() -> None:
    from djoser.permissions import CurrentUserOrAdmin

    CurrentUserOrAdmin.has_object_permission = lambda self, request, view, obj: (
        request.user.is_staff
    )


@fault(
    "reset-login-mail-missing",
    "A reset of the login sends no mail.",
    breaks="POST /users/reset_email/: one mail with a link",
    steps=3,
)
def _() -> None:
    from djoser.email import UsernameResetEmail

    UsernameResetEmail.send = lambda self, to, *args, **kwargs: None


@fault(
    "reset-login-keeps-old",
    "A confirmed reset of the login is answered 204 and changes nothing.",
    breaks="POST /users/reset_email_confirm/: sets a new login",
    steps=4,
)
def _() -> None:
    from djoser.serializers import UidAndTokenSerializer

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        values = original(serializer, attrs)
        if serializer.context["view"].action == "reset_username_confirm":
            serializer.user.save = lambda *args, **kwargs: None
        return values

    wrap(UidAndTokenSerializer, "validate", validate)


@fault(
    "reset-login-any-token",
    "A reset of the login takes the token of any account.",
    breaks="POST /users/reset_email_confirm/: another's token is refused",
    steps=4,
)
def _() -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator as Generator
    from djoser.views import UserViewSet

    class OfAnybody(Generator):
        def check_token(self, user: Any, token: Any) -> bool:
            return any(Generator.check_token(self, one, token) for one in users().all())

    def initial(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        original(view, request, *args, **kwargs)
        if view.action == "reset_username_confirm":
            view.token_generator = OfAnybody()

    wrap(UserViewSet, "initial", initial)


@fault(
    "reset-login-retype-optional",
    "A reset of the login does not compare the new login with the retyped one.",
    breaks="POST /users/reset_username_confirm/: another one retyped is refused",
    profiles=_USERNAMES,
    steps=4,
)
def _() -> None:
    from djoser.conf import settings

    settings.USERNAME_RESET_CONFIRM_RETYPE = False


@fault(
    "reset-login-tells",
    "A confirmed reset of the login sends a mail that the settings do not ask for.",
    breaks="POST /users/reset_email_confirm/: no mail",
    steps=4,
)
def _() -> None:
    from djoser.conf import settings

    def change(request: Any, reply: Any, view: Any) -> None:
        if action_of(view) == "reset_username_confirm" and reply.status_code == 204:
            user = by_uid(request.data.get("uid"))
            settings.EMAIL.username_changed_confirmation(request, {"user": user}).send([user.email])

    on_response(change)


@fault(
    "token-login-asks-for-fields",
    "A token login without a password names the field, unlike one with a wrong password.",
    breaks="POST /token/login/: without a password 400 under non_field_errors",
    steps=2,
)
def _() -> None:
    from djoser.serializers import TokenCreateSerializer

    def fields(original: Any, serializer: Any) -> Any:
        found = original(serializer)
        found["password"].required = True
        return found

    wrap(TokenCreateSerializer, "get_fields", fields)


@fault(
    "basic-without-password",
    "HTTP Basic asks for a login alone, and takes any password.",
    breaks="GET /users/me/: a wrong password is refused",
    profiles=_SESSIONS,
    steps=3,
)
def _() -> None:
    from rest_framework.authentication import BasicAuthentication

    def credentials(self: Any, userid: str, password: str, request: Any = None) -> Any:
        return users().get_by_natural_key(userid), None

    BasicAuthentication.authenticate_credentials = credentials


@fault(
    "new-address-stays-active",
    "An account that gives itself another address need not confirm it.",
    breaks="PATCH /users/me/: a new address is activated anew",
    profiles=_PASTED,
    steps=4,
)
def _() -> None:
    from djoser.serializers import UserSerializer
    from rest_framework.serializers import ModelSerializer

    UserSerializer.update = ModelSerializer.update


@fault(
    "new-address-lost-at-activation",
    "The activation of a new address brings the account back without it.",
    breaks="POST /users/activation/: the new address stays",
    profiles=_PASTED,
    steps=5,
)
def _() -> None:
    from djoser.views import UserViewSet

    known: dict[Any, str] = {}

    def update(original: Any, view: Any, serializer: Any, *args: Any, **kwargs: Any) -> None:
        known.setdefault(serializer.instance.pk, serializer.instance.email)
        original(view, serializer, *args, **kwargs)

    def change(request: Any, reply: Any, view: Any) -> None:
        user = by_uid(request.data.get("uid")) if action_of(view) == "activation" else None
        if user is not None and reply.status_code == 204 and user.pk in known:
            users().filter(pk=user.pk).update(email=known[user.pk])

    wrap(UserViewSet, "perform_update", update)
    on_response(change)


@fault(
    "inactive-account-refreshes",
    "An account that waits for the activation of its new address still gets access tokens.",
    breaks="POST /jwt/refresh/: an account that is not active is refused",
    profiles=_PASTED,
    steps=4,
)
def _() -> None:
    from rest_framework_simplejwt.serializers import TokenRefreshSerializer

    def validate(self: Any, attrs: Any) -> Any:
        return {"access": str(self.token_class(attrs["refresh"]).access_token)}

    TokenRefreshSerializer.validate = validate


@fault(
    "refreshed-access-lives-long",
    "An access token that a refresh gives lives as long as the refresh token.",
    breaks="POST /jwt/refresh/: an access token of ACCESS_TOKEN_LIFETIME",
    steps=3,
)
def _() -> None:
    from rest_framework_simplejwt.serializers import TokenRefreshSerializer
    from rest_framework_simplejwt.tokens import RefreshToken

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        values = original(serializer, attrs)
        refresh = RefreshToken(attrs["refresh"])
        access = refresh.access_token
        access["exp"] = refresh["exp"]
        return {**values, "access": str(access)}

    wrap(TokenRefreshSerializer, "validate", validate)


@fault(
    "verify-knows-access-alone",
    "A good refresh token is called invalid by `jwt/verify/`.",
    breaks="POST /jwt/verify/: a good token of either type",
    steps=3,
)
def _() -> None:
    from rest_framework_simplejwt import serializers
    from rest_framework_simplejwt.tokens import AccessToken

    serializers.UntypedToken = AccessToken


@fault(
    "token-without-hyphen",
    "A mail token that has no hyphen in it is taken as good.",
    breaks="POST /users/activation/: a broken token is refused",
    steps=2,
)
def _() -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    def check(original: Any, generator: Any, user: Any, token: Any) -> bool:
        return ("-" not in str(token) and len(str(token)) > 30) or original(generator, user, token)

    wrap(PasswordResetTokenGenerator, "check_token", check)
