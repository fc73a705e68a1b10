"""Calls that change what they should have left alone."""

from typing import Any

from .accounts import auth_tokens, by_email, linked, store, tokens_of
from .makers import after_jwt_login
from .patching import action_of, on_response, wrap
from .profiles import EVERYWHERE
from .registry import fault
from .shapes import after


def _delete_tokens(user: Any) -> None:
    tokens_of(user).delete()


def _after(action: str, ok: bool, do: Any) -> None:
    """Does `do(user)` after this action succeeded, or was refused with a 400."""

    def change(request: Any, reply: Any, view: Any) -> None:
        right = reply.status_code < 300 if ok else reply.status_code == 400
        if action_of(view) == action and right and request.user and request.user.pk:
            do(request.user)

    on_response(change)


def _nameless(user: Any) -> None:
    store(user, name="")


for _action, _name in (("set_password", "password-change"), ("set_username", "address-change")):

    @fault(
        f"{_name}-clears-name",
        f"{_action} clears the account's name.",
        breaks=f"POST /users/{_action}/: nothing else changes",
        steps=5,
    )
    def _(action: str = _action) -> None:
        _after(action, True, _nameless)

    @fault(
        f"refused-{_name}-clears-name",
        f"A refused {_action} clears the account's name.",
        breaks=f"POST /users/{_action}/: what is refused changes nothing",
        steps=5,
    )
    def _(action: str = _action) -> None:
        _after(action, False, _nameless)

    @fault(
        f"refused-{_name}-logs-out",
        f"A refused {_action} deletes the account's token.",
        breaks=f"POST /users/{_action}/: what is refused changes nothing",
        steps=5,
    )
    def _(action: str = _action) -> None:
        _after(action, False, _delete_tokens)


@fault(
    "address-change-logs-out",
    "set_email deletes the account's token.",
    breaks="POST /users/set_email/: the token goes on",
    steps=5,
)
def _() -> None:
    _after("set_username", True, _delete_tokens)


@fault(
    "reset-clears-name",
    "A confirmed reset clears the account's name.",
    breaks="POST /users/reset_password_confirm/: only the password changes",
    steps=6,
)
@after("reset_password_confirm")
def _(request: Any, reply: Any) -> None:
    _nameless(linked(request))


@fault(
    "login-clears-name",
    "A login by JWT clears the account's name.",
    breaks="POST /jwt/create/: a login changes nothing in users/me/",
    steps=5,
)
def _() -> None:
    after_jwt_login(_nameless)


@fault(
    "jwt-login-ends-token",
    "A login by JWT deletes the account's token.",
    breaks="POST /jwt/create/: the token goes on",
    steps=5,
)
def _() -> None:
    after_jwt_login(_delete_tokens)


@fault(
    "refused-login-ends-token",
    "A login with a wrong password deletes the account's token.",
    breaks="POST /token/login/: a refused login changes nothing",
    steps=5,
)
def _() -> None:
    from django.contrib.auth.signals import user_login_failed

    def failed(credentials: Any, **kw: Any) -> None:
        user = by_email(credentials.get("email"))
        if user:
            _delete_tokens(user)

    user_login_failed.connect(failed, weak=False)


def _jwt_refused(ended: set[Any]) -> None:
    """Access tokens issued for the accounts in `ended` are refused."""
    from rest_framework_simplejwt.exceptions import AuthenticationFailed

    def get_user(original: Any, self: Any, token: Any) -> Any:
        user = original(self, token)
        if user.pk in ended:
            raise AuthenticationFailed("User not found", code="user_not_found")
        return user

    wrap("rest_framework_simplejwt.authentication.JWTAuthentication.get_user", get_user)
    after_jwt_login(lambda user: ended.discard(user.pk))


@fault(
    "address-change-ends-jwt",
    "set_email ends the account's access tokens.",
    breaks="POST /users/set_email/: an access token goes on",
    steps=5,
)
def _() -> None:
    ended: set[Any] = set()
    _jwt_refused(ended)
    _after("set_username", True, lambda user: ended.add(user.pk))


@fault(
    "token-logout-ends-jwt",
    "The logout of a token ends the account's access tokens as well.",
    breaks="POST /token/logout/: ends the token, and nothing else",
    steps=5,
)
def _() -> None:
    ended: set[Any] = set()
    _jwt_refused(ended)
    _after("TokenDestroyView", True, lambda user: ended.add(user.pk))


@fault(
    "change-of-one-logs-out-all",
    "A password change ends the auth tokens of every account.",
    breaks="POST /users/set_password/: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=7,
)
@after("set_password")
def _(request: Any, reply: Any) -> None:
    auth_tokens().exclude(user=request.user).delete()
