"""`reset_email/` and its confirmation, which every Djoser serves beside the documented calls."""

from typing import Any

from .accounts import (
    addressed,
    by_email,
    first_user,
    json_body,
    linked,
    mail_token,
    sent,
    store,
    tokens_of,
    uid_of,
    users,
)
from .mailing import djoser_mail, link, sent_times
from .makers import not_saved
from .patching import answer, on_action, wrap
from .registry import djoser_setting, fault, wrong_setting
from .shapes import after, around, before, refused

wrong_setting(
    "reset-email-url-changed",
    "The link of a reset_email mail is not that of USERNAME_RESET_CONFIRM_URL.",
    djoser_setting("USERNAME_RESET_CONFIRM_URL", "auth/email/changed/{uid}/{token}"),
    breaks="POST /users/reset_email/: the link has the shape of USERNAME_RESET_CONFIRM_URL",
    steps=3,
)


@fault(
    "reset-email-mail-missing",
    "reset_email sends no mail.",
    breaks="POST /users/reset_email/: one mail",
    steps=3,
)
def _() -> None:
    sent_times("UsernameResetEmail", 0)


@fault(
    "reset-email-mail-twice",
    "reset_email sends its mail twice.",
    breaks="POST /users/reset_email/: exactly one mail",
    steps=3,
)
def _() -> None:
    sent_times("UsernameResetEmail", 2)


@fault(
    "reset-email-link-of-first-user",
    "The link of a reset_email mail holds the uid of the oldest account.",
    breaks="POST /users/reset_email/: the link is the account's",
    steps=4,
)
def _() -> None:
    link(
        "UsernameResetEmail",
        "USERNAME_RESET_CONFIRM_URL",
        lambda values: values.update(uid=uid_of(first_user())),
    )


@fault(
    "reset-email-mails-inactive",
    "reset_email mails inactive accounts too.",
    breaks="POST /users/reset_email/: an inactive account gets no mail",
    steps=3,
)
@after("reset_username")
def _(request: Any, reply: Any) -> None:
    user = addressed(request)
    if user and not user.is_active:
        djoser_mail("username_reset", request, user)


@fault(
    "reset-email-confirm-no-effect",
    "The confirmation of a reset_email is answered 204 and changes nothing.",
    breaks="POST /users/reset_email_confirm/: the new address is the account's",
    steps=4,
)
def _() -> None:
    not_saved("reset_username_confirm", "email", whose=linked)


@fault(
    "reset-email-confirm-200",
    "The confirmation of a reset_email is answered 200.",
    breaks="POST /users/reset_email_confirm/: 204",
    steps=4,
)
@after("reset_username_confirm")
def _(request: Any, reply: Any) -> Any:
    return answer(200, {})


@fault(
    "reset-email-confirm-any-token",
    "The confirmation of a reset_email takes any token.",
    breaks="POST /users/reset_email_confirm/: a wrong token is a 400",
    steps=3,
)
@before("reset_username_confirm")
def _(request: Any) -> None:
    user, body = linked(request), json_body(request)
    if user and body.get("token"):
        body["token"] = mail_token(user)


@fault(
    "reset-email-token-reusable",
    "The token of a reset_email works again, once the address changed.",
    breaks="POST /users/reset_email_confirm/: a token works once",
    steps=5,
)
def _() -> None:
    used: set[Any] = set()

    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        user, token = linked(request), sent(request, "token")
        if user and (user.pk, token) in used:
            request.data["token"] = mail_token(user)
        reply = original(view, request, **kw)
        used.add((user.pk, token))
        return reply


@fault(
    "reset-email-confirm-takes-over",
    "The confirmation of a reset_email takes another account's address, and that account is gone.",
    breaks="POST /users/reset_email_confirm/: a taken address is a 400",
    steps=4,
)
@before("reset_username_confirm")
def _(request: Any) -> None:
    owner, user = by_email(sent(request, "new_email")), linked(request)
    if user and owner and owner.pk != user.pk:
        owner.delete()


@fault(
    "reset-email-takes-any-text",
    "The confirmation of a reset_email takes what is no address.",
    breaks="POST /users/reset_email_confirm/: what is no address is a 400",
    steps=4,
)
@around("djoser.serializers.UsernameSerializer.__init__")
def _(original: Any, serializer: Any, *args: Any, **kw: Any) -> None:
    original(serializer, *args, **kw)
    view = serializer.context.get("view")
    if view is not None and view.action == "reset_username_confirm":
        serializer.fields["new_email"].validators = []


@fault(
    "reset-email-needs-login",
    "The confirmation of a reset_email needs a login.",
    breaks="POST /users/reset_email_confirm/: open to everyone",
    steps=3,
)
@before("reset_username_confirm")
def _(request: Any) -> None:
    from rest_framework.exceptions import NotAuthenticated

    if not request.user.is_authenticated:
        raise NotAuthenticated


@fault(
    "reset-email-logs-out",
    "The confirmation of a reset_email deletes the account's token.",
    breaks="POST /users/reset_email_confirm/: the token goes on",
    steps=5,
)
@after("reset_username_confirm")
def _(request: Any, reply: Any) -> None:
    tokens_of(linked(request)).delete()


@fault(
    "reset-email-clears-names",
    "The confirmation of a reset_email clears the name of every account.",
    breaks="POST /users/reset_email_confirm/: nobody else's data change",
    steps=6,
)
@after("reset_username_confirm")
def _(request: Any, reply: Any) -> None:
    users().exclude(pk=linked(request).pk).update(name="")


@fault(
    "refused-reset-email-clears-name",
    "A refused confirmation of a reset_email clears the account's name.",
    breaks="POST /users/reset_email_confirm/: what is refused changes nothing",
    steps=5,
)
@refused("reset_username_confirm")
def _(request: Any, error: Any) -> None:
    store(linked(request), name="")


@fault(
    "reset-email-tells-unknown",
    "A reset of the address tells whether an account exists.",
    breaks="POST /users/reset_email/: known and unknown addresses cannot be told apart",
    profiles=("document",),
)
@after("reset_username")
def _(request: Any, reply: Any) -> Any:
    if addressed(request) is None:
        return answer(400, {"email": ["No such account."]})
    return reply


@fault(
    "reset-login-any-token",
    "A reset of the login takes the token of any account.",
    breaks="POST /users/reset_email_confirm/: another's token is refused",
    steps=4,
)
def _() -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator as Generator

    class OfAnybody(Generator):
        def check_token(self, user: Any, token: Any) -> bool:
            return any(Generator.check_token(self, one, token) for one in users().all())

    def initial(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        original(view, request, *args, **kwargs)
        if view.action == "reset_username_confirm":
            view.token_generator = OfAnybody()

    wrap("djoser.views.UserViewSet.initial", initial)
