"""Resent activation mails that go wrong."""

from typing import Any

from .accounts import addressed, first_user, sent, store, users
from .mailing import djoser_mail, link, mail_of
from .makers import without_effect, works_times
from .patching import answer
from .profiles import USERNAMES
from .registry import fault
from .shapes import after, around, before, refused


@fault(
    "resend-mails-active",
    "Resending mails an activation link to accounts that are active.",
    breaks="POST /users/resend_activation/: an active account gets no mail",
    steps=3,
)
@before("resend_activation")
def _(request: Any) -> None:
    user = addressed(request)
    if user and user.is_active:
        djoser_mail("activation", request, user)


@fault(
    "resend-never-mails",
    "Resending answers 204 and mails nobody.",
    breaks="POST /users/resend_activation/: a pending account gets its mail",
    steps=2,
)
def _() -> None:
    without_effect("resend_activation")


def _address(request: Any) -> str:
    return str(sent(request, "email"))


@fault(
    "resend-once-only",
    "The second time, resending mails nobody.",
    breaks="POST /users/resend_activation/: every call for a pending account sends one mail",
    steps=3,
)
def _() -> None:
    works_times(1, "resend_activation", _address, lambda: answer(204))


@fault(
    "resend-twice",
    "Resending sends two mails.",
    breaks="POST /users/resend_activation/: sends exactly one mail",
    steps=2,
)
@around("djoser.views.UserViewSet.resend_activation")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    original(view, request, *args, **kwargs)
    return original(view, request, *args, **kwargs)


@fault(
    "resend-tells-unknown",
    "Resending answers 404 for an address without account.",
    breaks="POST /users/resend_activation/: known and unknown addresses cannot be told apart",
)
@after("resend_activation")
def _(request: Any, reply: Any) -> Any:
    if addressed(request) is None:
        return answer(404, {"detail": "Not found."})
    return reply


@fault(
    "resend-tells-active",
    "Resending answers 400 for an account that is active.",
    breaks="POST /users/resend_activation/: active and unknown addresses cannot be told apart",
    steps=3,
)
@before("resend_activation")
def _(request: Any) -> Any:
    user = addressed(request)
    if user is not None and user.is_active:
        return answer(400, {"email": ["This account is active."]})
    return None


@fault(
    "resend-activates",
    "Resending makes the account active.",
    breaks="POST /users/resend_activation/: the account stays inactive until its link is opened",
    steps=3,
)
@after("resend_activation")
def _(request: Any, reply: Any) -> None:
    user = addressed(request)
    if user is not None:
        user.is_active = True
        user.save()


@fault(
    "resend-sends-to-first",
    "The resent mail goes to the oldest account.",
    breaks="POST /users/resend_activation/: the mail goes to the address that was asked for",
    steps=4,
)
@before("resend_activation")
def _(request: Any) -> Any:
    user = addressed(request)
    if user is None or user.is_active:
        return None
    mail_of("activation", request, user).send([first_user().email])
    return answer(204)


@fault(
    "resent-link-is-dead",
    "The token of a resent link does not work.",
    breaks="POST /users/resend_activation/: the new link activates the account",
    steps=3,
)
def _() -> None:
    seen: set[Any] = set()

    def change(values: dict[str, Any]) -> None:
        if values["user"].pk in seen:
            values["token"] = values["token"][::-1]
        seen.add(values["user"].pk)

    link("ActivationEmail", "ACTIVATION_URL", change)


@fault(
    "resend-kills-the-first-link",
    "After a resend, the link of the first activation mail does not work any more.",
    breaks="POST /users/activation/: every link that was mailed works until one was used",
    steps=4,
    level="should",
)
@before("resend_activation")
def _(request: Any) -> None:
    user = addressed(request)
    if user is not None and not user.is_active:
        # the token is made of the last login, too
        store(user, last_login="2000-01-01T00:00:00Z")


@fault(
    "resend-needed-by-nobody",
    "A resend is answered 204 where accounts need no activation.",
    breaks="POST /users/resend_activation/: a 400 without SEND_ACTIVATION_EMAIL",
    profiles=("djoser",),
)
@after("resend_activation")
def _(request: Any, reply: Any) -> Any:
    return answer(204) if reply.status_code == 400 else reply


@fault(
    "resend-keeps-unknown-to-itself",
    "A resend for an address of nobody is answered 204, and the profile says that it is told.",
    breaks="POST /users/resend_activation/: PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND",
    profiles=USERNAMES,
)
@refused("resend_activation")
def _(request: Any, error: Any) -> Any:
    # of Djoser's `self.fail`; a field's error is a mapping
    return answer(204) if isinstance(error.detail, list) else None


@fault(
    "resend-deactivates-active",
    "A resend for an active account makes it inactive.",
    breaks="POST /users/resend_activation/: an active account stays as it is",
    steps=5,
)
@after("resend_activation")
def _(request: Any, reply: Any) -> None:
    users().filter(email=request.data.get("email")).update(is_active=False)
