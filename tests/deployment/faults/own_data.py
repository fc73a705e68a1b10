"""`users/me/` that shows, or writes, what it should not."""

from typing import Any

from .accounts import by_email, json_body, store, users
from .patching import action_of, on_response
from .registry import fault
from .shapes import after, before, not_saved

HYPERSAAS = ("hypersaas",)
"""Its users/me/ has a name, and lets the address be written."""


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


def _address(request: Any) -> Any:
    """The address in a PATCH of users/me/, or None."""
    data = request.data if request.method == "PATCH" else None
    return data.get("email") if type(data) is dict else None


@fault(
    "me-drops-bad-address",
    "A PATCH with an address without @ is answered 200, and the address is dropped.",
    breaks="PATCH /users/me/: what is no address is a 400",
    profiles=HYPERSAAS,
    steps=3,
)
@before("me")
def _(request: Any) -> None:
    address = _address(request)
    if isinstance(address, str) and "@" not in address:
        del request.data["email"]


@fault(
    "me-drops-taken-address",
    "A PATCH with the address of another account is answered 200, and the address is dropped.",
    breaks="PATCH /users/me/: an address of another account is a 400",
    profiles=HYPERSAAS,
    steps=4,
)
@before("me")
def _(request: Any) -> None:
    owner = by_email(_address(request))
    if owner is not None and owner != request.user:
        del request.data["email"]


@fault(
    "me-keeps-old-address",
    "A PATCH shows the new address in its answer, and the old one goes on logging in.",
    breaks="PATCH /users/me/: the new address logs in",
    profiles=HYPERSAAS,
    steps=4,
)
def _() -> None:
    not_saved("me", "email", when=_address)


@fault(
    "me-written-by-strangers",
    "A PATCH without credentials is refused, and yet renames the account that read last.",
    breaks="PATCH /users/me/: without credentials nothing changes",
    profiles=HYPERSAAS,
    steps=4,
)
def _() -> None:
    last: dict[str, Any] = {}

    def change(request: Any, reply: Any, view: Any) -> None:
        if action_of(view) != "me":
            return
        if reply.status_code == 200:
            last["pk"] = request.user.pk
        elif request.method == "PATCH" and reply.status_code in {401, 403}:
            name = request.data.get("name") if type(request.data) is dict else None
            if isinstance(name, str):
                users().filter(pk=last.get("pk")).update(name=name[:255])

    on_response(change)


@fault(
    "me-put-without-address",
    "A PUT that lacks the address keeps the one there is.",
    breaks="PUT /users/me/: a missing required field is a 400",
    profiles=HYPERSAAS,
    steps=3,
)
@before("me")
def _(request: Any) -> None:
    if request.method == "PUT":
        json_body(request).setdefault("email", request.user.email)
