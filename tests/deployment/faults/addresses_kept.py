"""Addresses and passwords that are kept, or refused, otherwise than they were typed."""

from typing import Any

from .accounts import by_email, by_uid, linked, raw_body, sent, store, takes_token
from .patching import answer, on_action
from .registry import fault
from .shapes import after, answers, around, before


@fault(
    "set-email-takes-inactive-address",
    "set_email takes the address of an inactive account, which is gone then.",
    breaks="POST /users/set_email/: a taken address is a 400",
    steps=5,
)
@before("set_username")
def _(request: Any) -> None:
    owner = by_email(sent(request, "new_email"))
    if owner and not owner.is_active:
        owner.delete()


@fault(
    "set-email-loses-plus",
    "set_email drops what stands between a plus and the @.",
    breaks="POST /users/set_email/: the address is kept as it was typed",
    steps=4,
)
def _() -> None:
    _kept(lambda address: address.partition("+")[0] + "@" + address.partition("@")[2])


@fault(
    "set-email-lowercases",
    "set_email stores the address in lower case.",
    breaks="POST /users/set_email/: the address is kept as it was typed",
    steps=4,
)
def _() -> None:
    _kept(str.lower)


def _kept(change: Any) -> None:
    @on_action("set_username")
    def set_username(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        address = raw_body(request).get("new_email", "")
        store(request.user, email=change(address))
        return reply


@fault(
    "registration-answers-lower-case",
    "A registration shows the address in lower case, and stores it as it was typed.",
    breaks="POST /users/: the answer shows the address",
)
@answers(201, "create")
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "email": reply.data["email"].lower()}


@fault(
    "registration-keeps-domain-case",
    "A registration stores the capitals of the address's domain.",
    breaks="POST /users/: create_user normalizes the domain",
)
def _() -> None:
    from django.contrib.auth.base_user import BaseUserManager

    BaseUserManager.normalize_email = classmethod(lambda cls, email: email or "")  # type: ignore[assignment]


@fault(
    "long-password-refused",
    "A registration refuses a password of more than 50 characters.",
    breaks="POST /users/: the validators of the profile have no maximum",
)
@before("create")
def _(request: Any) -> Any:
    typed = sent(request, "password")
    if isinstance(typed, str) and len(typed) > 50:  # a house may stop at 64
        return answer(400, {"password": ["This password is too long."]})
    return None


@fault(
    "activation-by-a-click",
    "A GET of the activation with uid and token in its query activates.",
    breaks="GET /users/activation/: a GET changes nothing",
    steps=3,
)
@around("djoser.views.UserViewSet.dispatch")
def _(original: Any, view: Any, request: Any, *args: Any, **kw: Any) -> Any:
    user = by_uid(request.GET.get("uid"))
    if request.method == "GET" and user and takes_token(user, request.GET.get("token")):
        store(user, is_active=True)
    return original(view, request, *args, **kw)


@fault(
    "reset-activates",
    "A confirmed reset activates an account that is inactive.",
    breaks="POST /users/reset_password_confirm/: an inactive account stays so",
    steps=4,
)
@after("reset_password_confirm")
def _(request: Any, reply: Any) -> None:
    user = linked(request)
    store(user, is_active=True)
