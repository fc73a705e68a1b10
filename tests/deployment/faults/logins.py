"""Logins, tokens and logouts that go wrong."""

from typing import Any

from .accounts import by_login, login_field, sent, tokens_of, users
from .patching import answer, wrap
from .registry import BY_EMAIL, EVERYWHERE, fault
from .shapes import around, logging_in

_CREATE = "POST /jwt/create/"
_TOKEN = "POST /token/login/"


@fault(
    "inactive-logs-in",
    "An account that was never activated can log in.",
    breaks=f"{_CREATE}: an inactive account is refused",
    steps=2,
)
def _() -> None:
    from django.contrib.auth.backends import ModelBackend
    from rest_framework_simplejwt.settings import api_settings

    ModelBackend.user_can_authenticate = lambda self, user: True
    api_settings.USER_AUTHENTICATION_RULE = lambda user: user is not None
    from rest_framework_simplejwt import authentication

    authentication.default_user_authentication_rule = lambda user: user is not None


@fault(
    "token-for-inactive",
    "The token login lets accounts in that were never activated; the JWT login does not.",
    breaks=f"{_TOKEN}: an inactive account is refused",
    steps=2,
)
@around("djoser.serializers.authenticate")
def _(original: Any, request: Any = None, **credentials: Any) -> Any:
    user = by_login(credentials.get(login_field())).first()
    if user and user.check_password(credentials.get("password")):
        return user
    return original(request=request, **credentials)


@fault(
    "any-password-at-third-try",
    "The third wrong password in a row logs in.",
    breaks=f"{_CREATE}: a wrong password is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    wrong: dict[Any, int] = {}

    def check(original: Any, user: Any, raw: Any) -> Any:
        if original(user, raw):
            wrong.pop(user.pk, None)
            return True
        wrong[user.pk] = wrong.get(user.pk, 0) + 1
        return wrong[user.pk] >= 3

    wrap("django.contrib.auth.base_user.AbstractBaseUser.check_password", check)


@fault(
    "empty-password-logs-in",
    "An empty password logs in by JWT.",
    breaks=f"{_CREATE}: a blank password is refused",
    profiles=EVERYWHERE,
    steps=2,
)
def _() -> None:
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.fields["password"].allow_blank = True

    def check(original: Any, user: Any, raw: Any) -> Any:
        return raw == "" or original(user, raw)

    wrap("rest_framework_simplejwt.serializers.TokenObtainSerializer.__init__", init)
    wrap("django.contrib.auth.base_user.AbstractBaseUser.check_password", check)


@fault(
    "login-tells-unknown",
    "A JWT login with an unknown name is answered with 404.",
    breaks=f"{_CREATE}: an unknown name and a wrong password cannot be told apart",
    profiles=EVERYWHERE,
)
@around("rest_framework_simplejwt.views.TokenObtainPairView.post")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    name = sent(request, login_field())
    complete = isinstance(name, str) and name and sent(request, "password")
    if complete and not by_login(name).exists():
        return answer(404, {"detail": "No such user."})
    return original(view, request, *args, **kwargs)


@fault(
    "login-tells-inactive",
    "A JWT login of a pending account says that the account is not active.",
    breaks=f"{_CREATE}: a pending account and a wrong password cannot be told apart",
    steps=2,
)
@around("rest_framework_simplejwt.views.TokenObtainPairView.post")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    name = request.data.get("email") if hasattr(request.data, "get") else None
    if isinstance(name, str) and users().filter(email=name, is_active=False).exists():
        return answer(401, {"detail": "This account is not active."})
    return original(view, request, *args, **kwargs)


@fault(
    "token-of-first-user",
    "The token login of every account answers with the token of the account that came first.",
    breaks=f"{_TOKEN}: the token is the caller's own",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    from djoser import utils, views

    def login(request: Any, user: Any) -> Any:
        from rest_framework.authtoken.models import Token

        token, _ = Token.objects.get_or_create(user=user)
        return Token.objects.order_by("created").first() or token

    utils.login_user = login
    views.utils.login_user = login


@fault(
    "token-changes-with-each-login",
    "Each token login makes a new token and ends the other devices.",
    breaks=f"{_TOKEN}: an account has one token",
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
    from djoser import utils

    utils.logout_user = lambda request: None


@fault(
    "logout-ends-everyone",
    "A logout ends the tokens of all accounts.",
    breaks="POST /token/logout/: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=7,
)
def _() -> None:
    from djoser import utils

    def logout(request: Any) -> None:
        from rest_framework.authtoken.models import Token

        Token.objects.all().delete()

    utils.logout_user = logout


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
    breaks=f"{_TOKEN}: a token that was logged out is never valid again",
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
    "login-locks-after-one-failure",
    "One wrong password deactivates the account.",
    breaks=f"{_CREATE}: a refused call changes nothing",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    def judge(user: Any, login: Any, password: Any) -> Any:
        if user is None:
            by_login(login).update(is_active=False)
        return user

    logging_in(judge)


@fault(
    "login-any-case",
    "The login takes the address in any case.",
    breaks=f"{_CREATE}: the address is compared exactly",
    profiles=BY_EMAIL,
    steps=3,
    level="should",
)
def _() -> None:
    from django.contrib.auth.models import UserManager

    def get(self: Any, username: Any) -> Any:
        return self.get(**{f"{self.model.USERNAME_FIELD}__iexact": username})

    UserManager.get_by_natural_key = get


@fault(
    "token-login-401",
    "A token login with a wrong password is answered with 401.",
    breaks=f"{_TOKEN}: 400 with non_field_errors",
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
