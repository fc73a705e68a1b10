"""Refusals with the wrong status, or under the wrong key."""

from typing import Any

from .patching import action_of, on_response, wrap
from .registry import BY_EMAIL, EVERYWHERE, fault
from .shapes import answers


def _turn(action: str, key: str, status: int) -> None:
    """Gives refusals of that action that name that key another status."""

    def change(request: Any, response: Any, view: Any) -> None:
        named = isinstance(response.data, dict) and key in response.data
        if action_of(view) == action and response.status_code == 400 and named:
            response.status_code = status

    on_response(change)


@fault(
    "wrong-current-password-403",
    "A password change with a wrong current password is answered with 403.",
    breaks="POST /users/set_password/: 400 that names current_password",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    _turn("set_password", "current_password", 403)


@fault(
    "wrong-activation-token-404",
    "An activation with a wrong token is answered with 404.",
    breaks="POST /users/activation/: 400 that names token",
    steps=2,
)
def _() -> None:
    _turn("activation", "token", 404)


@fault(
    "used-reset-token-410",
    "A reset with a token that does not work is answered with 410.",
    breaks="POST /users/reset_password_confirm/: 400 that names token",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    _turn("reset_password_confirm", "token", 410)


@fault(
    "weak-password-under-another-key",
    "The complaints about a weak new password stand under `password`.",
    breaks="POST /users/set_password/: 400 that names new_password",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(400, "set_password")
def _(request: Any, reply: Any) -> None:
    data = dict(reply.data)
    if "new_password" in data:
        data["password"] = data.pop("new_password")
    reply.data = data


@fault(
    "taken-address-under-non-field-errors",
    "The complaint about a taken address names no field.",
    breaks="POST /users/: 400 that names the login field",
    profiles=BY_EMAIL,
    steps=2,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        data = response.data
        if action_of(view) == "create" and response.status_code == 400 and "email" in data:
            response.data = {"non_field_errors": data["email"]}

    on_response(change)


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
