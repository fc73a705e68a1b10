"""Deletions that go wrong."""

from typing import Any

from .accounts import store, tokens_of, users
from .mailing import note
from .makers import by_anyones_password
from .patching import answer, on_action, on_response, replaced, wrap
from .profiles import EVERYWHERE
from .registry import fault
from .shapes import after, around, refused


@fault(
    "delete-current-unchecked",
    "An account is deleted without a check of its password.",
    breaks="DELETE /users/me/: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    replaced(
        "djoser.serializers.UserDeleteSerializer.validate_current_password",
        lambda self, value: value,
    )


@fault(
    "delete-without-password",
    "An account is deleted by a call without a body.",
    breaks="DELETE /users/me/: current_password is required",
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
    breaks="DELETE /users/me/: afterwards the address can be registered again",
    profiles=EVERYWHERE,
    steps=4,
)
@around("djoser.views.UserViewSet.perform_destroy")
def _(original: Any, view: Any, instance: Any) -> None:
    store(instance, is_active=False)


@fault(
    "delete-nothing",
    "A deletion is answered with 204 and deletes nothing.",
    breaks="DELETE /users/me/: afterwards the account is gone",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    replaced("djoser.views.UserViewSet.perform_destroy", lambda self, instance: None)


@fault(
    "delete-takes-the-newest-along",
    "A deletion takes the account that was registered next along.",
    breaks="DELETE /users/me/: nobody changes another's account",
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
    breaks="DELETE /users/me/: 204 without a body",
    profiles=EVERYWHERE,
    steps=3,
)
@after("me", by=("DELETE",))
def _(request: Any, reply: Any) -> Any:
    return answer(200, {"detail": "Account deleted."})


@fault(
    "refused-delete-logs-out",
    "A deletion with a wrong password ends the account's token login.",
    breaks="DELETE /users/me/: a refused call changes nothing",
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
    breaks="DELETE /users/me/: a refused call changes nothing",
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
    breaks="DELETE /users/me/: a wrong current_password is refused",
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
    breaks="DELETE /users/me/: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    wrap("djoser.serializers.UserDeleteSerializer.validate_current_password", by_anyones_password)


@fault(
    "delete-mails",
    "A deletion sends a mail to the address that was deleted.",
    breaks="DELETE /users/me/: no mail",
    profiles=EVERYWHERE,
    steps=3,
)
@around("djoser.views.UserViewSet.perform_destroy")
def _(original: Any, view: Any, instance: Any) -> None:
    original(view, instance)
    note(instance.email, "Goodbye", "Your account is gone.")


@fault(
    "deleted-but-202",
    "A deletion is answered with 202 and happens two calls later.",
    breaks="DELETE /users/me/: 204, and the account is gone",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    waiting: list[Any] = []

    def destroy(original: Any, view: Any, instance: Any) -> None:
        waiting.append([2, instance])

    def initial(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        for entry in list(waiting):
            entry[0] -= 1
            if entry[0] <= 0:
                waiting.remove(entry)
                entry[1].delete()
        return original(view, request, *args, **kwargs)

    def change(request: Any, response: Any, view: Any) -> None:
        if request.method == "DELETE" and response.status_code == 204:
            response.status_code = 202

    wrap("djoser.views.UserViewSet.perform_destroy", destroy)
    wrap("djoser.views.UserViewSet.initial", initial)
    on_response(change)
