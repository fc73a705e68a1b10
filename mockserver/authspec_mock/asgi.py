"""The words of ASGI that the mock uses, and small things said with them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import lru_cache
from typing import Any

from authspec_mock.core.wire import Request, Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

OUR_FAULT = "The mock itself failed here; its log has the reason. Please report this."
BODY_LIMIT = 16 * 1024 * 1024


class TooLarge(Exception):
    """The body is longer than anybody may send."""


class Disconnected(Exception):
    """The client went away before its request was whole."""


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name; a repeated one's values joined by a comma, as WSGI has them."""
    raw = scope["headers"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) == len(raw):
        return headers
    joined: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


async def read_body(receive: Receive) -> bytes:
    """The whole body. Raises TooLarge, or Disconnected."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise TooLarge
        return body
    parts, size = [], 0
    while True:
        if message["type"] == "http.disconnect":
            raise Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            raise TooLarge
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def request_of(scope: Scope, path: str, headers: dict[str, str], body: bytes) -> Request:
    """The core's request."""
    client, query = scope.get("client"), scope["query_string"]
    return Request(
        scope["method"],
        path,
        query.decode("latin-1") if query else "",
        headers,
        body,
        scope.get("scheme", "http"),
        client[0] if client else "127.0.0.1",
    )


async def send_response(
    send: Send, response: Response, extra: Iterable[tuple[str, str]] = ()
) -> None:
    """Sends the whole response, with its length."""
    body = response.body
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": raw_headers(response, extra),
        }
    )
    await send({"type": "http.response.body", "body": body})


def raw_headers(
    response: Response, extra: Iterable[tuple[str, str]] = ()
) -> list[tuple[bytes, bytes]]:
    """The headers as ASGI wants them; the length is added where it may stand and does not."""
    headers = (*response.headers, *extra) if extra else response.headers
    # a redirect repeats the caller's query, however long: not to be remembered
    prepare = _prepared.__wrapped__ if 300 <= response.status < 400 else _prepared
    raw, has_length = prepare(headers)
    if has_length or response.status in {204, 304}:
        return raw
    return [*raw, (b"content-length", b"%d" % len(response.body))]


@lru_cache(maxsize=256)
def _prepared(headers: tuple[tuple[str, str], ...]) -> tuple[list[tuple[bytes, bytes]], bool]:
    """The headers in bytes, and whether the length is among them; mostly it is the same few."""
    raw = [(n.lower().encode("latin-1"), v.encode("latin-1", "replace")) for n, v in headers]
    return raw, any(name == b"content-length" for name, _ in raw)


async def disconnected(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_broken(send: Send, receive: Receive, response: Response, size: int) -> None:
    """Sends the first bytes of a body that was announced whole, then closes the connection."""
    headers = raw_headers(response)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    part = response.body[:size]
    await send({"type": "http.response.body", "body": part, "more_body": True})
    await _closed(send, receive, at_once=False)


async def drop(send: Send, receive: Receive) -> None:
    """Closes the connection without an answer."""
    await _closed(send, receive, at_once=True)


async def _closed(send: Send, receive: Receive, *, at_once: bool) -> None:
    # ASGI has no word for it: uvicorn's `send` is a method of the request's cycle, which has the
    # transport (uvicorn/protocols/http/httptools_impl.py 0.38 to 0.54, h11_impl.py likewise)
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if not isinstance(transport, asyncio.Transport | asyncio.BaseTransport) and not hasattr(
        transport, "abort"
    ):
        raise ConnectionResetError("The mock closed the connection, as a fault told it to.")
    if at_once:
        transport.abort()  # type: ignore[union-attr]
    else:
        transport.close()  # type: ignore[union-attr]
    await disconnected(receive)
