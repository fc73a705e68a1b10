"""Confirmed, and refused, password resets that go wrong."""

from typing import Any

from .accounts import (
    auth_tokens,
    first_user,
    give_password,
    linked,
    sent,
    store,
    takes_token,
    users,
)
from .makers import InFlight, judged_by, without_effect, works_times
from .patching import answer, on_action, replaced, wrap
from .profiles import BY_EMAIL, EVERYWHERE
from .registry import fault
from .shapes import after, around, refused


def _hash_without(*parts: str) -> None:
    """Lets Django's mail tokens survive a change of these parts of the user."""

    def value(self: Any, user: Any, timestamp: Any) -> str:
        login = (
            "" if user.last_login is None else user.last_login.replace(microsecond=0, tzinfo=None)
        )
        known = {"password": user.password, "last_login": login, "email": user.email}
        kept = "".join(str(known[part]) for part in known if part not in parts)
        return f"{user.pk}{kept}{timestamp}"

    replaced("django.contrib.auth.tokens.PasswordResetTokenGenerator._make_hash_value", value)


@fault(
    "reset-race-leaves-no-password",
    "Where one reset link is used several times at once, the account has no password afterwards.",
    breaks="POST /users/reset_password_confirm/: one of the new passwords logs in",
    profiles=EVERYWHERE,
    steps=6,
    threads=16,
)
def _() -> None:
    at_work = InFlight()

    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        with at_work:
            reply = original(view, request, *args, **kwargs)
            if at_work.crowded:
                store(linked(request), password="!")
            return reply


