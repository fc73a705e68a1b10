"""A call that changes what it should have left alone."""

from typing import Any

from .accounts import by_email, json_body, linked, store, tokens_of, users
from .patching import action_of, answer, on_response, wrap
from .registry import fault
from .shapes import after, after_jwt_login, around, before, not_saved


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
    "resend-deactivates-active",
    "A resend for an active account makes it inactive.",
    breaks="POST /users/resend_activation/: an active account stays as it is",
    steps=5,
)
@after("resend_activation")
def _(request: Any, reply: Any) -> None:
    users().filter(email=request.data.get("email")).update(is_active=False)


@fault(
    "patch-renames-namesakes",
    "A PATCH of a name renames every account of the same name.",
    breaks="PATCH /users/me/: changes the caller's account alone",
    steps=6,
)
@around("djoser.views.UserViewSet.me")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    old = request.user.name
    reply = original(view, request, *args, **kwargs)
    if request.method == "PATCH":
        users().filter(name=old).update(name=request.user.name)
    return reply


@fault(
    "put-clears-missing-name",
    "A PUT without a name clears it.",
    breaks="PUT /users/me/: an optional field that is not sent stays",
    steps=5,
)
@before("me")
def _(request: Any) -> None:
    if request.method == "PUT":
        json_body(request).setdefault("name", "")


def _writes(request: Any) -> bool:
    return request.method in {"PUT", "PATCH"}


def _by_token(request: Any) -> bool:
    return type(request.successful_authenticator).__name__ == "TokenAuthentication"


@fault(
    "patch-by-token-not-saved",
    "A PATCH is not saved where the caller has a token, and is where it has a JWT.",
    breaks="PATCH /users/me/: the change is saved",
    steps=5,
)
def _() -> None:
    not_saved("me", "name", when=lambda request: _writes(request) and _by_token(request))


@fault(
    "patch-by-jwt-not-saved",
    "A PATCH is not saved where the caller has a JWT, and is where it has a token.",
    breaks="PATCH /users/me/: the change is saved",
    steps=5,
)
def _() -> None:
    not_saved("me", "name", when=lambda request: _writes(request) and not _by_token(request))


@fault(
    "form-patch-not-saved",
    "A PATCH with a form is answered 200 and not saved.",
    breaks="PATCH /users/me/: a form counts as JSON does",
    steps=5,
)
def _() -> None:
    def when(request: Any) -> bool:
        return _writes(request) and "json" not in (request.content_type or "")

    not_saved("me", "name", when=when)


@fault(
    "set-password-by-token-no-effect",
    "set_password has no effect where the caller has a token.",
    breaks="POST /users/set_password/: the new password logs in",
    steps=5,
)
def _() -> None:
    not_saved("set_password", "password", when=_by_token)


@fault(
    "patch-answers-old-name",
    "A PATCH is saved, and its answer shows the old name.",
    breaks="PATCH /users/me/: the answer shows the change",
    steps=4,
)
@around("djoser.views.UserViewSet.me")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    old = request.user.name
    reply = original(view, request, *args, **kwargs)
    return answer(200, {**reply.data, "name": old}) if request.method == "PATCH" else reply
