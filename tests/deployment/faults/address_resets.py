"""`reset_email/` and its confirmation, which every Djoser serves beside the documented calls."""

from typing import Any

from .mails import _link, _sending
from .patching import answer, by_email, by_uid, first_user, on_action, raw_body, users, wrap
from .registry import fault, wrong_setting


def _another_url(profile: dict[str, Any]) -> None:
    profile["djoser"]["USERNAME_RESET_CONFIRM_URL"] = "auth/email/changed/{uid}/{token}"


wrong_setting(
    "reset-email-url-changed",
    "The link of a reset_email mail is not that of USERNAME_RESET_CONFIRM_URL.",
    _another_url,
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
    _sending("UsernameResetEmail", lambda send, mail, to: None)


@fault(
    "reset-email-mail-twice",
    "reset_email sends its mail twice.",
    breaks="POST /users/reset_email/: exactly one mail",
    steps=3,
)
def _() -> None:
    def twice(send: Any, mail: Any, to: Any) -> None:
        send(to)
        send(to)

    _sending("UsernameResetEmail", twice)


@fault(
    "reset-email-link-of-first-user",
    "The link of a reset_email mail holds the uid of the oldest account.",
    breaks="POST /users/reset_email/: the link is the account's",
    steps=4,
)
def _() -> None:
    from djoser.utils import encode_uid

    _link(
        "UsernameResetEmail",
        "USERNAME_RESET_CONFIRM_URL",
        lambda values: values.update(uid=encode_uid(first_user().pk)),
    )


@fault(
    "reset-email-mails-inactive",
    "reset_email mails inactive accounts too.",
    breaks="POST /users/reset_email/: an inactive account gets no mail",
    steps=3,
)
def _() -> None:
    @on_action("reset_username")
    def reset(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from djoser.conf import settings

        reply = original(view, request, **kw)
        user = by_email(raw_body(request).get("email"))
        if user and not user.is_active:
            settings.EMAIL.username_reset(request, {"user": user}).send([user.email])
        return reply


@fault(
    "reset-email-confirm-no-effect",
    "The confirmation of a reset_email is answered 204 and changes nothing.",
    breaks="POST /users/reset_email_confirm/: the new address is the account's",
    steps=4,
)
def _() -> None:
    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        user = by_uid(raw_body(request).get("uid"))
        reply = original(view, request, **kw)
        users().filter(pk=user.pk).update(email=user.email)
        return reply


@fault(
    "reset-email-confirm-200",
    "The confirmation of a reset_email is answered 200.",
    breaks="POST /users/reset_email_confirm/: 204",
    steps=4,
)
def _() -> None:
    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        original(view, request, **kw)
        return answer(200, {})


@fault(
    "reset-email-confirm-any-token",
    "The confirmation of a reset_email takes any token.",
    breaks="POST /users/reset_email_confirm/: a wrong token is a 400",
    steps=3,
)
def _() -> None:
    from django.contrib.auth.tokens import default_token_generator

    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        user = by_uid(raw_body(request).get("uid"))
        if user and type(request.data) is dict and request.data.get("token"):
            request.data["token"] = default_token_generator.make_token(user)
        return original(view, request, **kw)


@fault(
    "reset-email-token-reusable",
    "The token of a reset_email works again, once the address changed.",
    breaks="POST /users/reset_email_confirm/: a token works once",
    steps=5,
)
def _() -> None:
    from django.contrib.auth.tokens import default_token_generator

    used: set[Any] = set()

    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        body = raw_body(request)
        uid, token = body.get("uid"), body.get("token")
        user = by_uid(uid)
        if user and (user.pk, token) in used:
            request.data["token"] = default_token_generator.make_token(user)
        reply = original(view, request, **kw)
        used.add((user.pk, token))
        return reply


@fault(
    "reset-email-confirm-takes-over",
    "The confirmation of a reset_email takes another account's address, and that account is gone.",
    breaks="POST /users/reset_email_confirm/: a taken address is a 400",
    steps=4,
)
def _() -> None:
    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        body = raw_body(request)
        owner, user = by_email(body.get("new_email")), by_uid(body.get("uid"))
        if user and owner and owner.pk != user.pk:
            owner.delete()
        return original(view, request, **kw)


@fault(
    "reset-email-takes-any-text",
    "The confirmation of a reset_email takes what is no address.",
    breaks="POST /users/reset_email_confirm/: what is no address is a 400",
    steps=4,
)
def _() -> None:
    from djoser.serializers import UsernameSerializer

    def init(original: Any, serializer: Any, *args: Any, **kw: Any) -> None:
        original(serializer, *args, **kw)
        view = serializer.context.get("view")
        if view is not None and view.action == "reset_username_confirm":
            serializer.fields["new_email"].validators = []

    wrap(UsernameSerializer, "__init__", init)


@fault(
    "reset-email-needs-login",
    "The confirmation of a reset_email needs a login.",
    breaks="POST /users/reset_email_confirm/: open to everyone",
    steps=3,
)
def _() -> None:
    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from rest_framework.exceptions import NotAuthenticated

        if not request.user.is_authenticated:
            raise NotAuthenticated
        return original(view, request, **kw)


@fault(
    "reset-email-logs-out",
    "The confirmation of a reset_email deletes the account's token.",
    breaks="POST /users/reset_email_confirm/: the token goes on",
    steps=5,
)
def _() -> None:
    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from djoser.conf import settings

        user = by_uid(raw_body(request).get("uid"))
        reply = original(view, request, **kw)
        settings.TOKEN_MODEL.objects.filter(user=user).delete()
        return reply


@fault(
    "reset-email-clears-names",
    "The confirmation of a reset_email clears the name of every account.",
    breaks="POST /users/reset_email_confirm/: nobody else's data change",
    steps=6,
)
def _() -> None:
    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        own = by_uid(raw_body(request).get("uid"))
        reply = original(view, request, **kw)
        users().exclude(pk=own.pk).update(name="")
        return reply


@fault(
    "refused-reset-email-clears-name",
    "A refused confirmation of a reset_email clears the account's name.",
    breaks="POST /users/reset_email_confirm/: what is refused changes nothing",
    steps=5,
)
def _() -> None:
    @on_action("reset_username_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from rest_framework.exceptions import ValidationError

        try:
            return original(view, request, **kw)
        except ValidationError:
            own = by_uid(raw_body(request).get("uid"))
            users().filter(pk=own.pk if own else None).update(name="")
            raise
