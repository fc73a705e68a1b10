"""Requests for a password reset that go wrong."""

from typing import Any

from .accounts import addressed, by_email, give_password, sent, tokens_of
from .mailing import djoser_mail, note
from .makers import works_times
from .patching import answer
from .profiles import EVERYWHERE, USERNAMES
from .registry import fault
from .shapes import after, before, refused


@fault(
    "reset-for-inactive",
    "Accounts that were never activated get password reset mails.",
    breaks="POST /users/reset_password/: an inactive account gets no mail",
    steps=2,
)
@before("reset_password")
def _(request: Any) -> None:
    user = addressed(request)
    if user is not None and not user.is_active:
        djoser_mail("password_reset", request, user)


@fault(
    "reset-unknown-404",
    "A password reset for an unknown address is answered with 404.",
    breaks="POST /users/reset_password/: known and unknown addresses cannot be told apart",
    profiles=EVERYWHERE,
)
@after("reset_password")
def _(request: Any, reply: Any) -> Any:
    if addressed(request) is None:
        return answer(404, {"detail": "Not found."})
    return reply


@fault(
    "reset-known-header",
    "A password reset for a known address answers with a header more.",
    breaks="POST /users/reset_password/: known and unknown addresses cannot be told apart, headers included",
    profiles=EVERYWHERE,
    steps=3,
)
@after("reset_password")
def _(request: Any, reply: Any) -> None:
    if addressed(request) is not None:
        reply["X-Mail-Queued"] = "1"


@fault(
    "reset-known-body",
    "A password reset for a known address answers 200 with a sentence, for an unknown one 204.",
    breaks="POST /users/reset_password/: known and unknown addresses cannot be told apart",
    profiles=EVERYWHERE,
    steps=3,
)
@after("reset_password")
def _(request: Any, reply: Any) -> Any:
    if addressed(request) is not None:
        return answer(200, {"detail": "A mail was sent."})
    return reply


@fault(
    "reset-inactive-400",
    "A password reset for a pending account is answered with 400.",
    breaks="POST /users/reset_password/: pending and unknown addresses cannot be told apart",
    steps=2,
)
@before("reset_password")
def _(request: Any) -> Any:
    user = addressed(request)
    if user is not None and not user.is_active:
        return answer(400, {"detail": "This account is not active."})
    return None


@fault(
    "reset-logs-out",
    "Asking for a password reset ends the account's token logins, whoever asks.",
    breaks="POST /users/reset_password/: an anonymous call changes nothing",
    profiles=EVERYWHERE,
    steps=5,
)
@before("reset_password")
def _(request: Any) -> None:
    tokens_of(addressed(request)).delete()


@fault(
    "reset-scrambles-password",
    "Asking for a password reset makes the old password useless at once, whoever asks.",
    breaks="POST /users/reset_password/: the old password works until the reset is confirmed",
    profiles=EVERYWHERE,
    steps=4,
)
@before("reset_password")
def _(request: Any) -> None:
    user = addressed(request)
    if user is not None and user.is_active:
        give_password(user, "0-replaced-0")


def _address(request: Any) -> str:
    return str(sent(request, "email"))


@fault(
    "reset-second-silent",
    "The second password reset of an account mails nobody.",
    breaks="POST /users/reset_password/: every call for an active account sends one mail",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    works_times(1, "reset_password", _address, lambda: answer(204))


@fault(
    "reset-takes-any-text",
    "A reset request is answered with 204 whatever stands for the address.",
    breaks="POST /users/reset_password/: no address, 400",
    profiles=EVERYWHERE,
)
@before("reset_password")
def _(request: Any) -> Any:
    address = sent(request, "email")
    if not isinstance(address, str) or "@" not in address:
        return answer(204)
    return None


@fault(
    "reset-keeps-unknown-to-itself",
    "A reset request for an address of nobody is answered 204, and the profile says that it is told.",
    breaks="POST /users/reset_password/: PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND",
    profiles=USERNAMES,
)
@refused("reset_password")
def _(request: Any, error: Any) -> Any:
    # of Djoser's `self.fail`; a field's error is a mapping
    return answer(204) if isinstance(error.detail, list) else None


@fault(
    "reset-mails-nobody",
    "A reset request for an address of nobody mails that address.",
    breaks="POST /users/reset_password/: an address of nobody gets no mail",
)
@after("reset_password")
def _(request: Any, reply: Any) -> None:
    address = request.data.get("email")
    if reply.status_code == 204 and by_email(address) is None:
        note(address, "Password reset", "There is no account of yours here.")
