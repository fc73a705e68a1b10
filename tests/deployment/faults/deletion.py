"""Deletions that go wrong."""

from typing import Any

from .accounts import by_email, first_user, sent, store, tokens_of, users
from .mailing import note
from .patching import answer, on_action
from .registry import BY_EMAIL, EVERYWHERE, fault
from .shapes import after, around, created, deleting, refused

_OP = "DELETE /users/me/"


@fault(
    "delete-current-unchecked",
    "An account is deleted without a check of its password.",
    breaks=f"{_OP}: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from djoser.serializers import UserDeleteSerializer

    UserDeleteSerializer.validate_current_password = lambda self, value: value


@fault(
    "delete-without-password",
    "An account is deleted by a call without a body.",
    breaks=f"{_OP}: current_password is required",
    profiles=EVERYWHERE,
    steps=3,
)
@around("djoser.serializers.UserDeleteSerializer.__init__")
def _(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.fields["current_password"].required = False


@fault(
    "delete-soft",
    "A deletion only deactivates the account, so that its address cannot be registered again.",
    breaks=f"{_OP}: afterwards the address can be registered again",
    profiles=EVERYWHERE,
    steps=4,
)
@around("djoser.views.UserViewSet.perform_destroy")
def _(original: Any, view: Any, instance: Any) -> None:
    store(instance, is_active=False)


@fault(
    "delete-nothing",
    "A deletion is answered with 204 and deletes nothing.",
    breaks=f"{_OP}: afterwards the account is gone",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    from djoser.views import UserViewSet

    UserViewSet.perform_destroy = lambda self, instance: None


@fault(
    "delete-takes-the-newest-along",
    "A deletion takes the account that was registered next along.",
    breaks=f"{_OP}: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=6,
)
@around("djoser.views.UserViewSet.perform_destroy")
def _(original: Any, view: Any, instance: Any) -> None:
    after = users().filter(date_joined__gt=instance.date_joined).order_by("date_joined")
    neighbour = after.first()
    original(view, instance)
    if neighbour is not None:
        neighbour.delete()


@fault(
    "delete-200",
    "A deletion is answered with 200 and a sentence.",
    breaks=f"{_OP}: 204 without a body",
    profiles=EVERYWHERE,
    steps=3,
)
@after("me", by=("DELETE",))
def _(request: Any, reply: Any) -> Any:
    return answer(200, {"detail": "Account deleted."})


@fault(
    "refused-delete-logs-out",
    "A deletion with a wrong password ends the account's token login.",
    breaks=f"{_OP}: a refused call changes nothing",
    profiles=EVERYWHERE,
    steps=4,
)
@refused("me")
def _(request: Any, error: Any) -> None:
    if request.method == "DELETE":
        tokens_of(request.user).delete()


@fault(
    "refused-delete-deactivates",
    "A deletion with a wrong password deactivates the account.",
    breaks=f"{_OP}: a refused call changes nothing",
    profiles=EVERYWHERE,
    steps=4,
)
@refused("me")
def _(request: Any, error: Any) -> None:
    if request.method == "DELETE":
        store(request.user, is_active=False)


@fault(
    "third-wrong-delete-deletes",
    "The third attempt to delete with a wrong password deletes the account.",
    breaks=f"{_OP}: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    from rest_framework.exceptions import ValidationError

    tries: dict[Any, int] = {}

    @on_action("me")
    def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(view, request, *args, **kwargs)
        except ValidationError:
            if request.method == "DELETE":
                tries[request.user.pk] = tries.get(request.user.pk, 0) + 1
                if tries[request.user.pk] >= 3:
                    request.user.delete()
                    return answer(204)
            raise


@fault(
    "delete-by-anyones-password",
    "A deletion takes the current password of any account.",
    breaks=f"{_OP}: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=5,
)
@around("djoser.serializers.UserDeleteSerializer.validate_current_password")
def _(original: Any, self: Any, value: Any) -> Any:
    from rest_framework.exceptions import ValidationError

    try:
        return original(self, value)
    except ValidationError:
        if any(user.check_password(value) for user in users().order_by("-date_joined")[:30]):
            return value
        raise


@fault(
    "reregistration-restores-name",
    "Who registers a deleted address again gets the deleted account's name.",
    breaks="POST /users/: a new account has nothing of a deleted one",
    profiles=BY_EMAIL,
    steps=7,
)
def _() -> None:
    names: dict[str, str] = {}

    def restore(user: Any, sent: Any) -> None:
        user.name = names.get(user.email, user.name)

    deleting(lambda user: names.update({user.email: user.name}))
    created(restore)


@fault(
    "reregistration-restores-password",
    "Who registers a deleted address again gets the deleted account's password.",
    breaks="POST /users/: the new account can log in with its own password",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    hashes: dict[str, str] = {}

    def restore(user: Any, sent: Any) -> None:
        user.password = hashes.get(user.get_username(), user.password)

    deleting(lambda user: hashes.update({user.get_username(): user.password}))
    created(restore)


@fault(
    "reregistration-active-at-once",
    "Who registers a deleted address again is active without opening a link.",
    breaks="POST /users/: an account is inactive until its link is opened",
    steps=6,
)
def _() -> None:
    known: set[str] = set()

    def activate(user: Any, sent: Any) -> None:
        user.is_active = user.is_active or user.email in known

    deleting(lambda user: known.add(user.email))
    created(activate)


@fault(
    "deleted-account-can-be-reset",
    "A password reset for a deleted address brings its account back.",
    breaks="POST /users/reset_password/: a deleted account gets no mail",
    profiles=BY_EMAIL,
    steps=5,
)
def _() -> None:
    gone: dict[str, str] = {}
    deleting(lambda user: gone.update({user.email: user.password}))

    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        address = sent(request, "email")
        if isinstance(address, str) and address in gone and by_email(address) is None:
            users().create(email=address, password=gone[address])
        return original(view, request, *args, **kwargs)


@fault(
    "delete-mails",
    "A deletion sends a mail to the address that was deleted.",
    breaks=f"{_OP}: no mail",
    profiles=EVERYWHERE,
    steps=3,
)
@around("djoser.views.UserViewSet.perform_destroy")
def _(original: Any, view: Any, instance: Any) -> None:
    original(view, instance)
    note(instance.email, "Goodbye", "Your account is gone.")


@fault(
    "tokens-survive-deletion",
    "JWTs of a deleted account are taken as those of the oldest account.",
    breaks=f"{_OP}: afterwards the account's tokens are refused",
    profiles=EVERYWHERE,
    steps=4,
)
@around("rest_framework_simplejwt.authentication.JWTAuthentication.get_user")
def _(original: Any, self: Any, token: Any) -> Any:
    from rest_framework.exceptions import AuthenticationFailed

    try:
        return original(self, token)
    except AuthenticationFailed:
        if users().filter(pk=token.get("user_id")).exists():
            raise
        survivor = first_user()
        if survivor is None:
            raise
        return survivor
