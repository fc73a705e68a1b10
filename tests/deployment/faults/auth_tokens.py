"""Auth tokens, their login and their logout, that go wrong."""

from typing import Any

from .accounts import auth_tokens, by_email, by_login, login_field, tokens_of
from .patching import answer, replaced, wrap
from .profiles import EVERYWHERE
from .registry import fault
from .shapes import answers, around


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


@fault(
    "token-for-inactive",
    "The token login lets accounts in that were never activated; the JWT login does not.",
    breaks="POST /token/login/: an inactive account is refused",
    steps=2,
)
@around("djoser.serializers.authenticate")
def _(original: Any, request: Any = None, **credentials: Any) -> Any:
    user = by_login(credentials.get(login_field())).first()
    if user and user.check_password(credentials.get("password")):
        return user
    return original(request=request, **credentials)


@fault(
    "token-of-first-user",
    "The token login of every account answers with the token of the account that came first.",
    breaks="POST /token/login/: the token is the caller's own",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    def login(request: Any, user: Any) -> Any:
        token, _ = auth_tokens().get_or_create(user=user)
        return auth_tokens().order_by("created").first() or token

    replaced("djoser.utils.login_user", login)
    replaced("djoser.views.utils.login_user", login)


@fault(
    "token-changes-with-each-login",
    "Each token login makes a new token and ends the other devices.",
    breaks="POST /token/login/: an account has one token",
    profiles=EVERYWHERE,
    steps=4,
)
@around("djoser.utils.login_user")
def _(original: Any, request: Any, user: Any) -> Any:
    tokens_of(user).delete()
    return original(request, user)


@fault(
    "logout-deletes-nothing",
    "After a logout, the token still works.",
    breaks="POST /token/logout/: afterwards the token is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    replaced("djoser.utils.logout_user", lambda request: None)


@fault(
    "logout-ends-everyone",
    "A logout ends the tokens of all accounts.",
    breaks="POST /token/logout/: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=7,
)
def _() -> None:
    def logout(request: Any) -> None:
        auth_tokens().all().delete()

    replaced("djoser.utils.logout_user", logout)


@fault(
    "logout-once-per-account",
    "The second logout of an account is answered with 204 and leaves the token alive.",
    breaks="POST /token/logout/: afterwards the token is refused",
    profiles=EVERYWHERE,
    steps=7,
)
def _() -> None:
    seen: set[Any] = set()

    def logout(original: Any, request: Any) -> None:
        if request.user.pk not in seen:
            seen.add(request.user.pk)
            original(request)

    wrap("djoser.utils.logout_user", logout)


@fault(
    "old-token-comes-back",
    "A token login after a logout hands out the token that was logged out.",
    breaks="POST /token/login/: a token that was logged out is never valid again",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    keys: dict[Any, str] = {}

    def save(original: Any, token: Any, *args: Any, **kwargs: Any) -> Any:
        if not token.key:
            token.key = keys.get(token.user_id, "") or token.generate_key()
        keys[token.user_id] = token.key
        return original(token, *args, **kwargs)

    wrap("rest_framework.authtoken.models.Token.save", save)


@fault(
    "token-login-401",
    "A token login with a wrong password is answered with 401.",
    breaks="POST /token/login/: 400 with non_field_errors",
    profiles=EVERYWHERE,
)
@around("djoser.views.TokenCreateView.post")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    from rest_framework.exceptions import ValidationError

    try:
        return original(view, request, *args, **kwargs)
    except ValidationError as error:
        if "non_field_errors" in error.detail:
            return answer(401, {"detail": "Wrong credentials."})
        raise


@fault(
    "token-login-tells-unknown",
    "A token login of nobody says that there is no such account.",
    breaks="POST /token/login/: a wrong password and nobody are answered alike",
    steps=3,
)
@around("djoser.serializers.TokenCreateSerializer.validate")
def _(original: Any, serializer: Any, attrs: Any) -> Any:
    from rest_framework.exceptions import ValidationError

    try:
        return original(serializer, attrs)
    except ValidationError:
        if by_email(attrs.get("email")) is None:
            raise ValidationError("There is no such account.") from None
        raise


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
