"""Answers of `users/me/` that go wrong."""

from typing import Any

from .patching import answer, on_action
from .registry import EVERYWHERE, fault
from .shapes import answers, around

_ME = "/users/me/"


def _me(*methods: str) -> Any:
    """Lets the decorated function alter the answer of `me`, for these methods."""

    def register(change: Any) -> Any:
        @on_action("me")
        def me(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            response = original(view, request, *args, **kwargs)
            if request.method in methods and response is not None and response.status_code == 200:
                response.data = change(request, dict(response.data))
            return response

        return change

    return register


@fault(
    "me-leaks-hash",
    "`me` shows the password's hash.",
    breaks=f"GET {_ME}: exactly the fields of the contract",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @_me("GET")
    def change(request: Any, data: Any) -> Any:
        return {**data, "password": request.user.password}


@fault(
    "me-leaks-flags-after-patch",
    "The answer to a PATCH shows is_staff and is_superuser.",
    breaks=f"PATCH {_ME}: exactly the fields of the contract",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @_me("PATCH")
    def change(request: Any, data: Any) -> Any:
        return {**data, "is_staff": request.user.is_staff, "is_superuser": False}


@fault(
    "me-lacks-a-field",
    "`me` lacks the last of its fields.",
    breaks=f"GET {_ME}: exactly the fields of the contract",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @_me("GET")
    def change(request: Any, data: Any) -> Any:
        data.popitem()
        return data


@fault(
    "me-null-for-empty",
    "`me` shows null where a text is empty.",
    breaks=f"GET {_ME}: an empty text is an empty text",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @_me("GET")
    def change(request: Any, data: Any) -> Any:
        return {key: None if value == "" else value for key, value in data.items()}


@fault(
    "me-id-as-text",
    "`me` shows the id as a text.",
    breaks=f"GET {_ME}: the id is an integer",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @_me("GET")
    def change(request: Any, data: Any) -> Any:
        return {**data, "id": str(data["id"])}


@fault(
    "me-without-login",
    "Without credentials, `me` answers 200 with empty fields.",
    breaks=f"GET {_ME}: refused without credentials",
    profiles=EVERYWHERE,
)
@around("djoser.views.UserViewSet.check_permissions")
def _(original: Any, view: Any, request: Any) -> None:
    if view.action == "me" and request.method == "GET":
        return
    original(view, request)


@fault(
    "me-of-the-last-login",
    "`me` shows the account that used it before, for a caller who comes right after.",
    breaks=f"GET {_ME}: the caller's own data",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    last: list[Any] = []

    @_me("GET")
    def change(request: Any, data: Any) -> Any:
        shown = last[0][1] if last and last[0][0] != request.user.pk else data
        last[:] = [(request.user.pk, data)]
        return shown


@fault(
    "me-cached-by-first-caller",
    "`me` is cached for 30 seconds without regard to the caller.",
    breaks=f"GET {_ME}: the caller's own data",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    import time

    kept: list[Any] = []

    @_me("GET")
    def change(request: Any, data: Any) -> Any:
        if not kept or kept[0] < time.monotonic():
            kept[:] = [time.monotonic() + 30, data]
        return kept[1]


@fault(
    "me-stale-after-change",
    "`me` shows the data from before a PATCH.",
    breaks=f"PATCH {_ME}: what the server answers equals what it later shows",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    kept: dict[Any, Any] = {}

    @_me("GET")
    def change(request: Any, data: Any) -> Any:
        return kept.setdefault((request.user.pk, request.user.date_joined), data)


@fault(
    "me-in-an-envelope",
    "Answers with data are wrapped in an envelope.",
    breaks=f"GET {_ME}: the user's fields at the top of the body",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(200)
def _(request: Any, reply: Any) -> None:
    if isinstance(reply.data, dict):
        reply.data = {"data": reply.data}


@fault(
    "me-answers-post",
    "POST on `me` updates the account.",
    breaks=f"POST {_ME}: 405",
    profiles=EVERYWHERE,
    steps=3,
)
@around("rest_framework.views.APIView.http_method_not_allowed")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    from rest_framework.exceptions import MethodNotAllowed

    if request.method == "POST" and request.path.endswith("/users/me/"):
        return answer(200, {"id": request.user.pk})
    raise MethodNotAllowed(request.method)
