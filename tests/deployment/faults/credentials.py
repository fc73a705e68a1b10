"""Credentials that a call is let in with, and should not be, or the other way round."""

from typing import Any

from .accounts import users
from .patching import replaced
from .profiles import BY_EMAIL, EVERYWHERE, SESSIONS
from .registry import fault
from .shapes import around


@fault(
    "jwt-in-the-query",
    "An access token in the query string is taken.",
    breaks="GET /users/me/: a token in the query string opens nothing",
    profiles=BY_EMAIL,
    steps=3,
)
@around("rest_framework_simplejwt.authentication.JWTAuthentication.get_header")
def _(original: Any, self: Any, request: Any) -> Any:
    from rest_framework_simplejwt.settings import api_settings

    sent = request.GET.get("access_token")
    word = api_settings.AUTH_HEADER_TYPES[0]
    return f"{word} {sent}".encode() if sent else original(self, request)


@fault(
    "token-in-the-body",
    "A token in the body of a call is taken where the header has none.",
    breaks="PATCH /users/me/: a token in the body opens nothing",
    steps=3,
)
@around("rest_framework.authentication.TokenAuthentication.authenticate")
def _(original: Any, self: Any, request: Any) -> Any:
    found = original(self, request)
    if found is None and request.method in {"PATCH", "PUT"}:
        data = request.data if isinstance(request.data, dict) else {}
        key = data.get("auth_token")
        return self.authenticate_credentials(key) if isinstance(key, str) and key else None
    return found


@fault(
    "basic-without-password",
    "HTTP Basic asks for a login alone, and takes any password.",
    breaks="GET /users/me/: a wrong password is refused",
    profiles=SESSIONS,
    steps=3,
)
def _() -> None:
    def credentials(self: Any, userid: str, password: str, request: Any = None) -> Any:
        return users().get_by_natural_key(userid), None

    replaced(
        "rest_framework.authentication.BasicAuthentication.authenticate_credentials", credentials
    )


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
    "refresh-as-access",
    "A refresh token is taken as an access token.",
    breaks="GET /users/me/: a refresh token is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    replaced("rest_framework_simplejwt.tokens.Token.verify_token_type", lambda self: None)


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
