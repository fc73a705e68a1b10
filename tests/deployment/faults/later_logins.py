"""Logins and their tokens that go wrong only later on, or that answer too much."""

from collections import Counter
from typing import Any

from .patching import wrap
from .registry import EVERYWHERE, fault
from .shapes import after_jwt_login, answers, around


@fault(
    "refresh-works-once",
    "A refresh token works once, though they do not rotate.",
    breaks="POST /jwt/refresh/: a refresh token works until it expires",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    from rest_framework_simplejwt.exceptions import TokenError

    used: set[str] = set()

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        if attrs["refresh"] in used:
            raise TokenError("Token is blacklisted")
        data = original(serializer, attrs)
        used.add(attrs["refresh"])
        return data

    wrap("rest_framework_simplejwt.serializers.TokenRefreshSerializer.validate", validate)


@fault(
    "refresh-ends-earlier-access",
    "A refresh ends the access token that came with the login.",
    breaks="POST /jwt/refresh/: an access token works until it expires",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    from rest_framework_simplejwt.exceptions import AuthenticationFailed
    from rest_framework_simplejwt.tokens import AccessToken

    newest: dict[Any, str] = {}

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        data = original(serializer, attrs)
        token = AccessToken(data["access"])
        newest[token["user_id"]] = token["jti"]
        return data

    def get_user(original: Any, self: Any, token: Any) -> Any:
        if newest.get(token["user_id"], token["jti"]) != token["jti"]:
            raise AuthenticationFailed("Token is old", code="token_not_valid")
        return original(self, token)

    wrap("rest_framework_simplejwt.serializers.TokenRefreshSerializer.validate", validate)
    wrap("rest_framework_simplejwt.authentication.JWTAuthentication.get_user", get_user)


@fault(
    "verify-refuses-refresh",
    "jwt/verify refuses refresh tokens.",
    breaks="POST /jwt/verify/: any valid token is a 200",
    profiles=EVERYWHERE,
    steps=4,
)
@around("rest_framework_simplejwt.serializers.TokenVerifySerializer.validate")
def _(original: Any, serializer: Any, attrs: Any) -> Any:
    from rest_framework_simplejwt.exceptions import TokenError
    from rest_framework_simplejwt.tokens import UntypedToken

    data = original(serializer, attrs)
    if UntypedToken(attrs["token"])["token_type"] == "refresh":
        raise TokenError("Token has wrong type")
    return data


@fault(
    "verify-answers-claims",
    "jwt/verify answers what the token holds.",
    breaks="POST /jwt/verify/: an empty object",
    profiles=EVERYWHERE,
    steps=4,
)
@around("rest_framework_simplejwt.serializers.TokenVerifySerializer.validate")
def _(original: Any, serializer: Any, attrs: Any) -> Any:
    from rest_framework_simplejwt.tokens import UntypedToken

    original(serializer, attrs)
    return dict(UntypedToken(attrs["token"]).payload)


@fault(
    "second-jwt-login-fails",
    "An account logs in by JWT once, and is a 401 the second time.",
    breaks="POST /jwt/create/: the right password logs in, each time",
    steps=5,
)
def _() -> None:
    from rest_framework_simplejwt.exceptions import AuthenticationFailed

    seen = Counter[Any]()

    def refuse(user: Any) -> None:
        seen[user.pk] += 1
        if seen[user.pk] % 2 == 0:
            raise AuthenticationFailed("No active account found", "no_active_account")

    after_jwt_login(refuse)


@fault(
    "jwt-login-ends-earlier-jwt",
    "A second login by JWT ends the access token of the first.",
    breaks="POST /jwt/create/: an access token works until it expires",
    steps=6,
)
def _() -> None:
    from rest_framework_simplejwt.exceptions import AuthenticationFailed
    from rest_framework_simplejwt.tokens import AccessToken

    since: dict[Any, Any] = {}

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        data = original(serializer, attrs)
        token = AccessToken(data["access"])
        since[token["user_id"]] = token["iat"]
        return data

    def get_user(original: Any, self: Any, token: Any) -> Any:
        if token["iat"] < since.get(token["user_id"], 0):
            raise AuthenticationFailed("Token is old", code="token_not_valid")
        return original(self, token)

    wrap("rest_framework_simplejwt.serializers.TokenObtainPairSerializer.validate", validate)
    wrap("rest_framework_simplejwt.authentication.JWTAuthentication.get_user", get_user)


@fault(
    "login-answers-user",
    "The answer of jwt/create holds the account's address and flags.",
    breaks="POST /jwt/create/: access and refresh, no more",
    profiles=EVERYWHERE,
    steps=3,
)
@around("rest_framework_simplejwt.serializers.TokenObtainPairSerializer.validate")
def _(original: Any, serializer: Any, attrs: Any) -> Any:
    data = original(serializer, attrs)
    return {**data, "email": serializer.user.email, "is_staff": serializer.user.is_staff}


@fault(
    "token-login-answers-id",
    "The answer of token/login holds the account's id.",
    breaks="POST /token/login/: auth_token, no more",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(200, "TokenCreateView")
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "id": 1}
