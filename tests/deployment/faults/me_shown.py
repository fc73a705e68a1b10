"""Answers of `users/me/` that show what they should not, or not what they should."""

from typing import Any

from .accounts import store
from .patching import Hook, answer
from .profiles import EVERYWHERE, HYPERSAAS
from .registry import Patch, fault
from .shapes import Shape, after, answers, around


def _me(*methods: str) -> Shape:
    """`hook(request, data)` is what `me` answers to these methods, instead of the data."""

    def shape(hook: Hook) -> Patch:
        @after("me", by=methods)
        def patch(request: Any, reply: Any) -> None:
            if reply.status_code == 200:
                reply.data = hook(request, dict(reply.data))

        return patch

    return shape


@fault(
    "me-leaks-hash",
    "`me` shows the password's hash.",
    breaks="GET /users/me/: exactly the fields of the contract",
    profiles=EVERYWHERE,
    steps=3,
)
@_me("GET")
def _(request: Any, data: Any) -> Any:
    return {**data, "password": request.user.password}


@fault(
    "me-leaks-flags-after-patch",
    "The answer to a PATCH shows is_staff and is_superuser.",
    breaks="PATCH /users/me/: exactly the fields of the contract",
    profiles=EVERYWHERE,
    steps=3,
)
@_me("PATCH")
def _(request: Any, data: Any) -> Any:
    return {**data, "is_staff": request.user.is_staff, "is_superuser": False}


@fault(
    "me-lacks-a-field",
    "`me` lacks the last of its fields.",
    breaks="GET /users/me/: exactly the fields of the contract",
    profiles=EVERYWHERE,
    steps=3,
)
@_me("GET")
def _(request: Any, data: Any) -> Any:
    data.popitem()
    return data


@fault(
    "me-null-for-empty",
    "`me` shows null where a text is empty.",
    breaks="GET /users/me/: an empty text is an empty text",
    profiles=EVERYWHERE,
    steps=3,
)
@_me("GET")
def _(request: Any, data: Any) -> Any:
    return {key: None if value == "" else value for key, value in data.items()}


@fault(
    "me-id-as-text",
    "`me` shows the id as a text.",
    breaks="GET /users/me/: the id is an integer",
    profiles=EVERYWHERE,
    steps=3,
)
@_me("GET")
def _(request: Any, data: Any) -> Any:
    return {**data, "id": str(data["id"])}


@fault(
    "me-without-login",
    "Without credentials, `me` answers 200 with empty fields.",
    breaks="GET /users/me/: refused without credentials",
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
    breaks="GET /users/me/: the caller's own data",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    last: list[Any] = []

    @_me("GET")
    def patch(request: Any, data: Any) -> Any:
        shown = last[0][1] if last and last[0][0] != request.user.pk else data
        last[:] = [(request.user.pk, data)]
        return shown

    patch()


@fault(
    "me-cached-by-first-caller",
    "`me` is cached for 30 seconds without regard to the caller.",
    breaks="GET /users/me/: the caller's own data",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    import time

    kept: list[Any] = []

    @_me("GET")
    def patch(request: Any, data: Any) -> Any:
        if not kept or kept[0] < time.monotonic():
            kept[:] = [time.monotonic() + 30, data]
        return kept[1]

    patch()


@fault(
    "me-stale-after-change",
    "`me` shows the data from before a PATCH.",
    breaks="PATCH /users/me/: what the server answers equals what it later shows",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    kept: dict[Any, Any] = {}

    @_me("GET")
    def patch(request: Any, data: Any) -> Any:
        return kept.setdefault((request.user.pk, request.user.date_joined), data)

    patch()


@fault(
    "me-in-an-envelope",
    "Answers with data are wrapped in an envelope.",
    breaks="GET /users/me/: the user's fields at the top of the body",
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
    breaks="POST /users/me/: 405",
    profiles=EVERYWHERE,
    steps=3,
)
@around("rest_framework.views.APIView.http_method_not_allowed")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    from rest_framework.exceptions import MethodNotAllowed

    if request.method == "POST" and request.path.endswith("/users/me/"):
        return answer(200, {"id": request.user.pk})
    raise MethodNotAllowed(request.method)


@fault(
    "me-shows-hash-as-name",
    "Reading users/me/ shows the password's hash for a name.",
    breaks="GET /users/me/: no password, no hash",
    profiles=HYPERSAAS,
    steps=3,
)
@after("me", by=("GET",))
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "name": request.user.password}


@fault(
    "me-written-by-reading",
    "Every reading of users/me/ makes the name longer.",
    breaks="GET /users/me/: reading changes nothing",
    profiles=HYPERSAAS,
    steps=4,
)
@after("me", by=("GET",))
def _(request: Any, reply: Any) -> None:
    store(request.user, name=f"{request.user.name}+"[:255])
