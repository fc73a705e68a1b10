"""Faults of which each turns one requirement red that no other fault reaches."""

from typing import Any

from .accounts import by_email
from .mailing import note
from .patching import answer, wrap
from .registry import fault
from .shapes import after, answers, around, refused


@fault(
    "activation-begins-session",
    "An activation sets a session cookie.",
    breaks="POST /users/activation/: no session cookie",
    steps=2,
)
@after("activation")
def _(request: Any, reply: Any) -> None:
    from django.utils.crypto import get_random_string

    reply.set_cookie("sessionid", get_random_string(32), httponly=True)


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
    "password-change-of-nobody",
    "A password change without credentials is answered 204.",
    breaks="POST /users/set_password/: without credentials it is refused",
)
@answers(action="set_password")
def _(request: Any, reply: Any) -> None:
    if reply.status_code in {401, 403}:
        reply.status_code, reply.data = 204, None


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


@fault(
    "reset-of-nobody-404",
    "A reset with the uid of nobody is answered 404.",
    breaks="POST /users/reset_password_confirm/: a uid of nobody is a 400",
)
@refused("reset_password_confirm")
def _(request: Any, error: Any) -> Any:
    if [e.code for e in error.detail.get("uid", [])] == ["invalid_uid"]:
        return answer(404, {"detail": "No such user."})
    return None


def _reset_domain(domain: Any) -> None:
    """Lets `domain(mail)` name the host in a reset mail's link, where it names one."""

    def get_context_data(original: Any, mail: Any, **kw: Any) -> Any:
        values = original(mail, **kw)
        return {**values, "domain": domain(mail) or values["domain"]}

    wrap("djoser.email.PasswordResetEmail.get_context_data", get_context_data)


@fault(
    "reset-link-to-elsewhere",
    "The link of a reset mail leads to another host than the front end's.",
    breaks="POST /users/reset_password/: the link leads to the front end",
    steps=2,
)
def _() -> None:
    _reset_domain(lambda mail: "staging.example.com")


@fault(
    "reset-link-to-forwarded-host",
    "The link of a reset mail leads to the X-Forwarded-Host, where one was sent.",
    breaks="POST /users/reset_password/: a forged host stays out of the link",
    steps=2,
)
def _() -> None:
    _reset_domain(lambda mail: mail.request.META.get("HTTP_X_FORWARDED_HOST"))


@fault(
    "mails-without-subject",
    "No mail has a subject.",
    breaks="every mail: a sender, a subject and a text",
)
@around("django.core.mail.EmailMessage.send")
def _(original: Any, mail: Any, *args: Any, **kw: Any) -> Any:
    mail.subject = ""
    return original(mail, *args, **kw)


@fault(
    "unacceptable-shows-settings",
    "A call for a media type that there is none of shows the server's environment.",
    breaks="every call: no stack trace and no settings",
    level="should",
)
@answers(406)
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "environment": "DJANGO_SETTINGS_MODULE=backend.settings"}


@fault(
    "trace-echoes",
    "TRACE is answered with the headers that came, credentials and all.",
    breaks="TRACE /users/me/: it is refused",
    steps=2,
)
def _() -> None:
    from rest_framework.views import APIView

    APIView.trace = lambda view, request, **kw: answer(200, dict(request.headers))
