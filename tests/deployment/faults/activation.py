"""Activations and activation mails that go wrong."""

from typing import Any

from .patching import answer, by_email, by_uid, first_user, on_action, raw_body, wrap
from .registry import fault

_OP = "POST /users/activation/"
_RESEND = "POST /users/resend_activation/"


@fault(
    "activation-any-token",
    "Activation looks at the uid only.",
    breaks=f"{_OP}: a wrong token is refused",
    steps=2,
)
def _() -> None:
    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = by_uid(raw_body(request).get("uid"))
        if user is None or user.is_active:
            return original(view, request, *args, **kwargs)
        user.is_active = True
        user.save()
        return answer(204)


@fault(
    "activation-by-token-of-another",
    "Activation takes a token that was made for any account.",
    breaks=f"{_OP}: a token of another account is refused",
    steps=4,
)
def _() -> None:
    from .patching import users

    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        body = raw_body(request)
        user = by_uid(body.get("uid"))
        token = str(body.get("token"))
        others = users().all()[:200]
        if user and not user.is_active:
            if not any(view.token_generator.check_token(other, token) for other in others):
                return original(view, request, *args, **kwargs)
            user.is_active = True
            user.save()
            return answer(204)
        return original(view, request, *args, **kwargs)


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
def _() -> None:
    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from rest_framework.exceptions import PermissionDenied

        try:
            return original(view, request, *args, **kwargs)
        except PermissionDenied as error:
            return answer(400, {"token": [str(error.detail)]})


@fault(
    "activation-activates-first",
    "Whoever activates, it is the oldest pending account that becomes active.",
    breaks=f"{_OP}: activates the account of the uid",
    steps=4,
)
def _() -> None:
    from .patching import users

    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        pending = users().filter(is_active=False).order_by("date_joined").first()
        response = original(view, request, *args, **kwargs)
        user = by_uid(raw_body(request).get("uid"))
        if pending and pending.pk != user.pk:
            users().filter(pk=user.pk).update(is_active=False)
            users().filter(pk=pending.pk).update(is_active=True)
        return response


@fault(
    "activation-activates-the-next-too",
    "An activation activates the account that was registered next as well.",
    breaks=f"{_OP}: activates the account of the uid alone",
    steps=4,
)
def _() -> None:
    from .patching import users

    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        user = by_uid(raw_body(request).get("uid"))
        if response.status_code == 204:
            later = users().filter(date_joined__gt=user.date_joined).order_by("date_joined")
            users().filter(pk=getattr(later.first(), "pk", None)).update(is_active=True)
        return response


@fault(
    "activation-no-effect",
    "Activation answers 204 and leaves the account inactive.",
    breaks=f"{_OP}: afterwards the account can log in",
    steps=3,
)
def _() -> None:
    from .patching import users

    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        users().filter(pk=by_uid(raw_body(request)["uid"]).pk).update(is_active=False)
        return response


@fault(
    "activation-200",
    "Activation answers 200 with the user.",
    breaks=f"{_OP}: 204 without a body",
    steps=2,
)
def _() -> None:
    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        original(view, request, *args, **kwargs)
        user = by_uid(raw_body(request)["uid"])
        return answer(200, {"id": user.pk, "email": user.email})


@fault(
    "activation-unknown-uid-204",
    "Activation of a uid that nobody has is answered with 204.",
    breaks=f"{_OP}: an unknown uid is refused",
)
def _() -> None:
    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        body = raw_body(request)
        if body.get("uid") and body.get("token") and by_uid(body["uid"]) is None:
            return answer(204)
        return original(view, request, *args, **kwargs)


@fault(
    "activation-unknown-uid-500",
    "Activation of a uid that nobody has is answered with 500.",
    breaks=f"{_OP}: an unknown uid is refused with 400",
)
def _() -> None:
    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        body = raw_body(request)
        if body.get("uid") and body.get("token") and by_uid(body["uid"]) is None:
            raise LookupError("no such user")
        return original(view, request, *args, **kwargs)


@fault(
    "activation-changes-password",
    "Activation hashes the stored hash once more, so that the password no longer works.",
    breaks=f"{_OP}: afterwards the account can log in with its password",
    steps=3,
)
def _() -> None:
    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        user = by_uid(raw_body(request)["uid"])
        user.set_password(user.password)
        user.save()
        return response


