"""Names in `users/me/` that are judged or kept otherwise than they were sent."""

from typing import Any

from .accounts import raw_body, sent
from .patching import answer, on_action
from .profiles import BY_EMAIL
from .registry import fault
from .shapes import around, before


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


def _name(change: Any) -> None:
    @on_action("me")
    def me(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        name = sent(request, "name") if request.method == "PATCH" else None
        if isinstance(name, str) and type(request.data) is dict:
            request.data["name"] = change(name)
        return original(view, request, **kw)


@fault(
    "name-is-composed",
    "A name is stored in Unicode's composed form.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    import unicodedata

    _name(lambda name: unicodedata.normalize("NFC", name))


@fault(
    "name-loses-emoji",
    "A name loses its letters beyond the basic plane.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    _name(lambda name: "".join(letter for letter in name if ord(letter) < 0x10000))


@fault(
    "name-of-digits-is-a-number",
    "A name of digits loses its zeros.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    _name(lambda name: str(int(name)) if name.isdigit() else name)


@fault(
    "name-is-escaped",
    "Texts come back with their angle brackets escaped for HTML.",
    breaks="PATCH /users/me/: a text is stored and shown as sent",
    profiles=BY_EMAIL,
    steps=3,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    from django.utils.html import escape

    for key, value in serializer.validated_data.items():
        serializer.validated_data[key] = str(escape(value))
    original(view, serializer)


@fault(
    "name-cut-silently",
    "A text that is too long is cut and stored.",
    breaks="PATCH /users/me/: a text over its maximum length is refused",
    profiles=BY_EMAIL,
    steps=3,
)
@before("me")
def _(request: Any) -> None:
    body = raw_body(request)
    if request.method in ("PATCH", "PUT") and isinstance(body.get("name"), str):
        request._full_data = {**body, "name": body["name"][:255]}


@fault(
    "name-loses-unicode",
    "Characters outside of Latin-1 become question marks.",
    breaks="PATCH /users/me/: a text is stored and shown as sent",
    profiles=BY_EMAIL,
    steps=3,
)
@around("djoser.views.UserViewSet.perform_update")
def _(original: Any, view: Any, serializer: Any) -> None:
    for key, value in serializer.validated_data.items():
        serializer.validated_data[key] = value.encode("latin-1", "replace").decode("latin-1")
    original(view, serializer)
