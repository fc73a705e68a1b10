"""Web tokens that are given, refreshed or verified wrongly."""

from typing import Any

from .accounts import first_user, users
from .patching import answer, replaced, wrap
from .profiles import EVERYWHERE, PASTED, REVOKING
from .registry import fault
from .shapes import around


@fault(
    "access-as-refresh",
    "An access token can be traded for another one.",
    breaks="POST /jwt/refresh/: an access token is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    replaced("rest_framework_simplejwt.tokens.RefreshToken.verify_token_type", lambda self: None)


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
    breaks="POST /jwt/create/: the token is the caller's own",
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

    replaced(
        "rest_framework_simplejwt.serializers.TokenObtainPairSerializer.get_token",
        classmethod(get_token),
    )


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
    replaced(
        "rest_framework_simplejwt.tokens.RefreshToken.access_token",
        property(lambda self: access(original, self)),
    )

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
    breaks="POST /jwt/create/: an access token lives for ACCESS_TOKEN_LIFETIME",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from datetime import timedelta

    replaced("rest_framework_simplejwt.tokens.AccessToken.lifetime", timedelta(seconds=2))


@fault(
    "jwt-without-refresh",
    "The JWT login answers without a refresh token.",
    breaks="POST /jwt/create/: access and refresh",
    profiles=EVERYWHERE,
    steps=2,
)
@around("rest_framework_simplejwt.serializers.TokenObtainPairSerializer.validate")
def _(original: Any, self: Any, attrs: Any) -> Any:
    data = original(self, attrs)
    data.pop("refresh")
    return data


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
    "refresh-lives-a-year",
    "A refresh token lives a year.",
    breaks="POST /jwt/create/: REFRESH_TOKEN_LIFETIME",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from datetime import timedelta

    replaced("rest_framework_simplejwt.tokens.RefreshToken.lifetime", timedelta(days=365))


@fault(
    "jwt-holds-hash",
    "An access token holds the password's hash, for everybody to read.",
    breaks="POST /jwt/create/: a token tells no hash",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from rest_framework_simplejwt.tokens import Token

    def for_user(original: Any, user: Any) -> Any:
        token = original(user)
        token["pwd"] = user.password
        return token

    original = Token.for_user.__func__
    replaced(
        "rest_framework_simplejwt.tokens.Token.for_user",
        classmethod(lambda cls, user: for_user(lambda one: original(cls, one), user)),
    )


@fault(
    "rotation-gives-access-token",
    "Where refresh tokens rotate, the new one is the access token.",
    breaks="POST /jwt/refresh/: the new refresh token works",
    profiles=REVOKING,
    steps=4,
)
@around("rest_framework_simplejwt.serializers.TokenRefreshSerializer.validate")
def _(original: Any, serializer: Any, attrs: Any) -> Any:
    data = original(serializer, attrs)
    return {**data, "refresh": data["access"]}


@fault(
    "inactive-account-refreshes",
    "An account that waits for the activation of its new address still gets access tokens.",
    breaks="POST /jwt/refresh/: an account that is not active is refused",
    profiles=PASTED,
    steps=4,
)
def _() -> None:
    def validate(self: Any, attrs: Any) -> Any:
        return {"access": str(self.token_class(attrs["refresh"]).access_token)}

    replaced("rest_framework_simplejwt.serializers.TokenRefreshSerializer.validate", validate)


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
    from rest_framework_simplejwt.tokens import AccessToken

    replaced("rest_framework_simplejwt.serializers.UntypedToken", AccessToken)
