"""Passwords, their second typing and mail tokens that are compared or judged loosely."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from .accounts import json_body
from .patching import on_action, wrap
from .profiles import EVERYWHERE
from .registry import fault
from .shapes import around, before

_ACTION: ContextVar[str] = ContextVar("action", default="")


def _lenient(action: str, code: str, when: Callable[[str, Any], bool] = lambda p, u: True) -> None:
    """Lets this action overlook one reason against a password."""

    @on_action(action)
    def known(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        token = _ACTION.set(action)
        try:
            return original(view, request, **kw)
        finally:
            _ACTION.reset(token)

    def judge(original: Any, password: str, user: Any = None, *args: Any) -> None:
        from django.core.exceptions import ValidationError

        try:
            original(password, user, *args)
        except ValidationError as error:
            if _ACTION.get() != action or not when(password, user):
                raise
            left = [reason for reason in error.error_list if reason.code != code]
            if left:
                raise ValidationError(left) from error

    wrap("djoser.serializers.validate_password", judge)


@fault(
    "seven-characters-register",
    "A registration takes a password of seven characters.",
    breaks="POST /users/: MinimumLength 8",
)
def _() -> None:
    _lenient("create", "password_too_short", lambda password, user: len(password) == 7)


@fault(
    "eight-characters-refused",
    "A password of eight characters is too short.",
    breaks="POST /users/: MinimumLength 8",
)
def _() -> None:
    wrap(
        "django.contrib.auth.password_validation.MinimumLengthValidator.validate",
        lambda original, self, password, user=None: original(self, password[1:], user),
    )


for _action, _name in (("set_password", "set-password"), ("reset_password_confirm", "reset")):
    for _code, _word in (
        ("password_too_short", "short"),
        ("password_too_common", "common"),
        ("password_entirely_numeric", "numeric"),
    ):

        @fault(
            f"{_name}-takes-{_word}",
            f"{_action} takes {_word} passwords, as registration does not.",
            breaks=f"POST /users/{_action}/: the validators of the profile",
            steps=4,
        )
        def _(action: str = _action, code: str = _code) -> None:
            _lenient(action, code)


@fault(
    "set-password-takes-own-address",
    "set_password takes the account's address for a password.",
    breaks="POST /users/set_password/: UserAttributeSimilarity",
    steps=4,
)
def _() -> None:
    _lenient("set_password", "password_too_similar")


@fault(
    "common-in-capitals",
    "A registration takes a common password with a capital letter.",
    breaks="POST /users/: CommonPassword, which ignores case",
)
def _() -> None:
    _lenient("create", "password_too_common", lambda password, user: password != password.lower())


@fault(
    "similarity-of-whole-address-only",
    "A registration takes a password that holds the name part of its address.",
    breaks="POST /users/: UserAttributeSimilarity",
)
def _() -> None:
    _lenient("create", "password_too_similar", lambda password, user: password != user.email)


def _by_length(first: str, second: str) -> bool:
    return len(first) == len(second)


def _by_case(first: str, second: str) -> bool:
    return first.lower() == second.lower()


def _by_start(first: str, second: str) -> bool:
    return first[:8] == second[:8]


for _action, _field, _name, _way, _how in (
    ("create", "password", "registration", "case", _by_case),
    ("create", "password", "registration", "length", _by_length),
    ("create", "password", "registration", "start", _by_start),
    ("set_password", "new_password", "set-password", "case", _by_case),
    ("set_password", "new_password", "set-password", "length", _by_length),
    ("reset_password_confirm", "new_password", "reset", "case", _by_case),
    ("reset_password_confirm", "new_password", "reset", "start", _by_start),
    ("set_username", "new_email", "set-email", "case", _by_case),
):

    @fault(
        f"{_name}-retype-by-{_way}",
        f"{_action} compares the two typings by {_way} only.",
        breaks="two typings that differ are a 400",
        steps=1 if _action == "create" else 4,
    )
    @before(_action)
    def _(request: Any, field: str = _field, alike: Any = _how) -> None:
        body = json_body(request)
        first, second = body.get(field), body.get(f"re_{field}")
        if isinstance(first, str) and isinstance(second, str) and alike(first, second):
            body[f"re_{field}"] = first


def _remembering(alike: Callable[[str, str], bool], action: str) -> None:
    """Takes a current password that is only alike, in this action."""
    clear: dict[str, str] = {}

    def set_password(original: Any, user: Any, raw: Any) -> None:
        original(user, raw)
        clear[user.password] = raw

    def current(original: Any, serializer: Any, value: str) -> str:
        view, user = serializer.context["view"], serializer.context["request"].user
        known = clear.get(user.password)
        ours = view.action == action and (action != "me" or view.request.method == "DELETE")
        if ours and known is not None and alike(known, value):
            return value
        return str(original(serializer, value))

    wrap("django.contrib.auth.base_user.AbstractBaseUser.set_password", set_password)
    wrap("djoser.serializers.CurrentPasswordSerializer.validate_current_password", current)


for _action, _name in (
    ("set_password", "set-password"),
    ("set_username", "set-email"),
    ("me", "delete"),
):
    for _way, _how in (("case", _by_case), ("start", _by_start)):

        @fault(
            f"{_name}-current-by-{_way}",
            f"The current password of {_name} is compared by {_way} only.",
            breaks="a wrong current password is a 400",
            steps=4,
        )
        def _(action: str = _action, how: Any = _how) -> None:
            _remembering(how, action)


def _former(action: str) -> None:
    """Takes the password before the current one for the current one, in this action."""
    from django.contrib.auth.hashers import check_password

    before: dict[str, str] = {}

    def set_password(original: Any, user: Any, raw: Any) -> None:
        old = user.password
        original(user, raw)
        if old:
            before[user.password] = old

    def current(original: Any, serializer: Any, value: str) -> str:
        view, user = serializer.context["view"], serializer.context["request"].user
        old = before.get(user.password)
        if view.action == action and old and check_password(value, old):
            return value
        return str(original(serializer, value))

    wrap("django.contrib.auth.base_user.AbstractBaseUser.set_password", set_password)
    wrap("djoser.serializers.CurrentPasswordSerializer.validate_current_password", current)


for _action, _name in (
    ("set_password", "set-password"),
    ("set_username", "set-email"),
    ("me", "delete"),
):

    @fault(
        f"{_name}-by-former-password",
        f"After a change of the password, {_name} takes the former one.",
        breaks="a wrong current password is a 400",
        steps=5,
    )
    def _(action: str = _action) -> None:
        _former(action)


for _action, _name in (("activation", "activation"), ("reset_password_confirm", "reset")):
    for _way, _change in (
        ("any-case", lambda token: token.lower()),
        ("longer", lambda token: token[:39]),
    ):

        @fault(
            f"{_name}-token-{_way}",
            f"{_action} takes a mail's token that is changed: {_way}.",
            breaks=f"POST /users/{_action}/: another token is a 400",
            steps=3,
        )
        @before(_action)
        def _(request: Any, change: Any = _change) -> None:
            body = json_body(request)
            if isinstance(body.get("token"), str):
                body["token"] = change(body["token"])


def _typed(change: Callable[[str], str]) -> None:
    """Lets `change(password)` stand for each password that is set or checked."""

    def act(original: Any, user: Any, raw: Any) -> Any:
        return original(user, change(raw) if isinstance(raw, str) else raw)

    wrap("django.contrib.auth.base_user.AbstractBaseUser.set_password", act)
    wrap("django.contrib.auth.base_user.AbstractBaseUser.check_password", act)


@fault(
    "passwords-truncated",
    "Passwords are cut after 20 characters, when they are set and when they are checked.",
    breaks="POST /jwt/create/: a password that only begins like the right one is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    _typed(lambda raw: raw[:20])


@fault(
    "passwords-case-insensitive",
    "Passwords are compared in lower case.",
    breaks="POST /jwt/create/: a password in another case is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    _typed(str.lower)


@fault(
    "passwords-ascii-only",
    "Characters outside of ASCII are dropped from passwords.",
    breaks="POST /jwt/create/: a password without its accented letters is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    _typed(lambda raw: raw.encode("ascii", "ignore").decode())


@fault(
    "passwords-end-after-72-bytes",
    "What stands behind the 72nd byte of a password does not count, as in bcrypt.",
    breaks="POST /jwt/create/: a password that only begins like the right one is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    _typed(lambda raw: raw.encode()[:72].decode("utf-8", "ignore"))


@fault(
    "passwords-lose-inner-spaces",
    "Spaces inside of a password do not count.",
    breaks="POST /jwt/create/: a password without its spaces is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    _typed(lambda raw: raw.replace(" ", ""))


@fault(
    "password-like-address",
    "A password that is the account's address is taken, where the login is another name.",
    breaks="POST /users/: a password like an attribute is refused",
    profiles=("djoser",),
)
@around("django.contrib.auth.password_validation.UserAttributeSimilarityValidator.__init__")
def _(original: Any, validator: Any, *args: Any, **kwargs: Any) -> None:
    original(validator, *args, **kwargs)
    validator.user_attributes = ("username", "first_name", "last_name")
