"""Mails that nobody asked for."""

from typing import Any

from .patching import by_uid, on_action, raw_body, wrap
from .registry import EVERYWHERE, fault


@fault(
    "repeated-activation-mails",
    "An activation that is refused, for the account is active, mails a confirmation again.",
    breaks="POST /users/activation/: what is refused mails nobody",
    steps=4,
)
def _() -> None:
    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from djoser.conf import settings
        from rest_framework.exceptions import PermissionDenied

        try:
            return original(view, request, **kw)
        except PermissionDenied:
            user = by_uid(request.data.get("uid"))
            settings.EMAIL.confirmation(request, {"user": user}).send([user.email])
            raise


@fault(
    "wrong-activation-mails",
    "An activation with a wrong token mails a new link.",
    breaks="POST /users/activation/: what is refused mails nobody",
    steps=2,
)
def _() -> None:
    @on_action("activation")
    def activation(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from djoser.conf import settings
        from rest_framework.exceptions import ValidationError

        try:
            return original(view, request, **kw)
        except ValidationError:
            user = by_uid(raw_body(request).get("uid"))
            if user and not user.is_active:
                settings.EMAIL.activation(request, {"user": user}).send([user.email])
            raise


@fault(
    "refused-reset-mails",
    "A refused confirmation of a reset mails a new link.",
    breaks="POST /users/reset_password_confirm/: what is refused mails nobody",
    steps=4,
)
def _() -> None:
    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from djoser.conf import settings
        from rest_framework.exceptions import ValidationError

        try:
            return original(view, request, **kw)
        except ValidationError:
            user = by_uid(raw_body(request).get("uid"))
            if user and user.is_active:
                settings.EMAIL.password_reset(request, {"user": user}).send([user.email])
            raise


@fault(
    "refused-registration-mails",
    "A registration with a weak password is refused, and mails its address.",
    breaks="POST /users/: what is refused mails nobody",
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from django.core.mail import send_mail
        from rest_framework.exceptions import ValidationError

        try:
            return original(view, request, **kw)
        except ValidationError as error:
            address = raw_body(request).get("email")
            if "password" in error.detail and isinstance(address, str) and "@" in address:
                send_mail("Welcome", "Choose another password.", None, [address])
            raise


@fault(
    "set-password-mails",
    "A change of the password mails a note, which the profile does not have.",
    breaks="POST /users/set_password/: no mail without PASSWORD_CHANGED_EMAIL_CONFIRMATION",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from django.core.mail import send_mail

        reply = original(view, request, **kw)
        if request.user.email:
            send_mail("Changed", "Your password is another one.", None, [request.user.email])
        return reply


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
        from django.core.mail import send_mail

        reply = original(view, request, **kw)
        if request.method in {"PUT", "PATCH"} and request.user.pk not in told:
            told.add(request.user.pk)
            send_mail("Changed", "Your name is another one.", None, [request.user.email])
        return reply


@fault(
    "login-mails",
    "A login by JWT mails a note.",
    breaks="POST /jwt/create/: no mail",
    steps=3,
)
def _() -> None:
    from django.core.mail import send_mail
    from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        data = original(serializer, attrs)
        send_mail("Welcome back", "You logged in.", None, [serializer.user.email])
        return data

    wrap(TokenObtainPairSerializer, "validate", validate)
