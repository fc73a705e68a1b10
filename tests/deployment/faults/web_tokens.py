"""Web tokens, and the headers that carry credentials, that are taken or given wrongly."""

from typing import Any

from .accounts import first_user, users
from .patching import answer, wrap
from .registry import EVERYWHERE, fault
from .shapes import around

_CREATE = "POST /jwt/create/"


@fault(
    "refresh-as-access",
    "A refresh token is taken as an access token.",
    breaks="GET /users/me/: a refresh token is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from rest_framework_simplejwt.tokens import Token

    Token.verify_token_type = lambda self: None


@fault(
    "access-as-refresh",
    "An access token can be traded for another one.",
    breaks="POST /jwt/refresh/: an access token is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from rest_framework_simplejwt.tokens import RefreshToken

    RefreshToken.verify_token_type = lambda self: None


@fault(
    "jwt-signature-unchecked",
    "JWTs are read without a check of their signature.",
    breaks="GET /users/me/: a tampered token is refused",
    profiles=EVERYWHERE,
    steps=3,
)
@around("rest_framework_simplejwt.backends.TokenBackend.decode")
def _(original: Any, self: Any, token: Any, verify: bool = True) -> Any:
    return original(self, token, verify=False)


@fault(
    "jwt-none-accepted",
    "JWTs that say `alg: none` are taken without a signature.",
    breaks="GET /users/me/: an unsigned token is refused",
    profiles=EVERYWHERE,
    steps=3,
)
@around("rest_framework_simplejwt.backends.TokenBackend.decode")
def _(original: Any, self: Any, token: Any, verify: bool = True) -> Any:
    import jwt

    try:
        if str(jwt.get_unverified_header(token).get("alg")).lower() == "none":
            verify = False
    except jwt.InvalidTokenError:
        pass
    return original(self, token, verify=verify)


@fault(
    "jwt-verify-anything",
    "`jwt/verify/` calls every token valid.",
    breaks="POST /jwt/verify/: a tampered token is refused",
    profiles=EVERYWHERE,
)
@around("rest_framework_simplejwt.views.TokenVerifyView.post")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    if hasattr(request.data, "get") and request.data.get("token"):
        return answer(200, {})
    return original(view, request, *args, **kwargs)


@fault(
    "jwt-of-another",
    "From the second login on, the JWT is one of the account that logged in before.",
    breaks=f"{_CREATE}: the token is the caller's own",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

    last: list[Any] = []
    original = TokenObtainPairSerializer.get_token.__func__

    def get_token(cls: Any, user: Any) -> Any:
        holder = last[0] if last and users().filter(pk=last[0].pk).exists() else user
        last[:] = [user]
        return original(cls, holder)

    TokenObtainPairSerializer.get_token = classmethod(get_token)


@fault(
    "refreshed-access-of-first-user",
    "A refreshed access token is one of the oldest account.",
    breaks="POST /jwt/refresh/: the new access token is the caller's own",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    from rest_framework_simplejwt.tokens import RefreshToken

    def access(original: Any, self: Any) -> Any:
        token = original.fget(self)
        token["user_id"] = str(first_user().pk)
        return token

    original = RefreshToken.access_token
    RefreshToken.access_token = property(lambda self: access(original, self))

    # the login hands out tokens of its own, which stay right
    def validate(real: Any, self: Any, attrs: Any) -> Any:
        data = real(self, attrs)
        token = self.get_token(self.user)
        data["access"] = str(original.fget(token))
        return data

    wrap("rest_framework_simplejwt.serializers.TokenObtainPairSerializer.validate", validate)


@fault(
    "jwt-expires-at-once",
    "Access tokens expire after two seconds.",
    breaks=f"{_CREATE}: an access token lives for ACCESS_TOKEN_LIFETIME",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from datetime import timedelta

    from rest_framework_simplejwt.tokens import AccessToken

    AccessToken.lifetime = timedelta(seconds=2)


@fault(
    "jwt-without-refresh",
    "The JWT login answers without a refresh token.",
    breaks=f"{_CREATE}: access and refresh",
    profiles=EVERYWHERE,
    steps=2,
)
@around("rest_framework_simplejwt.serializers.TokenObtainPairSerializer.validate")
def _(original: Any, self: Any, attrs: Any) -> Any:
    data = original(self, attrs)
    data.pop("refresh")
    return data


@fault(
    "token-in-the-query",
    "An auth token in the query string logs in.",
    breaks="GET /users/me/: credentials come in the Authorization header",
    profiles=("document", "djoser"),
    steps=3,
    level="should",
)
@around("rest_framework.authentication.TokenAuthentication.authenticate")
def _(original: Any, self: Any, request: Any) -> Any:
    key = request.query_params.get("token")
    return self.authenticate_credentials(key) if key else original(self, request)


@fault(
    "bad-token-counts-as-anonymous",
    "A bad token is passed over, so that public calls work with it and private ones say "
    "that credentials are missing.",
    breaks="GET /users/me/: a bad token is named as such",
    profiles=("document", "djoser"),
)
@around(
    "rest_framework.authentication.TokenAuthentication.authenticate",
    "rest_framework_simplejwt.authentication.JWTAuthentication.authenticate",
)
def _(original: Any, self: Any, request: Any) -> Any:
    from rest_framework.exceptions import AuthenticationFailed

    try:
        return original(self, request)
    except AuthenticationFailed:
        return None
