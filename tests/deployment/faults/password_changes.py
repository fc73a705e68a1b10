"""Password changes that go wrong."""

from typing import Any

from .accounts import by_token, first_user, give_password, raw_body, sent, store, tokens_of
from .mailing import note
from .makers import by_anyones_password, judged_by, not_saved, without_effect
from .patching import answer, on_action, replaced, wrap
from .profiles import EVERYWHERE, PASTED
from .registry import fault
from .shapes import after, answers, around, refused


@fault(
    "set-password-current-unchecked",
    "A password change does not check the current password.",
    breaks="POST /users/set_password/: a wrong current_password is refused",
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
    breaks="POST /users/set_password/: current_password is required",
    profiles=EVERYWHERE,
    steps=3,
)
@around(
    "djoser.serializers.SetPasswordSerializer.__init__",
    "djoser.serializers.SetPasswordRetypeSerializer.__init__",
)
def _(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.fields["current_password"].required = False


@fault(
    "set-password-takes-anyones-current",
    "A password change takes the current password of any account.",
    breaks="POST /users/set_password/: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    wrap("djoser.serializers.SetPasswordSerializer.validate_current_password", by_anyones_password)
    wrap(
        "djoser.serializers.SetPasswordRetypeSerializer.validate_current_password",
        by_anyones_password,
    )


@fault(
    "set-password-no-effect",
    "A password change answers 204 and changes nothing.",
    breaks="POST /users/set_password/: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    without_effect("set_password")


@fault(
    "set-password-second-ignored",
    "An account's second password change is answered with 204 and ignored.",
    breaks="POST /users/set_password/: afterwards the new password logs in",
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
    breaks="POST /users/set_password/: afterwards the old password is refused",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
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

    wrap("django.contrib.auth.base_user.AbstractBaseUser.check_password", check)


@fault(
    "refused-set-password-changes",
    "A password change that is refused for its wrong current password happens all the same.",
    breaks="POST /users/set_password/: a refused call changes nothing",
    profiles=EVERYWHERE,
    steps=4,
)
@refused("set_password")
def _(request: Any, error: Any) -> None:
    new = sent(request, "new_password")
    if isinstance(new, str) and len(new) > 7:
        give_password(request.user, new)


@fault(
    "set-password-without-validators",
    "A password change takes weak passwords.",
    breaks="POST /users/set_password/: Django's password validators apply",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    judged_by(
        lambda password, user=None: None, "SetPasswordSerializer", "SetPasswordRetypeSerializer"
    )


@fault(
    "set-password-ignores-retype",
    "A password change takes two new passwords that differ.",
    breaks="POST /users/set_password/: re_new_password equals new_password",
    steps=3,
)
def _() -> None:
    from djoser import serializers

    replaced(
        "djoser.serializers.SetPasswordRetypeSerializer.validate",
        serializers.PasswordSerializer.validate,
    )


@fault(
    "set-password-trims-end",
    "A password change stores the new password without its last character.",
    breaks="POST /users/set_password/: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=4,
)
@after("set_password")
def _(request: Any, reply: Any) -> None:
    give_password(request.user, raw_body(request)["new_password"][:-1])


@fault(
    "set-password-of-first-user",
    "A password change sets the password of the oldest account as well.",
    breaks="POST /users/set_password/: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=6,
)
@after("set_password")
def _(request: Any, reply: Any) -> None:
    user = first_user()
    give_password(user, raw_body(request)["new_password"])


@fault(
    "set-password-200",
    "A password change is answered with 200 and a sentence.",
    breaks="POST /users/set_password/: 204 without a body",
    profiles=EVERYWHERE,
    steps=3,
)
@after("set_password")
def _(request: Any, reply: Any) -> Any:
    return answer(200, {"detail": "Password changed."})


@fault(
    "set-password-deactivates",
    "A password change makes the account inactive.",
    breaks="POST /users/set_password/: afterwards the new password logs in",
    profiles=EVERYWHERE,
    steps=4,
)
@after("set_password")
def _(request: Any, reply: Any) -> None:
    store(request.user, is_active=False)


@fault(
    "set-password-mails-password",
    "A password change mails the new password to the user.",
    breaks="POST /users/set_password/: no mail without PASSWORD_CHANGED_EMAIL_CONFIRMATION",
    profiles=EVERYWHERE,
    steps=3,
)
@after("set_password")
def _(request: Any, reply: Any) -> None:
    text = f"Your new password is {sent(request, 'new_password')}"
    note(request.user.email, "Your password", text)


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


@fault(
    "set-password-by-token-no-effect",
    "set_password has no effect where the caller has a token.",
    breaks="POST /users/set_password/: the new password logs in",
    steps=5,
)
def _() -> None:
    not_saved("set_password", "password", when=by_token)


@fault(
    "password-change-of-nobody",
    "A password change without credentials is answered 204.",
    breaks="POST /users/set_password/: without credentials it is refused",
)
@answers(action="set_password")
def _(request: Any, reply: Any) -> None:
    if reply.status_code in {401, 403}:
        reply.status_code, reply.data = 204, None