@fault(
    "reset-token-reusable",
    "The link of a password reset works again and again.",
    breaks="POST /users/reset_password_confirm/: a used token is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    _hash_without("password", "last_login")


@fault(
    "reset-token-survives-password-change",
    "The link of a password reset still works after the password was changed.",
    breaks="POST /users/reset_password_confirm/: a token from before a password change is refused",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    _hash_without("password")


@fault(
    "reset-token-survives-email-change",
    "The link of a password reset still works after the e-mail address was changed.",
    breaks="POST /users/reset_password_confirm/: a token from before a change of the address is refused",
    profiles=BY_EMAIL,
    steps=6,
)
def _() -> None:
    _hash_without("email")


@fault(
    "reset-token-survives-login",
    "The link of a password reset still works after a token login.",
    breaks="POST /users/reset_password_confirm/: a token from before a login that is recorded is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    _hash_without("last_login")


@fault(
    "older-reset-token-survives",
    "Of two reset links, the older one still works after the newer one was used.",
    breaks="POST /users/reset_password_confirm/: once the password is reset, every earlier token is refused",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
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
        used.add(str(sent(request, "token")))
        return response

    wrap("django.contrib.auth.tokens.PasswordResetTokenGenerator.make_token", make)
    wrap("django.contrib.auth.tokens.PasswordResetTokenGenerator.check_token", check)


@fault(
    "reset-any-token",
    "A password reset is confirmed with any token.",
    breaks="POST /users/reset_password_confirm/: a wrong token is refused",
    profiles=EVERYWHERE,
    steps=2,
)
@around("django.contrib.auth.tokens.PasswordResetTokenGenerator.check_token")
def _(original: Any, self: Any, user: Any, token: Any) -> Any:
    return original(self, user, token) or user.is_active


@fault(
    "reset-token-prefix",
    "A token is compared by its first 20 characters only.",
    breaks="POST /users/reset_password_confirm/: a tampered token is refused",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    tokens: set[str] = set()

    def make(original: Any, self: Any, user: Any) -> Any:
        token = original(self, user)
        tokens.add(token)
        return token

    def check(original: Any, self: Any, user: Any, token: Any) -> Any:
        full = [known for known in tokens if isinstance(token, str) and known[:20] == token[:20]]
        return any(original(self, user, known) for known in full)

    wrap("django.contrib.auth.tokens.PasswordResetTokenGenerator.make_token", make)
    wrap("django.contrib.auth.tokens.PasswordResetTokenGenerator.check_token", check)


@fault(
    "reset-token-of-anyone",
    "A token that was made for one account resets the password of another.",
    breaks="POST /users/reset_password_confirm/: a token of another account is refused",
    profiles=EVERYWHERE,
    steps=5,
)
@around("django.contrib.auth.tokens.PasswordResetTokenGenerator.check_token")
def _(original: Any, self: Any, user: Any, token: Any) -> Any:
    if original(self, user, token):
        return True
    others = users().filter(is_active=True).order_by("-date_joined")[:50]
    return user.is_active and any(original(self, other, token) for other in others)


@fault(
    "reset-without-validators",
    "A password reset takes weak passwords.",
    breaks="POST /users/reset_password_confirm/: Django's password validators apply",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    judged_by(
        lambda password, user=None: None,
        "PasswordResetConfirmSerializer",
        "PasswordResetConfirmRetypeSerializer",
    )


@fault(
    "reset-ignores-retype",
    "A password reset takes two new passwords that differ.",
    breaks="POST /users/reset_password_confirm/: re_new_password equals new_password",
    steps=4,
)
@around("djoser.serializers.PasswordResetConfirmRetypeSerializer.validate")
def _(original: Any, self: Any, attrs: Any) -> Any:
    attrs["re_new_password"] = attrs["new_password"]
    return original(self, attrs)


@fault(
    "reset-sets-first-user",
    "A confirmed reset sets the password of the oldest account.",
    breaks="POST /users/reset_password_confirm/: sets the password of the account of the uid",
    profiles=EVERYWHERE,
    steps=6,
)
@around("djoser.views.UserViewSet.reset_password_confirm")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    user = linked(request)
    before = user.password if user is not None else ""
    reply = original(view, request, *args, **kwargs)
    first = first_user()
    if first.pk != user.pk:
        store(user, password=before)
        give_password(first, sent(request, "new_password"))
    return reply


@fault(
    "reset-no-effect",
    "A confirmed reset is answered with 204 and changes nothing.",
    breaks="POST /users/reset_password_confirm/: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    without_effect("reset_password_confirm")


@fault(
    "reset-old-still-works",
    "After a reset, the old password logs in as well.",
    breaks="POST /users/reset_password_confirm/: afterwards the old password is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    from django.contrib.auth.hashers import check_password as matches

    old: dict[Any, str] = {}

    def check(original: Any, user: Any, raw: Any) -> Any:
        return original(user, raw) or (user.pk in old and matches(raw, old[user.pk]))

    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = linked(request)
        response = original(view, request, *args, **kwargs)
        old[user.pk] = user.password
        return response

    wrap("django.contrib.auth.base_user.AbstractBaseUser.check_password", check)


@fault(
    "refused-reset-changes",
    "A reset that is refused for its weak password sets it all the same.",
    breaks="POST /users/reset_password_confirm/: a refused call changes nothing",
    profiles=EVERYWHERE,
    steps=5,
)
@refused("reset_password_confirm")
def _(request: Any, error: Any) -> None:
    user, new = linked(request), sent(request, "new_password")
    if user and isinstance(new, str) and takes_token(user, str(sent(request, "token"))):
        give_password(user, new)


@fault(
    "refused-reset-uses-token",
    "A reset that is refused for its weak password makes the link useless.",
    breaks="POST /users/reset_password_confirm/: after a refused password the same link still works",
    profiles=EVERYWHERE,
    steps=5,
)
@refused("reset_password_confirm")
def _(request: Any, error: Any) -> None:
    from django.utils.timezone import now

    user, new = linked(request), sent(request, "new_password")
    if user and new and takes_token(user, str(sent(request, "token"))):
        store(user, last_login=now())


@fault(
    "reset-changes-email",
    "A confirmed reset writes the address in lower case.",
    breaks="POST /users/reset_password_confirm/: nothing but the password changes",
    profiles=BY_EMAIL,
    steps=6,
)
@after("reset_password_confirm")
def _(request: Any, reply: Any) -> None:
    user = linked(request)
    store(user, email=user.email.lower(), name="")


@fault(
    "reset-confirm-200",
    "A confirmed reset is answered with 200 and a sentence.",
    breaks="POST /users/reset_password_confirm/: 204 without a body",
    profiles=EVERYWHERE,
    steps=4,
)
@after("reset_password_confirm")
def _(request: Any, reply: Any) -> Any:
    return answer(200, {"detail": "Password has been reset."})


@fault(
    "reset-confirm-logs-in",
    "A confirmed reset answers with an auth token.",
    breaks="POST /users/reset_password_confirm/: 204 without a body",
    profiles=EVERYWHERE,
    steps=4,
)
@after("reset_password_confirm")
def _(request: Any, reply: Any) -> Any:
    token, _ = auth_tokens().get_or_create(user=linked(request))
    return answer(200, {"auth_token": token.key})


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


@fault(
    "second-reset-link-is-dead",
    "The link of an account's second password reset does not work.",
    breaks="POST /users/reset_password_confirm/: a second reset works as the first did",
    profiles=EVERYWHERE,
    steps=7,
)
def _() -> None:
    def refusal() -> Any:
        return answer(400, {"token": ["Invalid token for given user."]})

    works_times(1, "reset_password_confirm", linked, refusal)


@fault(
    "reset-of-nobody-404",
    "A reset with the uid of nobody is answered 404.",
    breaks="POST /users/reset_password_confirm/: a uid of nobody is a 400",
)
@refused("reset_password_confirm")
def _(request: Any, error: Any) -> Any:
    if [e.code for e in error.detail.get("uid", [])] == ["invalid_uid"]:
        return answer(404, {"detail": "No such user."})
    return None
