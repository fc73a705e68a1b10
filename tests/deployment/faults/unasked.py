"""Faults in what no story had asked for until mutants of Djoser's source showed it."""

from typing import Any

from .accounts import linked, store, users
from .mailing import djoser_mail
from .patching import action_of, on_response, wrap
from .registry import fault, wrong_setting
from .shapes import answers, around

_SESSIONS = ("tests/fidelity/profiles/sessions.yaml",)
_USERNAMES = ("tests/fidelity/profiles/usernames.yaml",)
_PASTED = ("tests/fidelity/profiles/pasted.yaml",)
_OPEN_HOUSE = ("tests/fidelity/profiles/open-house.yaml",)


def _opens(key: str) -> None:
    """Opens what one of the keys of PERMISSIONS closes."""
    from djoser.conf import settings
    from rest_framework.permissions import AllowAny

    settings.PERMISSIONS[key] = [AllowAny]


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
    "reset-login-any-token",
    "A reset of the login takes the token of any account.",
    breaks="POST /users/reset_email_confirm/: another's token is refused",
    steps=4,
)
def _() -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator as Generator

    class OfAnybody(Generator):
        def check_token(self, user: Any, token: Any) -> bool:
            return any(Generator.check_token(self, one, token) for one in users().all())

    def initial(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        original(view, request, *args, **kwargs)
        if view.action == "reset_username_confirm":
            view.token_generator = OfAnybody()

    wrap("djoser.views.UserViewSet.initial", initial)


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
@answers(204, "reset_username_confirm")
def _(request: Any, reply: Any) -> None:
    user = linked(request)
    djoser_mail("username_changed_confirmation", request, user)


@fault(
    "token-login-asks-for-fields",
    "A token login without a password names the field, unlike one with a wrong password.",
    breaks="POST /token/login/: without a password 400 under non_field_errors",
    steps=2,
)
@around("djoser.serializers.TokenCreateSerializer.get_fields")
def _(original: Any, serializer: Any) -> Any:
    found = original(serializer)
    found["password"].required = True
    return found


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
    known: dict[Any, str] = {}

    def update(original: Any, view: Any, serializer: Any, *args: Any, **kwargs: Any) -> None:
        known.setdefault(serializer.instance.pk, serializer.instance.email)
        original(view, serializer, *args, **kwargs)

    def change(request: Any, reply: Any, view: Any) -> None:
        user = linked(request) if action_of(view) == "activation" else None
        if user is not None and reply.status_code == 204 and user.pk in known:
            store(user, email=known[user.pk])

    wrap("djoser.views.UserViewSet.perform_update", update)
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
@around("rest_framework_simplejwt.serializers.TokenRefreshSerializer.validate")
def _(original: Any, serializer: Any, attrs: Any) -> Any:
    from rest_framework_simplejwt.tokens import RefreshToken

    values = original(serializer, attrs)
    refresh = RefreshToken(attrs["refresh"])
    access = refresh.access_token
    access["exp"] = refresh["exp"]
    return {**values, "access": str(access)}


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
@around("django.contrib.auth.tokens.PasswordResetTokenGenerator.check_token")
def _(original: Any, generator: Any, user: Any, token: Any) -> bool:
    return ("-" not in str(token) and len(str(token)) > 30) or original(generator, user, token)


@fault(
    "strangers-ask-for-resets",
    "Everybody may ask for a password reset, where the settings leave that to accounts.",
    breaks="POST /users/reset_password/: closed to strangers",
    profiles=_OPEN_HOUSE,
)
def _() -> None:
    _opens("password_reset")


@fault(
    "accounts-delete-themselves",
    "Every account may delete itself, where the settings leave that to staff.",
    breaks="DELETE /users/me/: closed to accounts",
    profiles=_OPEN_HOUSE,
    steps=3,
)
def _() -> None:
    _opens("user_delete")


@fault(
    "others-hidden-in-list",
    "The list of users shows an account itself alone, where users are not hidden.",
    breaks="GET /users/: shows other accounts",
    profiles=_OPEN_HOUSE,
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
    profiles=_OPEN_HOUSE,
    steps=5,
)
def _() -> None:
    from djoser.permissions import CurrentUserOrAdminOrReadOnly

    CurrentUserOrAdminOrReadOnly.has_object_permission = lambda self, request, view, obj: True


@fault(
    "token-word-in-small-letters",
    "`Authorization: token …` is refused, as the word is compared letter by letter.",
    breaks="GET /users/me/: a token behind the word in any letters",
    steps=3,
)
@around("rest_framework.authentication.TokenAuthentication.authenticate")
def _(original: Any, scheme: Any, request: Any) -> Any:
    if request.META.get("HTTP_AUTHORIZATION", "").startswith("token"):
        return None
    return original(scheme, request)


@fault(
    "token-with-more-words",
    "A token is taken whatever follows it in the header.",
    breaks="GET /users/me/: a header of three words is refused",
    steps=3,
)
@around("rest_framework.authentication.TokenAuthentication.authenticate")
def _(original: Any, scheme: Any, request: Any) -> Any:
    words = request.META.get("HTTP_AUTHORIZATION", "").split()
    if len(words) > 2 and words[0] == "Token":
        return scheme.authenticate_credentials(words[1])
    return original(scheme, request)


@fault(
    "jwt-with-more-words",
    "An access token is taken whatever follows it in the header.",
    breaks="GET /users/me/: a header of three words is refused",
    steps=3,
)
@around("rest_framework_simplejwt.authentication.JWTAuthentication.get_raw_token")
def _(original: Any, scheme: Any, header: bytes) -> Any:
    return original(scheme, b" ".join(header.split()[:2]))


@fault(
    "password-like-address",
    "A password that is the account's address is taken, where the login is another name.",
    breaks="POST /users/: a password like an attribute is refused",
    profiles=("djoser",),
)
@around("django.contrib.auth.password_validation.UserAttributeSimilarityValidator.__init__")
def _(original: Any, validator: Any, *args: Any, **kwargs: Any) -> None:
    original(validator, *args, **kwargs)
    validator.user_attributes = ("username", "first_name", "last_name")


def _longer_passwords(profile: dict[str, Any]) -> None:
    for validator in profile["password_validators"]:
        if validator["name"] == "MinimumLength":
            validator["number"] = 10


wrong_setting(
    "passwords-of-ten",
    "Passwords must have ten characters, and the profile says eight.",
    _longer_passwords,
    breaks="POST /users/reset_password_confirm/: a password of the least length is taken",
)


@fault(
    "site-called-none",
    "Mails call the site None, as its name is not looked up.",
    breaks="Every mail: the places of its template are filled",
    steps=2,
)
@around("djoser.email.BaseEmailMessage.get_context_data")
def _(original: Any, mail: Any, **kwargs: Any) -> Any:
    return {**original(mail, **kwargs), "site_name": None}


@fault(
    "change-mail-resets",
    "The mail that tells of a changed password is the one that resets it, link and all.",
    breaks="POST /users/set_password/: a mail without a token",
    profiles=_USERNAMES,
    steps=4,
)
def _() -> None:
    from djoser.conf import settings
    from djoser.email import PasswordResetEmail

    settings.EMAIL["password_changed_confirmation"] = PasswordResetEmail
