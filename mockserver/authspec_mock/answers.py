"""How the control API reads what it is asked, and answers: JSON in and out, one sentence when refused."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from authspec_contract import fields as f
from authspec_contract.errors import UsageError, nearest
from authspec_mock.asgi import read_body
from authspec_mock.worlds import MockWorld

LONGEST_WAIT = 600.0
NO_SCRIPTS = {"Content-Security-Policy": "script-src 'none'; object-src 'none'"}
"""For the HTML of mails: it stands on the origin of the control API."""
Endpoint = Callable[[Request], Awaitable[Response]]


class Answer(JSONResponse):
    """A JSON answer that also holds together when a text in it is no Unicode."""

    def render(self, content: Any) -> bytes:
        try:
            return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:  # a lone surrogate, from a body in the journal
            return json.dumps(content, separators=(",", ":")).encode()


def detail(status: int, sentence: str, **headers: str) -> Answer:
    """A refusal."""
    return Answer({"detail": sentence}, status, headers or None)


def world_of(request: Request) -> MockWorld:
    """The world that the call is about."""
    world = request.scope["mock.world"]
    assert isinstance(world, MockWorld)
    return world


async def json_body(request: Request) -> Any:
    """The value of a JSON body; nothing counts as an empty mapping. Raises UsageError."""
    body = await whole_body(request)
    if not body.strip():
        return {}
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The body is not JSON ({error}); send a JSON object.") from None


async def whole_body(request: Request) -> bytes:
    """The body, if it is not too long. Raises TooLarge, or Disconnected."""
    return await read_body(request.receive)


def parameters(request: Request, *known: str) -> dict[str, str]:
    """The query's parameters. Raises UsageError for an unknown or a repeated one."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known and name != "token":
            raise UsageError(f"The parameter {name!r} is unknown here; {nearest(name, known)}")
        if name in found:
            raise UsageError(f"The parameter {name!r} stands there twice; give it once.")
        found[name] = value
    return found


def number(text: str | None, name: str, otherwise: int = 0) -> int:
    """A whole number of the query. Raises UsageError."""
    if text is None or text == "":
        return otherwise
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise f.wrong(name, text, "a whole number, 0 or more")
    return int(text)


def waiting_time(text: str | None) -> float | None:
    """How long a caller wants to wait. Raises UsageError."""
    if text is None:
        return None
    seconds = f.seconds(text, "wait")
    if seconds > LONGEST_WAIT:
        raise f.wrong("wait", text, f"at most {LONGEST_WAIT:.0f} seconds")
    return seconds


def route(path: str, **methods: Endpoint) -> Route:
    """One path and what each method does there: `route("/x", get=show, post=change)`."""

    async def endpoint(request: Request) -> Response:
        name = "get" if request.method == "HEAD" else request.method.lower()
        chosen = methods.get(name)
        if chosen is None:
            allowed = ", ".join(method.upper() for method in methods)
            return detail(
                405, f"{request.method} is not possible here; use {allowed}.", Allow=allowed
            )
        return await chosen(request)

    route_ = Route(path, endpoint)
    route_.methods = None
    return route_