@fault(
    "wrong-token-kills-link",
    "One attempt with a wrong token makes the account's right link useless.",
    breaks=f"{_OP}: a refused call changes nothing",
    steps=3,
)
def _() -> None:
    from djoser.serializers import UidAndTokenSerializer
    from rest_framework.exceptions import ValidationError

    def validate(original: Any, self: Any, attrs: Any) -> Any:
        from django.utils.timezone import now

        try:
            return original(self, attrs)
        except ValidationError as error:
            user = by_uid(attrs.get("uid"))
            if user is not None and "token" in error.detail:
                user.last_login = now()
                user.save()
            raise

    wrap(UidAndTokenSerializer, "validate", validate)


@fault(
    "third-activation-breaks",
    "After two activations, the server answers the next ones with 204 and does nothing.",
    breaks=f"{_OP}: afterwards the account can log in",
    steps=9,
)
def _() -> None:
    done: list[int] = []

    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if len(done) >= 2:
            return answer(204)
        response = original(view, request, *args, **kwargs)
        done.append(1)
        return response


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
def _() -> None:
    @on_action("resend_activation")
    def resend(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from djoser.conf import settings

        user = by_email(raw_body(request).get("email"))
        if user and user.is_active:
            settings.EMAIL.activation(request, {"user": user}).send([user.email])
        return original(view, request, *args, **kwargs)


@fault(
    "resend-never-mails",
    "Resending answers 204 and mails nobody.",
    breaks=f"{_RESEND}: a pending account gets its mail",
    steps=2,
)
def _() -> None:
    @on_action("resend_activation")
    def resend(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        view.get_serializer(data=request.data).is_valid(raise_exception=True)
        return answer(204)


@fault(
    "resend-once-only",
    "The second time, resending mails nobody.",
    breaks=f"{_RESEND}: every call for a pending account sends one mail",
    steps=3,
)
def _() -> None:
    seen: set[str] = set()

    @on_action("resend_activation")
    def resend(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        address = raw_body(request).get("email")
        if isinstance(address, str) and address in seen:
            return answer(204)
        response = original(view, request, *args, **kwargs)
        seen.add(str(address))
        return response


@fault(
    "resend-twice",
    "Resending sends two mails.",
    breaks=f"{_RESEND}: sends exactly one mail",
    steps=2,
)
def _() -> None:
    @on_action("resend_activation")
    def resend(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        original(view, request, *args, **kwargs)
        return original(view, request, *args, **kwargs)


@fault(
    "resend-tells-unknown",
    "Resending answers 404 for an address without account.",
    breaks=f"{_RESEND}: known and unknown addresses cannot be told apart",
)
def _() -> None:
    @on_action("resend_activation")
    def resend(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        if by_email(raw_body(request).get("email")) is None:
            return answer(404, {"detail": "Not found."})
        return response


@fault(
    "resend-tells-active",
    "Resending answers 400 for an account that is active.",
    breaks=f"{_RESEND}: active and unknown addresses cannot be told apart",
    steps=3,
)
def _() -> None:
    @on_action("resend_activation")
    def resend(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = by_email(raw_body(request).get("email"))
        if user is not None and user.is_active:
            return answer(400, {"email": ["This account is active."]})
        return original(view, request, *args, **kwargs)


@fault(
    "resend-activates",
    "Resending makes the account active.",
    breaks=f"{_RESEND}: the account stays inactive until its link is opened",
    steps=3,
)
def _() -> None:
    @on_action("resend_activation")
    def resend(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        user = by_email(raw_body(request).get("email"))
        if user is not None:
            user.is_active = True
            user.save()
        return response


@fault(
    "resend-sends-to-first",
    "The resent mail goes to the oldest account.",
    breaks=f"{_RESEND}: the mail goes to the address that was asked for",
    steps=4,
)
def _() -> None:
    @on_action("resend_activation")
    def resend(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from djoser.conf import settings

        user = by_email(raw_body(request).get("email"))
        if user is None or user.is_active:
            return original(view, request, *args, **kwargs)
        settings.EMAIL.activation(request, {"user": user}).send([first_user().email])
        return answer(204)


@fault(
    "resent-link-is-dead",
    "The token of a resent link does not work.",
    breaks=f"{_RESEND}: the new link activates the account",
    steps=3,
)
def _() -> None:
    from djoser import email

    seen: set[Any] = set()

    def context(original: Any, self: Any) -> Any:
        values = original(self)
        if values["user"].pk in seen:
            values["token"] = values["token"][::-1]
            from djoser.conf import settings

            values["url"] = settings.ACTIVATION_URL.format(**values)
        seen.add(values["user"].pk)
        return values

    wrap(email.ActivationEmail, "get_context_data", context)
