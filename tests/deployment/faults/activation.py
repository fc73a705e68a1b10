"""Activations and activation mails that go wrong."""

from typing import Any

from .accounts import (
    addressed,
    by_uid,
    first_user,
    give_password,
    linked,
    raw_body,
    sent,
    store,
    takes_token,
    users,
)
from .mailing import djoser_mail, link, mail_of
from .patching import answer
from .registry import fault
from .shapes import after, around, before, refused, without_effect, works_times

_OP = "POST /users/activation/"
_RESEND = "POST /users/resend_activation/"


def _address(request: Any) -> str:
    return str(sent(request, "email"))


@fault(
    "activation-any-token",
    "Activation looks at the uid only.",
    breaks=f"{_OP}: a wrong token is refused",
    steps=2,
)
@before("activation")
def _(request: Any) -> Any:
    user = linked(request)
    if user is None or user.is_active:
        return None
    store(user, is_active=True)
    return answer(204)


@fault(
    "activation-by-token-of-another",
    "Activation takes a token that was made for any account.",
    breaks=f"{_OP}: a token of another account is refused",
    steps=4,
)
@before("activation")
def _(request: Any) -> Any:
    user, token = linked(request), str(sent(request, "token"))
    if user is None or user.is_active:
        return None
    if not any(takes_token(other, token) for other in users().all()[:200]):
        return None
    store(user, is_active=True)
    return answer(204)


@fault(
    "activation-repeatable",
    "Opening an activation link again is answered with 204.",
    breaks=f"{_OP}: an activated account's link is stale: 403",
    steps=3,
)
def _() -> None:
    from djoser.serializers import ActivationSerializer, UidAndTokenSerializer

    ActivationSerializer.validate = UidAndTokenSerializer.validate


@fault(
    "activation-repeat-400",
    "Opening an activation link again is answered with 400 instead of 403.",
    breaks=f"{_OP}: an activated account's link is stale: 403",
    steps=3,
)
@refused("activation")
def _(request: Any, error: Any) -> Any:
    if error.status_code == 403:
        return answer(400, {"token": [str(error.detail)]})
    return None


@fault(
    "activation-activates-first",
    "Whoever activates, it is the oldest pending account that becomes active.",
    breaks=f"{_OP}: activates the account of the uid",
    steps=4,
)
@around("djoser.views.UserViewSet.activation")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    pending = users().filter(is_active=False).order_by("date_joined").first()
    reply = original(view, request, *args, **kwargs)
    user = linked(request)
    if pending and pending.pk != user.pk:
        store(user, is_active=False)
        store(pending, is_active=True)
    return reply


@fault(
    "activation-activates-the-next-too",
    "An activation activates the account that was registered next as well.",
    breaks=f"{_OP}: activates the account of the uid alone",
    steps=4,
)
@after("activation")
def _(request: Any, reply: Any) -> None:
    later = users().filter(date_joined__gt=linked(request).date_joined).order_by("date_joined")
    store(later.first(), is_active=True)


@fault(
    "activation-no-effect",
    "Activation answers 204 and leaves the account inactive.",
    breaks=f"{_OP}: afterwards the account can log in",
    steps=3,
)
@after("activation")
def _(request: Any, reply: Any) -> None:
    store(linked(request), is_active=False)


@fault(
    "activation-200",
    "Activation answers 200 with the user.",
    breaks=f"{_OP}: 204 without a body",
    steps=2,
)
@after("activation")
def _(request: Any, reply: Any) -> Any:
    user = linked(request)
    return answer(200, {"id": user.pk, "email": user.email})


@fault(
    "activation-unknown-uid-204",
    "Activation of a uid that nobody has is answered with 204.",
    breaks=f"{_OP}: an unknown uid is refused",
)
@before("activation")
def _(request: Any) -> Any:
    body = raw_body(request)
    if body.get("uid") and body.get("token") and by_uid(body["uid"]) is None:
        return answer(204)
    return None


