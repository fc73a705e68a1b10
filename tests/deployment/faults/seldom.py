"""What goes wrong only in a profile with settings beside the usual ones."""

from typing import Any

from .accounts import json_body, tokens_of
from .patching import answer, on_action, wrap
from .registry import fault, wrong_setting
from .shapes import after, around, before

_FOLDER = "tests/fidelity/profiles"
MANY_FIELDS = (f"{_FOLDER}/many-fields.yaml",)
"""A registration needs a title too."""
USERNAMES = (f"{_FOLDER}/usernames.yaml",)
"""Unknown addresses are told, and every mail there is is sent."""
UUIDS = (f"{_FOLDER}/uuids.yaml",)
"""Refresh tokens rotate, and a used one is dead."""
REVOKING = (f"{_FOLDER}/revoking.yaml",)
"""Refresh tokens rotate; a password change ends access tokens."""
PASTED = (f"{_FOLDER}/pasted.yaml",)
"""A password change ends the account's token."""
CONFIRMED = (f"{_FOLDER}/sessions.yaml",)
"""Mails tell of a new password."""


def _confirmed(profile: dict[str, Any]) -> None:
    profile["djoser"]["SEND_CONFIRMATION_EMAIL"] = True


def _without_blacklist(profile: dict[str, Any]) -> None:
    profile["simple_jwt"]["BLACKLIST_AFTER_ROTATION"] = False


def _without_revocation(profile: dict[str, Any]) -> None:
    profile["simple_jwt"]["CHECK_REVOKE_TOKEN"] = False


def _without_address_mail(profile: dict[str, Any]) -> None:
    profile["djoser"]["USERNAME_CHANGED_EMAIL_CONFIRMATION"] = False


wrong_setting(
    "registration-mails-unasked",
    "A registration sends a confirmation mail, and the profile has none.",
    _confirmed,
    breaks="POST /users/: no mail without SEND_ACTIVATION_EMAIL and SEND_CONFIRMATION_EMAIL",
    profiles=("djoser",),
)
wrong_setting(
    "activation-mails-unasked",
    "An activation sends a confirmation mail, and the profile has none.",
    _confirmed,
    breaks="POST /users/activation/: no mail without SEND_CONFIRMATION_EMAIL",
    profiles=USERNAMES,
    steps=2,
)
wrong_setting(
    "used-refresh-token-lives",
    "A refresh token goes on after a rotation.",
    _without_blacklist,
    breaks="POST /jwt/refresh/: BLACKLIST_AFTER_ROTATION",
    profiles=UUIDS,
    steps=4,
)
wrong_setting(
    "access-token-outlives-password",
    "An access token goes on after its account has another password.",
    _without_revocation,
    breaks="POST /users/set_password/: CHECK_REVOKE_TOKEN",
    profiles=REVOKING,
    steps=4,
)
wrong_setting(
    "address-change-unconfirmed",
    "No mail tells of a changed address.",
    _without_address_mail,
    breaks="POST /users/set_email/: exactly one mail",
    profiles=REVOKING,
    steps=3,
)


@fault(
    "registration-without-title",
    "A registration that lacks its title gets one.",
    breaks="POST /users/: a missing required field is a 400",
    profiles=MANY_FIELDS,
)
@before("create")
def _(request: Any) -> None:
    if "password" in json_body(request):
        json_body(request).setdefault("title", "untitled")


@fault(
    "resend-needed-by-nobody",
    "A resend is answered 204 where accounts need no activation.",
    breaks="POST /users/resend_activation/: a 400 without SEND_ACTIVATION_EMAIL",
    profiles=("djoser",),
)
@after("resend_activation")
def _(request: Any, reply: Any) -> Any:
    return answer(204) if reply.status_code == 400 else reply


def _not_told(action: str) -> None:
    """Answers 204 for an address of nobody; Djoser's `self.fail` gives a list, a field a mapping."""

    @on_action(action)
    def around(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        from rest_framework.exceptions import ValidationError

        try:
            return original(view, request, **kw)
        except ValidationError as error:
            if isinstance(error.detail, list):
                return answer(204)
            raise


@fault(
    "resend-keeps-unknown-to-itself",
    "A resend for an address of nobody is answered 204, and the profile says that it is told.",
    breaks="POST /users/resend_activation/: PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND",
    profiles=USERNAMES,
)
def _() -> None:
    _not_told("resend_activation")


@fault(
    "reset-keeps-unknown-to-itself",
    "A reset request for an address of nobody is answered 204, and the profile says that it is told.",
    breaks="POST /users/reset_password/: PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND",
    profiles=USERNAMES,
)
def _() -> None:
    _not_told("reset_password")


@fault(
    "rotation-gives-access-token",
    "Where refresh tokens rotate, the new one is the access token.",
    breaks="POST /jwt/refresh/: the new refresh token works",
    profiles=REVOKING,
    steps=4,
)
@around("rest_framework_simplejwt.serializers.TokenRefreshSerializer.validate")
def _(original: Any, serializer: Any, attrs: Any) -> Any:
    data = original(serializer, attrs)
    return {**data, "refresh": data["access"]}


@fault(
    "token-outlives-password",
    "A password change says that the account is logged out, and leaves its token alive.",
    breaks="POST /users/set_password/: LOGOUT_ON_PASSWORD_CHANGE",
    profiles=PASTED,
    steps=4,
)
@around("djoser.views.UserViewSet.set_password")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    tokens = tokens_of(request.user)
    kept = list(tokens)
    reply = original(view, request, *args, **kwargs)
    tokens.model.objects.bulk_create(kept, ignore_conflicts=True)
    return reply


def _telling(path: str, times: int) -> None:
    """Sends the mail that tells of a new password so many times where the call's path ends so."""

    def send(original: Any, mail: Any, to: Any, *args: Any, **kw: Any) -> None:
        for _ in range(times if mail.request.path.rstrip("/").endswith(path) else 1):
            original(mail, to, *args, **kw)

    wrap("djoser.email.PasswordChangedConfirmationEmail.send", send)


@fault(
    "password-change-mail-twice",
    "Two mails tell of a changed password.",
    breaks="POST /users/set_password/: exactly one mail",
    profiles=CONFIRMED,
    steps=3,
)
def _() -> None:
    _telling("set_password", 2)


@fault(
    "reset-not-told",
    "No mail tells of a password that was reset, though one tells of a changed one.",
    breaks="POST /users/reset_password_confirm/: exactly one mail",
    profiles=CONFIRMED,
    steps=4,
)
def _() -> None:
    _telling("reset_password_confirm", 0)
