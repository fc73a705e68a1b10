"""A name in `users/me/` that is judged or kept wrong, and a PUT that writes what a PATCH does not."""

from typing import Any

from .accounts import give_password, raw_body, sent, store, users
from .patching import answer, on_action
from .registry import fault
from .shapes import before


@fault(
    "null-name-accepted",
    "A PATCH of a name to null is taken, and empties it.",
    breaks="PATCH /users/me/: null is a 400",
    steps=4,
)
@before("me")
def _(request: Any) -> None:
    if request.method == "PATCH" and raw_body(request).get("name", "") is None:
        request.data["name"] = ""


@fault(
    "empty-name-not-saved",
    "A PATCH of a name to nothing leaves the name.",
    breaks="PATCH /users/me/: an empty name is saved",
    steps=5,
)
@before("me")
def _(request: Any) -> None:
    if request.method in {"PATCH", "PUT"} and sent(request, "name") == "":
        del request.data["name"]


@fault(
    "name-loses-double-spaces",
    "Two spaces in a name become one.",
    breaks="PATCH /users/me/: a name is kept as it is",
    steps=4,
)
@before("me")
def _(request: Any) -> None:
    name = sent(request, "name") if request.method in {"PATCH", "PUT"} else None
    if isinstance(name, str) and type(request.data) is dict:
        request.data["name"] = name.replace("  ", " ")


@fault(
    "name-of-256-is-taken",
    "A name of 256 characters is taken, and cut.",
    breaks="PATCH /users/me/: max_length 255",
    steps=4,
)
@before("me")
def _(request: Any) -> None:
    if request.method in {"PATCH", "PUT"} and type(request.data) is dict:
        name = request.data.get("name")
        if isinstance(name, str) and len(name) == 256:
            request.data["name"] = name[:255]


@fault(
    "name-of-255-is-refused",
    "A name of 255 characters is too long.",
    breaks="PATCH /users/me/: max_length 255",
    steps=4,
)
@before("me")
def _(request: Any) -> Any:
    if request.method in {"PATCH", "PUT"} and type(request.data) is dict:
        name = request.data.get("name")
        if isinstance(name, str) and len(name) == 255:
            return answer(400, {"name": ["Too long."]})
    return None


def _put_writes(field: str, write: Any) -> None:
    """A PUT of users/me/ writes a field that it should ignore."""

    @on_action("me")
    def me(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        value = request.data.get(field) if request.method == "PUT" else None
        if value is not None:
            write(users().get(pk=request.user.pk), value)
        return reply


@fault(
    "put-writes-password",
    "A PUT of users/me/ writes the password, and a PATCH does not.",
    breaks="PUT /users/me/: unknown fields are ignored",
    steps=5,
)
def _() -> None:
    def write(user: Any, value: Any) -> None:
        give_password(user, value)

    _put_writes("password", write)


@fault(
    "put-makes-staff",
    "A PUT of users/me/ takes is_staff, and a PATCH does not.",
    breaks="PUT /users/me/: unknown fields are ignored",
    steps=5,
)
def _() -> None:
    _put_writes("is_staff", lambda user, value: store(user, is_staff=value))


@fault(
    "put-deactivates",
    "A PUT of users/me/ takes is_active, and a PATCH does not.",
    breaks="PUT /users/me/: unknown fields are ignored",
    steps=5,
)
def _() -> None:
    _put_writes("is_active", lambda user, value: store(user, is_active=value))


@fault(
    "put-changes-login",
    "A PUT of users/me/ changes the address, and a PATCH does not.",
    breaks="PUT /users/me/: the login field is read-only",
    steps=5,
)
def _() -> None:
    _put_writes("email", lambda user, value: store(user, email=value))