@fault(
    "activation-unknown-uid-500",
    "Activation of a uid that nobody has is answered with 500.",
    breaks=f"{_OP}: an unknown uid is refused with 400",
)
@before("activation")
def _(request: Any) -> None:
    body = raw_body(request)
    if body.get("uid") and body.get("token") and by_uid(body["uid"]) is None:
        raise LookupError("no such user")


@fault(
    "activation-changes-password",
    "Activation hashes the stored hash once more, so that the password no longer works.",
    breaks=f"{_OP}: afterwards the account can log in with its password",
    steps=3,
)
@after("activation")
def _(request: Any, reply: Any) -> None:
    user = linked(request)
    give_password(user, user.password)


@fault(
    "wrong-token-kills-link",
    "One attempt with a wrong token makes the account's right link useless.",
    breaks=f"{_OP}: a refused call changes nothing",
    steps=3,
)
@around("djoser.serializers.UidAndTokenSerializer.validate")
def _(original: Any, self: Any, attrs: Any) -> Any:
    from django.utils.timezone import now
    from rest_framework.exceptions import ValidationError

    try:
        return original(self, attrs)
    except ValidationError as error:
        user = by_uid(attrs.get("uid"))
        if user is not None and "token" in error.detail:
            user.last_login = now()
            user.save()
        raise


@fault(
    "third-activation-breaks",
    "After two activations, the server answers the next ones with 204 and does nothing.",
    breaks=f"{_OP}: afterwards the account can log in",
    steps=9,
)
def _() -> None:
    works_times(2, "activation", lambda request: "anyone", lambda: answer(204))


@fault(
    "activation-needs-login",
    "Activation needs a logged-in caller.",
    breaks=f"{_OP}: works without credentials",
    steps=2,
)
def _() -> None:
    from djoser.conf import settings
    from rest_framework.permissions import IsAuthenticated

    settings.PERMISSIONS["activation"] = [IsAuthenticated]


@fault(
    "resend-mails-active",
    "Resending mails an activation link to accounts that are active.",
    breaks=f"{_RESEND}: an active account gets no mail",
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
    breaks=f"{_RESEND}: a pending account gets its mail",
    steps=2,
)
def _() -> None:
    without_effect("resend_activation")


@fault(
    "resend-once-only",
    "The second time, resending mails nobody.",
    breaks=f"{_RESEND}: every call for a pending account sends one mail",
    steps=3,
)
def _() -> None:
    works_times(1, "resend_activation", _address, lambda: answer(204))


@fault(
    "resend-twice",
    "Resending sends two mails.",
    breaks=f"{_RESEND}: sends exactly one mail",
    steps=2,
)
@around("djoser.views.UserViewSet.resend_activation")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    original(view, request, *args, **kwargs)
    return original(view, request, *args, **kwargs)


@fault(
    "resend-tells-unknown",
    "Resending answers 404 for an address without account.",
    breaks=f"{_RESEND}: known and unknown addresses cannot be told apart",
)
@after("resend_activation")
def _(request: Any, reply: Any) -> Any:
    if addressed(request) is None:
        return answer(404, {"detail": "Not found."})
    return reply


@fault(
    "resend-tells-active",
    "Resending answers 400 for an account that is active.",
    breaks=f"{_RESEND}: active and unknown addresses cannot be told apart",
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
    breaks=f"{_RESEND}: the account stays inactive until its link is opened",
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
    breaks=f"{_RESEND}: the mail goes to the address that was asked for",
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
    breaks=f"{_RESEND}: the new link activates the account",
    steps=3,
)
def _() -> None:
    seen: set[Any] = set()

    def change(values: dict[str, Any]) -> None:
        if values["user"].pk in seen:
            values["token"] = values["token"][::-1]
        seen.add(values["user"].pk)

    link("ActivationEmail", "ACTIVATION_URL", change)
