"""Logins that let in, or keep out, the wrong ones."""

from collections import Counter
from typing import Any

from .accounts import by_login, login_field, sent, users
from .makers import after_jwt_login, logging_in
from .patching import answer, replaced, wrap
from .profiles import BY_EMAIL, EVERYWHERE
from .registry import fault
from .shapes import around


@fault(
    "inactive-logs-in",
    "An account that was never activated can log in.",
    breaks="POST /jwt/create/: an inactive account is refused",
    steps=2,
)
def _() -> None:
    replaced(
        "django.contrib.auth.backends.ModelBackend.user_can_authenticate", lambda self, user: True
    )
    replaced(
        "rest_framework_simplejwt.settings.api_settings.USER_AUTHENTICATION_RULE",
        lambda user: user is not None,
    )
    replaced(
        "rest_framework_simplejwt.authentication.default_user_authentication_rule",
        lambda user: user is not None,
    )


@fault(
    "any-password-at-third-try",
    "The third wrong password in a row logs in.",
    breaks="POST /jwt/create/: a wrong password is refused",
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
    breaks="POST /jwt/create/: a blank password is refused",
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
    breaks="POST /jwt/create/: an unknown name and a wrong password cannot be told apart",
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
    breaks="POST /jwt/create/: a pending account and a wrong password cannot be told apart",
    steps=2,
)
@around("rest_framework_simplejwt.views.TokenObtainPairView.post")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    name = request.data.get("email") if hasattr(request.data, "get") else None
    if isinstance(name, str) and users().filter(email=name, is_active=False).exists():
        return answer(401, {"detail": "This account is not active."})
    return original(view, request, *args, **kwargs)


@fault(
    "login-locks-after-one-failure",
    "One wrong password deactivates the account.",
    breaks="POST /jwt/create/: a refused call changes nothing",
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
    breaks="POST /jwt/create/: the address is compared exactly",
    profiles=BY_EMAIL,
    steps=3,
    level="should",
)
def _() -> None:
    def get(self: Any, username: Any) -> Any:
        return self.get(**{f"{self.model.USERNAME_FIELD}__iexact": username})

    replaced("django.contrib.auth.models.UserManager.get_by_natural_key", get)


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
    "login-is-cached",
    "For a minute after a login, the account logs in with any password.",
    breaks="POST /jwt/create/: a wrong password is refused",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    import time

    fresh: dict[str, float] = {}

    def judge(user: Any, login: Any, password: Any) -> Any:
        if user is not None:
            fresh[login] = time.monotonic() + 60
        elif fresh.get(login, 0) > time.monotonic():
            return by_login(login).filter(is_active=True).first()
        return user

    logging_in(judge)


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
