"""What goes right the first times, and wrong for a later account or at a later call."""

from collections import Counter
from typing import Any

from .accounts import linked, sent, store, users
from .mailing import sending
from .patching import answer, on_action, wrap
from .registry import EVERYWHERE, fault
from .shapes import after_jwt_login, answers, deleting


@fault(
    "third-activation-mail-missing",
    "Every third activation mail does not go out.",
    breaks="POST /users/: one activation mail",
    steps=3,
)
def _() -> None:
    count = Counter[str]()

    def change(send: Any, mail: Any, to: Any) -> None:
        count["mails"] += 1
        if count["mails"] % 3:
            send(to)

    sending("ActivationEmail", change)


@fault(
    "third-reset-request-silent",
    "From an account's third reset request on, no mail comes.",
    breaks="POST /users/reset_password/: one mail",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    count = Counter[Any]()

    def change(send: Any, mail: Any, to: Any) -> None:
        count[to[0]] += 1
        if count[to[0]] < 3:
            send(to)

    sending("PasswordResetEmail", change)


@fault(
    "fourth-registration-refused",
    "Every fourth good registration is refused.",
    breaks="POST /users/: a good registration is a 201",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    count = Counter[str]()

    @on_action("create")
    def create(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        count["made"] += 1
        if count["made"] % 4 == 0:
            users().order_by("-pk").first().delete()
            return answer(400, {"non_field_errors": ["Try again."]})
        return reply


@fault(
    "sixth-account-cannot-log-in",
    "Every sixth account cannot log in by JWT.",
    breaks="POST /jwt/create/: the right password logs in",
    profiles=EVERYWHERE,
    steps=8,
)
def _() -> None:
    from rest_framework_simplejwt.exceptions import AuthenticationFailed

    def refuse(user: Any) -> None:
        if user.pk % 6 == 0:
            raise AuthenticationFailed("No active account found", "no_active_account")

    after_jwt_login(refuse)


@fault(
    "fifth-activation-link-dead",
    "Every fifth activation is refused.",
    breaks="POST /users/activation/: the link activates",
    steps=6,
)
def _() -> None:
    count = Counter[str]()

    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        user = linked(request)
        reply = original(view, request, **kw)
        count["done"] += 1
        if count["done"] % 5 == 0:
            store(user, is_active=False)
            return answer(400, {"token": ["Invalid token for given user."]})
        return reply


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


@fault(
    "refresh-lives-a-year",
    "A refresh token lives a year.",
    breaks="POST /jwt/create/: REFRESH_TOKEN_LIFETIME",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from datetime import timedelta

    from rest_framework_simplejwt.tokens import RefreshToken

    RefreshToken.lifetime = timedelta(days=365)


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

    original = Token.for_user.__func__  # type: ignore[attr-defined]
    Token.for_user = classmethod(  # type: ignore[method-assign,assignment]
        lambda cls, user: for_user(lambda one: original(cls, one), user)
    )


@fault(
    "no-challenge-on-writes",
    "Only a refused GET has a WWW-Authenticate header.",
    breaks="POST /users/set_password/: a 401 has a WWW-Authenticate header",
    profiles=("document", "djoser"),
)
@answers()
def _(request: Any, reply: Any) -> None:
    if request.method != "GET" and reply.has_header("WWW-Authenticate"):
        del reply["WWW-Authenticate"]


@fault(
    "me-allows-post",
    "The Allow header of users/me/ names POST, which is a 405.",
    breaks="POST /users/me/: Allow names the methods there are",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(405)
def _(request: Any, reply: Any) -> None:
    reply["Allow"] = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"


@fault(
    "name-is-composed",
    "A name is stored in Unicode's composed form.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    import unicodedata

    _name(lambda name: unicodedata.normalize("NFC", name))


@fault(
    "name-loses-emoji",
    "A name loses its letters beyond the basic plane.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    _name(lambda name: "".join(letter for letter in name if ord(letter) < 0x10000))


@fault(
    "name-of-digits-is-a-number",
    "A name of digits loses its zeros.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    _name(lambda name: str(int(name)) if name.isdigit() else name)


def _name(change: Any) -> None:
    @on_action("me")
    def me(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        name = sent(request, "name") if request.method == "PATCH" else None
        if isinstance(name, str) and type(request.data) is dict:
            request.data["name"] = change(name)
        return original(view, request, **kw)
