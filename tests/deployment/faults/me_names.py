"""Names in `users/me/` that are judged or kept otherwise than they were sent."""

from typing import Any

from .accounts import json_body, raw_body, sent
from .patching import answer
from .profiles import BY_EMAIL
from .registry import fault
from .shapes import around, before


def _name(change: Any, *methods: str) -> None:
    """Lets `change(name)` alter the name that was sent as JSON, by these methods."""

    @before("me", by=methods)
    def patch(request: Any) -> None:
        name = json_body(request).get("name")
        if isinstance(name, str):
            json_body(request)["name"] = change(name)

    patch()


@fault(
    "null-name-accepted",
    "A PATCH of a name to null is taken, and empties it.",
    breaks="PATCH /users/me/: null is a 400",
    steps=4,
)
@before("me", by=("PATCH",))
def _(request: Any) -> None:
    if raw_body(request).get("name", "") is None:
        request.data["name"] = ""


@fault(
    "empty-name-not-saved",
    "A PATCH of a name to nothing leaves the name.",
    breaks="PATCH /users/me/: an empty name is saved",
    steps=5,
)
@before("me", by=("PUT", "PATCH"))
def _(request: Any) -> None:
    if sent(request, "name") == "":
        del request.data["name"]


@fault(
    "name-loses-double-spaces",
    "Two spaces in a name become one.",
    breaks="PATCH /users/me/: a name is kept as it is",
    steps=4,
)
def _() -> None:
    _name(lambda name: name.replace("  ", " "), "PUT", "PATCH")


@fault(
    "name-of-256-is-taken",
    "A name of 256 characters is taken, and cut.",
    breaks="PATCH /users/me/: max_length 255",
    steps=4,
)
def _() -> None:
    _name(lambda name: name[:255] if len(name) == 256 else name, "PUT", "PATCH")


@fault(
    "name-of-255-is-refused",
    "A name of 255 characters is too long.",
    breaks="PATCH /users/me/: max_length 255",
    steps=4,
)
@before("me", by=("PUT", "PATCH"))
def _(request: Any) -> Any:
    name = json_body(request).get("name")
    if isinstance(name, str) and len(name) == 255:
        return answer(400, {"name": ["Too long."]})
    return None


@fault(
    "name-is-composed",
    "A name is stored in Unicode's composed form.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    import unicodedata

    _name(lambda name: unicodedata.normalize("NFC", name), "PATCH")


@fault(
    "name-loses-emoji",
    "A name loses its letters beyond the basic plane.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    _name(lambda name: "".join(letter for letter in name if ord(letter) < 0x10000), "PATCH")


@fault(
    "name-of-digits-is-a-number",
    "A name of digits loses its zeros.",
    breaks="PATCH /users/me/: a name is kept as it was sent",
    steps=4,
)
def _() -> None:
    _name(lambda name: str(int(name)) if name.isdigit() else name, "PATCH")


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
@before("me", by=("PUT", "PATCH"))
def _(request: Any) -> None:
    body = raw_body(request)
    if isinstance(body.get("name"), str):
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
