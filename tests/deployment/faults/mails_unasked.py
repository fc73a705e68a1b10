"""Mails that nobody asked for."""

from typing import Any

from .accounts import linked, sent
from .mailing import djoser_mail, note
from .patching import on_action
from .registry import EVERYWHERE, fault
from .shapes import after, after_jwt_login, refused


@fault(
    "repeated-activation-mails",
    "An activation that is refused, for the account is active, mails a confirmation again.",
    breaks="POST /users/activation/: what is refused mails nobody",
    steps=4,
)
@refused("activation")
def _(request: Any, error: Any) -> None:
    if error.status_code == 403:
        djoser_mail("confirmation", request, linked(request))


@fault(
    "wrong-activation-mails",
    "An activation with a wrong token mails a new link.",
    breaks="POST /users/activation/: what is refused mails nobody",
    steps=2,
)
@refused("activation")
def _(request: Any, error: Any) -> None:
    user = linked(request)
    if user and not user.is_active:
        djoser_mail("activation", request, user)


@fault(
    "refused-reset-mails",
    "A refused confirmation of a reset mails a new link.",
    breaks="POST /users/reset_password_confirm/: what is refused mails nobody",
    steps=4,
)
@refused("reset_password_confirm")
def _(request: Any, error: Any) -> None:
    user = linked(request)
    if user and user.is_active:
        djoser_mail("password_reset", request, user)


@fault(
    "refused-registration-mails",
    "A registration with a weak password is refused, and mails its address.",
    breaks="POST /users/: what is refused mails nobody",
)
@refused("create")
def _(request: Any, error: Any) -> None:
    address = sent(request, "email")
    if "password" in error.detail and isinstance(address, str) and "@" in address:
        note(address, "Welcome", "Choose another password.")


@fault(
    "set-password-mails",
    "A change of the password mails a note, which the profile does not have.",
    breaks="POST /users/set_password/: no mail without PASSWORD_CHANGED_EMAIL_CONFIRMATION",
    profiles=EVERYWHERE,
    steps=4,
)
@after("set_password")
def _(request: Any, reply: Any) -> None:
    if request.user.email:
        note(request.user.email, "Changed", "Your password is another one.")


@fault(
    "me-patch-mails-once",
    "The first change of a name mails a note.",
    breaks="PATCH /users/me/: no mail",
    steps=4,
)
def _() -> None:
    told: set[Any] = set()

    @on_action("me")
    def me(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        if request.method in {"PUT", "PATCH"} and request.user.pk not in told:
            told.add(request.user.pk)
            note(request.user.email, "Changed", "Your name is another one.")
        return reply


@fault(
    "login-mails",
    "A login by JWT mails a note.",
    breaks="POST /jwt/create/: no mail",
    steps=3,
)
def _() -> None:
    after_jwt_login(lambda user: note(user.email, "Welcome back", "You logged in."))
