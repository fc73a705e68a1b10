"""Mails that nobody asked for, or that were asked for and do not come."""

from typing import Any

from .accounts import linked, sent
from .mailing import djoser_mail, note
from .makers import after_jwt_login
from .patching import on_action, wrap
from .profiles import EVERYWHERE, SESSIONS, USERNAMES
from .registry import fault
from .shapes import after, answers, refused


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


def _telling(path: str, times: int) -> None:
    """Sends the mail that tells of a new password so many times where the call's path ends so."""

    def send(original: Any, mail: Any, to: Any, *args: Any, **kw: Any) -> None:
        for _ in range(times if mail.request.path.rstrip("/").endswith(path) else 1):
            original(mail, to, *args, **kw)

    wrap("djoser.email.PasswordChangedConfirmationEmail.send", send)


@fault(
    "password-change-mail-twice",
    "Two mails tell of a changed password.",
    breaks="POST /users/set_password/: exactly one mail",
    profiles=SESSIONS,
    steps=3,
)
def _() -> None:
    _telling("set_password", 2)


@fault(
    "reset-not-told",
    "No mail tells of a password that was reset, though one tells of a changed one.",
    breaks="POST /users/reset_password_confirm/: exactly one mail",
    profiles=SESSIONS,
    steps=4,
)
def _() -> None:
    _telling("reset_password_confirm", 0)


@fault(
    "reset-login-tells",
    "A confirmed reset of the login sends a mail that the settings do not ask for.",
    breaks="POST /users/reset_email_confirm/: no mail",
    steps=4,
)
@answers(204, "reset_username_confirm")
def _(request: Any, reply: Any) -> None:
    user = linked(request)
    djoser_mail("username_changed_confirmation", request, user)


@fault(
    "change-mail-resets",
    "The mail that tells of a changed password is the one that resets it, link and all.",
    breaks="POST /users/set_password/: a mail without a token",
    profiles=USERNAMES,
    steps=4,
)
def _() -> None:
    from djoser.conf import settings
    from djoser.email import PasswordResetEmail

    settings.EMAIL["password_changed_confirmation"] = PasswordResetEmail
