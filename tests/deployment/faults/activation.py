"""Activations that go wrong."""

from collections import Counter
from typing import Any

from .accounts import by_uid, give_password, linked, raw_body, sent, store, takes_token, users
from .makers import works_times
from .patching import action_of, answer, on_action, on_response, replaced, wrap
from .profiles import PASTED
from .registry import fault
from .shapes import after, around, before, refused


@fault(
    "activation-any-token",
    "Activation looks at the uid only.",
    breaks="POST /users/activation/: a wrong token is refused",
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
    breaks="POST /users/activation/: a token of another account is refused",
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
    breaks="POST /users/activation/: an activated account's link is stale: 403",
    steps=3,
)
def _() -> None:
    from djoser.serializers import UidAndTokenSerializer

    replaced("djoser.serializers.ActivationSerializer.validate", UidAndTokenSerializer.validate)


@fault(
    "activation-repeat-400",
    "Opening an activation link again is answered with 400 instead of 403.",
    breaks="POST /users/activation/: an activated account's link is stale: 403",
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
    breaks="POST /users/activation/: activates the account of the uid",
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
    breaks="POST /users/activation/: activates the account of the uid alone",
    steps=4,
)
@after("activation")
def _(request: Any, reply: Any) -> None:
    later = users().filter(date_joined__gt=linked(request).date_joined).order_by("date_joined")
    store(later.first(), is_active=True)


@fault(
    "activation-no-effect",
    "Activation answers 204 and leaves the account inactive.",
    breaks="POST /users/activation/: afterwards the account can log in",
    steps=3,
)
@after("activation")
def _(request: Any, reply: Any) -> None:
    store(linked(request), is_active=False)


@fault(
    "activation-200",
    "Activation answers 200 with the user.",
    breaks="POST /users/activation/: 204 without a body",
    steps=2,
)
@after("activation")
def _(request: Any, reply: Any) -> Any:
    user = linked(request)
    return answer(200, {"id": user.pk, "email": user.email})


@fault(
    "activation-unknown-uid-204",
    "Activation of a uid that nobody has is answered with 204.",
    breaks="POST /users/activation/: an unknown uid is refused",
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
    breaks="POST /users/activation/: an unknown uid is refused with 400",
)
@before("activation")
def _(request: Any) -> None:
    body = raw_body(request)
    if body.get("uid") and body.get("token") and by_uid(body["uid"]) is None:
        raise LookupError("no such user")


@fault(
    "activation-changes-password",
    "Activation hashes the stored hash once more, so that the password no longer works.",
    breaks="POST /users/activation/: afterwards the account can log in with its password",
    steps=3,
)
@after("activation")
def _(request: Any, reply: Any) -> None:
    user = linked(request)
    give_password(user, user.password)


@fault(
    "wrong-token-kills-link",
    "One attempt with a wrong token makes the account's right link useless.",
    breaks="POST /users/activation/: a refused call changes nothing",
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
    breaks="POST /users/activation/: afterwards the account can log in",
    steps=9,
)
def _() -> None:
    works_times(2, "activation", lambda request: "anyone", lambda: answer(204))


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
    "fifth-activation-link-dead",
    "Every fifth activation is refused.",
    breaks="POST /users/activation/: the link activates",
    steps=6,
)
def _() -> None:
    count = Counter[str]()

    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        user = linked(request)
        reply = original(view, request, **kw)
        count["done"] += 1
        if count["done"] % 5 == 0:
            store(user, is_active=False)
            return answer(400, {"token": ["Invalid token for given user."]})
        return reply


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
    "new-address-stays-active",
    "An account that gives itself another address need not confirm it.",
    breaks="PATCH /users/me/: a new address is activated anew",
    profiles=PASTED,
    steps=4,
)
def _() -> None:
    from rest_framework.serializers import ModelSerializer

    replaced("djoser.serializers.UserSerializer.update", ModelSerializer.update)


@fault(
    "new-address-lost-at-activation",
    "The activation of a new address brings the account back without it.",
    breaks="POST /users/activation/: the new address stays",
    profiles=PASTED,
    steps=5,
)
def _() -> None:
    known: dict[Any, str] = {}

    def update(original: Any, view: Any, serializer: Any, *args: Any, **kwargs: Any) -> None:
        known.setdefault(serializer.instance.pk, serializer.instance.email)
        original(view, serializer, *args, **kwargs)

    def change(request: Any, reply: Any, view: Any) -> None:
        user = linked(request) if action_of(view) == "activation" else None
        if user is not None and reply.status_code == 204 and user.pk in known:
            store(user, email=known[user.pk])

    wrap("djoser.views.UserViewSet.perform_update", update)
    on_response(change)


@fault(
    "token-without-hyphen",
    "A mail token that has no hyphen in it is taken as good.",
    breaks="POST /users/activation/: a broken token is refused",
    steps=2,
)
@around("django.contrib.auth.tokens.PasswordResetTokenGenerator.check_token")
def _(original: Any, generator: Any, user: Any, token: Any) -> bool:
    return ("-" not in str(token) and len(str(token)) > 30) or original(generator, user, token)
