"""Password changes and resets that go wrong."""

from typing import Any

from .patching import answer, by_email, by_uid, first_user, on_action, raw_body, users, wrap
from .registry import BY_EMAIL, EVERYWHERE, fault

_SET = "POST /users/set_password/"
_RESET = "POST /users/reset_password/"
_CONFIRM = "POST /users/reset_password_confirm/"


@fault(
    "set-password-current-unchecked",
    "A password change does not check the current password.",
    breaks=f"{_SET}: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from djoser import serializers

    for name in ("SetPasswordSerializer", "SetPasswordRetypeSerializer"):
        getattr(serializers, name).validate_current_password = lambda self, value: value


@fault(
    "set-password-current-optional",
    "A password change works without the current password.",
    breaks=f"{_SET}: current_password is required",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from djoser import serializers

    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.fields["current_password"].required = False

    wrap(serializers.SetPasswordSerializer, "__init__", init)
    wrap(serializers.SetPasswordRetypeSerializer, "__init__", init)


@fault(
    "set-password-takes-anyones-current",
    "A password change takes the current password of any account.",
    breaks=f"{_SET}: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    from djoser import serializers
    from rest_framework.exceptions import ValidationError

    def check(original: Any, self: Any, value: Any) -> Any:
        try:
            return original(self, value)
        except ValidationError:
            if any(user.check_password(value) for user in users().order_by("-date_joined")[:30]):
                return value
            raise

    wrap(serializers.CurrentPasswordSerializer, "validate_current_password", check)


@fault(
    "set-password-no-effect",
    "A password change answers 204 and changes nothing.",
    breaks=f"{_SET}: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        view.get_serializer(data=request.data).is_valid(raise_exception=True)
        return answer(204)


@fault(
    "set-password-second-ignored",
    "An account's second password change is answered with 204 and ignored.",
    breaks=f"{_SET}: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    changed: set[Any] = set()

    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        view.get_serializer(data=request.data).is_valid(raise_exception=True)
        if request.user.pk in changed:
            return answer(204)
        changed.add(request.user.pk)
        return original(view, request, *args, **kwargs)


@fault(
    "set-password-old-still-works",
    "After a password change, the old password logs in as well.",
    breaks=f"{_SET}: afterwards the old password is refused",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.hashers import check_password as matches

    old: dict[Any, str] = {}

    def check(original: Any, user: Any, raw: Any) -> Any:
        return original(user, raw) or (user.pk in old and matches(raw, old[user.pk]))

    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        before = request.user.password
        response = original(view, request, *args, **kwargs)
        old[request.user.pk] = before
        return response

    wrap(AbstractBaseUser, "check_password", check)


@fault(
    "refused-set-password-changes",
    "A password change that is refused for its wrong current password happens all the same.",
    breaks=f"{_SET}: a refused call changes nothing",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        new = raw_body(request).get("new_password")
        try:
            return original(view, request, *args, **kwargs)
        except Exception:
            if isinstance(new, str) and len(new) > 7:
                request.user.set_password(new)
                request.user.save()
            raise


@fault(
    "set-password-without-validators",
    "A password change takes weak passwords.",
    breaks=f"{_SET}: Django's password validators apply",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from djoser import serializers

    for owner in (serializers.SetPasswordSerializer, serializers.SetPasswordRetypeSerializer):

        def validate(original: Any, self: Any, attrs: Any) -> Any:
            real = serializers.validate_password
            serializers.validate_password = lambda password, user=None: None
            try:
                return original(self, attrs)
            finally:
                serializers.validate_password = real

        wrap(owner, "validate", validate)


@fault(
    "set-password-ignores-retype",
    "A password change takes two new passwords that differ.",
    breaks=f"{_SET}: re_new_password equals new_password",
    steps=3,
)
def _() -> None:
    from djoser import serializers

    serializers.SetPasswordRetypeSerializer.validate = serializers.PasswordSerializer.validate


@fault(
    "set-password-trims-end",
    "A password change stores the new password without its last character.",
    breaks=f"{_SET}: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        request.user.set_password(raw_body(request)["new_password"][:-1])
        request.user.save()
        return response


@fault(
    "set-password-of-first-user",
    "A password change sets the password of the oldest account as well.",
    breaks=f"{_SET}: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        user = first_user()
        user.set_password(raw_body(request)["new_password"])
        user.save()
        return response


@fault(
    "set-password-200",
    "A password change is answered with 200 and a sentence.",
    breaks=f"{_SET}: 204 without a body",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        original(view, request, *args, **kwargs)
        return answer(200, {"detail": "Password changed."})


@fault(
    "set-password-deactivates",
    "A password change makes the account inactive.",
    breaks=f"{_SET}: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        users().filter(pk=request.user.pk).update(is_active=False)
        return response


@fault(
    "set-password-mails-password",
    "A password change mails the new password to the user.",
    breaks=f"{_SET}: no mail without PASSWORD_CHANGED_EMAIL_CONFIRMATION",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @on_action("set_password")
    def set_password(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from django.core.mail import send_mail

        response = original(view, request, *args, **kwargs)
        text = f"Your new password is {raw_body(request)['new_password']}"
        send_mail("Your password", text, None, [request.user.email])
        return response


# --- asking for a reset --------------------------------------------------------------------------


@fault(
    "reset-for-inactive",
    "Accounts that were never activated get password reset mails.",
    breaks=f"{_RESET}: an inactive account gets no mail",
    steps=2,
)
def _() -> None:
    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from djoser.conf import settings

        user = by_email(raw_body(request).get("email"))
        if user is not None and not user.is_active:
            settings.EMAIL.password_reset(request, {"user": user}).send([user.email])
        return original(view, request, *args, **kwargs)


@fault(
    "reset-unknown-404",
    "A password reset for an unknown address is answered with 404.",
    breaks=f"{_RESET}: known and unknown addresses cannot be told apart",
    profiles=EVERYWHERE,
)
def _() -> None:
    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        if by_email(raw_body(request).get("email")) is None:
            return answer(404, {"detail": "Not found."})
        return response


@fault(
    "reset-known-header",
    "A password reset for a known address answers with a header more.",
    breaks=f"{_RESET}: known and unknown addresses cannot be told apart, headers included",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        if by_email(raw_body(request).get("email")) is not None:
            response["X-Mail-Queued"] = "1"
        return response


@fault(
    "reset-known-body",
    "A password reset for a known address answers 200 with a sentence, for an unknown one 204.",
    breaks=f"{_RESET}: known and unknown addresses cannot be told apart",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        if by_email(raw_body(request).get("email")) is not None:
            return answer(200, {"detail": "A mail was sent."})
        return response


@fault(
    "reset-inactive-400",
    "A password reset for a pending account is answered with 400.",
    breaks=f"{_RESET}: pending and unknown addresses cannot be told apart",
    steps=2,
)
def _() -> None:
    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = by_email(raw_body(request).get("email"))
        if user is not None and not user.is_active:
            return answer(400, {"detail": "This account is not active."})
        return original(view, request, *args, **kwargs)


@fault(
    "reset-logs-out",
    "Asking for a password reset ends the account's token logins, whoever asks.",
    breaks=f"{_RESET}: an anonymous call changes nothing",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from rest_framework.authtoken.models import Token

        Token.objects.filter(user=by_email(raw_body(request).get("email"))).delete()
        return original(view, request, *args, **kwargs)


@fault(
    "reset-scrambles-password",
    "Asking for a password reset makes the old password useless at once, whoever asks.",
    breaks=f"{_RESET}: the old password works until the reset is confirmed",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = by_email(raw_body(request).get("email"))
        if user is not None and user.is_active:
            user.set_password("0-replaced-0")
            user.save()
        return original(view, request, *args, **kwargs)


@fault(
    "reset-second-silent",
    "The second password reset of an account mails nobody.",
    breaks=f"{_RESET}: every call for an active account sends one mail",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    seen: set[Any] = set()

    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        address = raw_body(request).get("email")
        user = by_email(address)
        if user is not None and user.is_active and address in seen:
            return answer(204)
        seen.add(str(address))
        return original(view, request, *args, **kwargs)


# --- confirming a reset ----------------------------------------------------------------------------


def _hash_without(*parts: str) -> None:
    """Lets Django's mail tokens survive a change of these parts of the user."""
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    def value(self: Any, user: Any, timestamp: Any) -> str:
        login = (
            "" if user.last_login is None else user.last_login.replace(microsecond=0, tzinfo=None)
        )
        known = {"password": user.password, "last_login": login, "email": user.email}
        kept = "".join(str(known[part]) for part in known if part not in parts)
        return f"{user.pk}{kept}{timestamp}"

    PasswordResetTokenGenerator._make_hash_value = value


@fault(
    "reset-token-reusable",
    "The link of a password reset works again and again.",
    breaks=f"{_CONFIRM}: a used token is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    _hash_without("password", "last_login")


@fault(
    "reset-token-survives-password-change",
    "The link of a password reset still works after the password was changed.",
    breaks=f"{_CONFIRM}: a token from before a password change is refused",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    _hash_without("password")


@fault(
    "reset-token-survives-email-change",
    "The link of a password reset still works after the e-mail address was changed.",
    breaks=f"{_CONFIRM}: a token from before a change of the address is refused",
    profiles=BY_EMAIL,
    steps=6,
)
def _() -> None:
    _hash_without("email")


@fault(
    "reset-token-survives-login",
    "The link of a password reset still works after a token login.",
    breaks=f"{_CONFIRM}: a token from before a login that is recorded is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    _hash_without("last_login")


@fault(
    "older-reset-token-survives",
    "Of two reset links, the older one still works after the newer one was used.",
    breaks=f"{_CONFIRM}: once the password is reset, every earlier token is refused",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    issued: dict[Any, list[str]] = {}
    used: set[str] = set()

    def make(original: Any, self: Any, user: Any) -> Any:
        token = original(self, user)
        # two links of one second are the same token: not what this fault is about
        if token not in issued.setdefault(user.pk, []):
            issued[user.pk].append(token)
        return token

    def check(original: Any, self: Any, user: Any, token: Any) -> Any:
        known = user is not None and token in issued.get(user.pk, [])
        return original(self, user, token) or (known and token not in used)

    @on_action("reset_password_confirm", "activation")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        used.add(str(raw_body(request).get("token")))
        return response

    wrap(PasswordResetTokenGenerator, "make_token", make)
    wrap(PasswordResetTokenGenerator, "check_token", check)


@fault(
    "reset-any-token",
    "A password reset is confirmed with any token.",
    breaks=f"{_CONFIRM}: a wrong token is refused",
    profiles=EVERYWHERE,
    steps=2,
)
def _() -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    def check(original: Any, self: Any, user: Any, token: Any) -> Any:
        return original(self, user, token) or user.is_active

    wrap(PasswordResetTokenGenerator, "check_token", check)


@fault(
    "reset-token-prefix",
    "A token is compared by its first 20 characters only.",
    breaks=f"{_CONFIRM}: a tampered token is refused",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    tokens: set[str] = set()

    def make(original: Any, self: Any, user: Any) -> Any:
        token = original(self, user)
        tokens.add(token)
        return token

    def check(original: Any, self: Any, user: Any, token: Any) -> Any:
        full = [known for known in tokens if isinstance(token, str) and known[:20] == token[:20]]
        return any(original(self, user, known) for known in full)

    wrap(PasswordResetTokenGenerator, "make_token", make)
    wrap(PasswordResetTokenGenerator, "check_token", check)


@fault(
    "reset-token-of-anyone",
    "A token that was made for one account resets the password of another.",
    breaks=f"{_CONFIRM}: a token of another account is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    def check(original: Any, self: Any, user: Any, token: Any) -> Any:
        if original(self, user, token):
            return True
        others = users().filter(is_active=True).order_by("-date_joined")[:50]
        return user.is_active and any(original(self, other, token) for other in others)

    wrap(PasswordResetTokenGenerator, "check_token", check)


@fault(
    "reset-without-validators",
    "A password reset takes weak passwords.",
    breaks=f"{_CONFIRM}: Django's password validators apply",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    from djoser import serializers

    for owner in (
        serializers.PasswordResetConfirmSerializer,
        serializers.PasswordResetConfirmRetypeSerializer,
    ):

        def validate(original: Any, self: Any, attrs: Any) -> Any:
            real = serializers.validate_password
            serializers.validate_password = lambda password, user=None: None
            try:
                return original(self, attrs)
            finally:
                serializers.validate_password = real

        wrap(owner, "validate", validate)


@fault(
    "reset-ignores-retype",
    "A password reset takes two new passwords that differ.",
    breaks=f"{_CONFIRM}: re_new_password equals new_password",
    steps=4,
)
def _() -> None:
    from djoser import serializers

    def validate(original: Any, self: Any, attrs: Any) -> Any:
        attrs["re_new_password"] = attrs["new_password"]
        return original(self, attrs)

    wrap(serializers.PasswordResetConfirmRetypeSerializer, "validate", validate)


@fault(
    "reset-sets-first-user",
    "A confirmed reset sets the password of the oldest account.",
    breaks=f"{_CONFIRM}: sets the password of the account of the uid",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = by_uid(raw_body(request).get("uid"))
        before = user.password if user is not None else ""
        response = original(view, request, *args, **kwargs)
        first = first_user()
        if first.pk != user.pk:
            users().filter(pk=user.pk).update(password=before)
            first.set_password(raw_body(request)["new_password"])
            first.save()
        return response


@fault(
    "reset-no-effect",
    "A confirmed reset is answered with 204 and changes nothing.",
    breaks=f"{_CONFIRM}: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        view.get_serializer(data=request.data).is_valid(raise_exception=True)
        return answer(204)


@fault(
    "reset-old-still-works",
    "After a reset, the old password logs in as well.",
    breaks=f"{_CONFIRM}: afterwards the old password is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.hashers import check_password as matches

    old: dict[Any, str] = {}

    def check(original: Any, user: Any, raw: Any) -> Any:
        return original(user, raw) or (user.pk in old and matches(raw, old[user.pk]))

    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = by_uid(raw_body(request).get("uid"))
        response = original(view, request, *args, **kwargs)
        old[user.pk] = user.password
        return response

    wrap(AbstractBaseUser, "check_password", check)


@fault(
    "refused-reset-changes",
    "A reset that is refused for its weak password sets it all the same.",
    breaks=f"{_CONFIRM}: a refused call changes nothing",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        body = raw_body(request)
        try:
            return original(view, request, *args, **kwargs)
        except Exception:
            user, new = by_uid(body.get("uid")), body.get("new_password")
            token = str(body.get("token"))
            if user and isinstance(new, str) and view.token_generator.check_token(user, token):
                user.set_password(new)
                user.save()
            raise


@fault(
    "refused-reset-uses-token",
    "A reset that is refused for its weak password makes the link useless.",
    breaks=f"{_CONFIRM}: after a refused password the same link still works",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from django.utils.timezone import now

        body = raw_body(request)
        try:
            return original(view, request, *args, **kwargs)
        except Exception:
            user = by_uid(body.get("uid"))
            token = str(body.get("token"))
            if user and body.get("new_password") and view.token_generator.check_token(user, token):
                users().filter(pk=user.pk).update(last_login=now())
            raise


@fault(
    "reset-changes-email",
    "A confirmed reset writes the address in lower case.",
    breaks=f"{_CONFIRM}: nothing but the password changes",
    profiles=BY_EMAIL,
    steps=6,
)
def _() -> None:
    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        user = by_uid(raw_body(request)["uid"])
        users().filter(pk=user.pk).update(email=user.email.lower(), name="")
        return response


@fault(
    "reset-confirm-200",
    "A confirmed reset is answered with 200 and a sentence.",
    breaks=f"{_CONFIRM}: 204 without a body",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        original(view, request, *args, **kwargs)
        return answer(200, {"detail": "Password has been reset."})


@fault(
    "reset-confirm-logs-in",
    "A confirmed reset answers with an auth token.",
    breaks=f"{_CONFIRM}: 204 without a body",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from rest_framework.authtoken.models import Token

        original(view, request, *args, **kwargs)
        token, _ = Token.objects.get_or_create(user=by_uid(raw_body(request)["uid"]))
        return answer(200, {"auth_token": token.key})
