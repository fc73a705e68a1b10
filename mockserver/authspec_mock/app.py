"""The mock as one flat ASGI application: world, access, faults, journal, then the core.

The account API stands in front of Starlette's router, which serves the control API and the pages
and is imported when they are first asked for.
"""

import asyncio
import json
import logging
from time import perf_counter
from typing import Any

from authspec_contract import __version__
from authspec_contract.errors import UsageError
from authspec_mock.access import Access, cors_headers, preflight_headers
from authspec_mock.asgi import (
    OUR_FAULT,
    Disconnected,
    Receive,
    Scope,
    Send,
    TooLarge,
    disconnected,
    drop,
    headers_of,
    read_body,
    request_of,
    send_broken,
    send_response,
)
from authspec_mock.concern import concerns
from authspec_mock.core.wire import Request, Response
from authspec_mock.faults import Effect, read_header
from authspec_mock.journal import Entry
from authspec_mock.options import Options
from authspec_mock.worlds import MockWorld, Worlds

logger = logging.getLogger("authspec_mock")

WORLD_PATH = "/_mock/worlds/"
GUARDED = ("/_mock/", "/api/v1/", "/view/")
PAGES = frozenset({"/", "/_mock", "/openapi.json", "/openapi.yaml", "/docs", "/docs/"})
_OPEN = frozenset({"/openapi.json", "/openapi.yaml", "/docs", "/docs/"})
_MODULES = frozenset({"", "users", "jwt", "token"})
Headers = tuple[tuple[str, str], ...]


class MockApp:
    """The ASGI application. Everything in it belongs to the thread of its event loop."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.worlds = Worlds(options)
        self.access = Access(options)
        self._control: Any = None
        self._relay: Any = None
        self._paused: set[asyncio.Future[None]] = set()
        self._closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        path: str = scope["path"]
        headers = headers_of(scope)
        host = headers.get("host")
        try:
            if host is not None and not self.access.host_allowed(host):
                await send_response(send, _wrong_host(host))
            elif self._is_plain(path, headers):
                request = request_of(scope, path, headers, await read_body(receive))
                await send_response(send, self._answer(self.worlds.default, request))
            else:
                await self._any_call(scope, headers, receive, send)
        except (Disconnected, asyncio.CancelledError):
            return
        except ConnectionResetError:
            raise
        except Exception as error:
            await send_response(send, _refused(error, scope["method"], path), self._cors(headers))

    async def _any_call(
        self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send
    ) -> None:
        """A call that may be of any world, from any origin, to any part of the mock."""
        path, prefix, named = scope["path"], "", None
        if path.startswith(WORLD_PATH):
            named, path, prefix = self._world_of_path(path)
        elif (name := headers.get("x-mock-world")) is not None:
            named = self.worlds.get(name)
        world = named or self.worlds.default
        control = self._is_control(path, world)
        extra, origin = self._cors(headers), headers.get("origin")
        if extra and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await send_response(send, Response(200), extra + preflight_headers(headers))
        elif control and origin is not None and not extra and path not in _OPEN:
            await send_response(send, _wrong_origin(origin))
        elif control and path == "/_mock/health" and scope["method"] in {"GET", "HEAD"}:
            await send_response(send, health(world), extra)
        elif control:
            inner = {**scope, "path": path, "root_path": "", "raw_path": path.encode()}
            inner |= {"mock.world": world, "mock.prefix": prefix, "mock.headers": headers}
            await self._controlled(inner, receive, _with_headers(send, extra))
        else:
            await self._account(scope, path, headers, named, (receive, send), extra, prefix)

    def _cors(self, headers: dict[str, str]) -> Headers:
        """What the page of a friendly origin needs to read the answer; nothing for any other."""
        origin = headers.get("origin")
        if origin is None or not self.access.origin_allowed(origin, headers.get("host", "")):
            return ()
        return cors_headers(origin)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    # --- the account API ------------------------------------------------------------------

    def _is_plain(self, path: str, headers: dict[str, str]) -> bool:
        """Whether a call can go to the core at once: no origin, no other world, no fault, no page.

        Most calls are; what is asked here costs less than the way round it.
        """
        return (
            path.startswith(self.worlds.default.plain_prefixes)
            and self.worlds.alone
            and not self.worlds.default.faults.rules
            and "origin" not in headers
            and "x-mock-world" not in headers
            and "x-mock-fault" not in headers
        )

    async def _account(
        self,
        scope: Scope,
        path: str,
        headers: dict[str, str],
        named: MockWorld | None,
        wire: tuple[Receive, Send],
        extra: Headers,
        prefix: str,
    ) -> None:
        receive, send = wire
        request = request_of(scope, path, headers, await read_body(receive))
        world = named or self.worlds.owner(request)
        effect = None
        if "x-mock-fault" in headers:
            effect = read_header(headers["x-mock-fault"])
        elif world.faults.rules:
            effect = self._next_fault(world, request)
        if effect is not None:
            await self._faulty(world, request, effect, wire, extra)
            return
        response = self._answer(world, request)
        if prefix:
            response = _under(prefix, response)
        await send_response(send, response, extra)

    def _answer(self, world: MockWorld, request: Request, fault: str | None = None) -> Response:
        """The core's answer, in the journal and with its mails on their way."""
        start = perf_counter()
        try:
            response, messages = world.handle(request)
        except Exception as error:
            log_fault_of_ours(request.method, request.path, error)
            response, messages = _OUR_FAULT, ()
        self._noted(world, (request, response, perf_counter() - start, fault))
        if not self.worlds.alone:
            self.worlds.remember(world, response, messages)
        if messages and self.options.smtp is not None:
            self._relayed(message.mail for message in messages)
        return response

    def _noted(
        self, world: MockWorld, exchange: tuple[Request, Response | None, float, str | None]
    ) -> None:
        """Puts the exchange into the journal and tells who listens."""
        row = world.journal.add(*exchange)
        if world.events.listeners:
            world.events.publish("request", Entry(*row).as_json)

    def _relayed(self, mails: Any) -> None:
        if self._relay is None:
            from authspec_mock.relay import Relay

            assert self.options.smtp is not None
            self._relay = Relay(self.options.smtp)
        for mail in mails:
            self._relay.send(mail)

    # --- faults ---------------------------------------------------------------------------

    def _next_fault(self, world: MockWorld, request: Request) -> Effect | None:
        for rule in world.faults.candidates(request, world.profile.prefix):
            account = rule.match.account
            if account is None or concerns(world, request, account):
                world.faults.used(rule)
                world.events.publish("fault", rule.as_json)
                return rule.do
        return None

    async def _faulty(
        self,
        world: MockWorld,
        request: Request,
        effect: Effect,
        wire: tuple[Receive, Send],
        extra: Headers,
    ) -> None:
        receive, send = wire
        if effect.delay:
            await self._pause(effect.delay)
        if effect.hang or effect.drop:
            self._noted(world, (request, None, effect.delay, effect.name))
            if effect.hang:
                await self._hang(receive)
            await drop(send, receive)
            return
        response = effect.response()
        if response is None:
            response = self._answer(world, request, effect.name)
        else:
            challenge = world.profile.challenge
            if response.status == 401 and challenge:
                challenged = (*response.headers, ("WWW-Authenticate", challenge))
                response = response._replace(headers=challenged)
            self._noted(world, (request, response, effect.delay, effect.name))
        if effect.truncate is not None and effect.truncate < len(response.body):
            whole = response._replace(headers=response.headers + extra)
            await send_broken(send, receive, whole, effect.truncate)
            return
        await send_response(send, response, extra)

    async def _pause(self, seconds: float) -> None:
        """Waits, or until the mock stops."""
        if self._closed:
            return
        stopped = asyncio.get_running_loop().create_future()
        self._paused.add(stopped)
        try:
            await asyncio.wait((stopped,), timeout=seconds)
        finally:
            self._paused.discard(stopped)

    async def _hang(self, receive: Receive) -> None:
        """Waits until the client gives up, or the mock stops."""
        stopped = asyncio.get_running_loop().create_future()
        self._paused.add(stopped)
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            if not self._closed:
                await asyncio.wait((stopped, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            self._paused.discard(stopped)

    # --- the control API ------------------------------------------------------------------

    async def _controlled(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._control is None:
            from authspec_mock.control import control_app

            self._control = control_app(self)
        try:
            await self._control(scope, receive, send)
        except Disconnected:
            raise
        except Exception as error:  # answered already, with 500
            log_fault_of_ours(scope["method"], scope["path"], error)

    def _world_of_path(self, path: str) -> tuple[MockWorld | None, str, str]:
        """The world that a path names, the path inside it, and what stood before."""
        name, slash, rest = path[len(WORLD_PATH) :].partition("/")
        if not slash or not name:
            return None, path, ""
        return self.worlds.get(name), f"/{rest}", f"{WORLD_PATH}{name}"

    def _is_control(self, path: str, world: MockWorld) -> bool:
        if path not in PAGES and not path.startswith(GUARDED):
            return False
        prefix = world.profile.prefix
        if prefix == "/" or not path.startswith(prefix):
            return True
        if prefix not in GUARDED and prefix.startswith(GUARDED):
            return False  # such as /api/v1/account/: all of it is the deployment's
        # a deployment may have its auth under Mailpit's own prefix, /api/v1/
        return path[len(prefix) :].partition("/")[0] not in _MODULES

    # --- its life -------------------------------------------------------------------------

    def open(self) -> None:
        """As before `close`: a stopped server may be started again."""
        self._closed = False

    def close(self) -> None:
        """Ends whatever would keep a connection open: streams, waits, delays."""
        self._closed = True
        self.worlds.close()
        for future in self._paused:
            if not future.done():
                future.set_result(None)
        if self._relay is not None:
            self._relay.close()
            self._relay = None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


def refusal(status: int, detail: str, *extra: tuple[str, str]) -> Response:
    """A JSON answer of the mock itself: one sentence."""
    body = json.dumps({"detail": detail}, ensure_ascii=False).encode("utf-8", "replace")
    return Response(status, (("Content-Type", "application/json"), *extra), body)


def _refused(error: Exception, method: str, path: str) -> Response:
    """The answer to a call that the mock could not take to its end."""
    if isinstance(error, UsageError):
        return refusal(400, str(error))
    if isinstance(error, TooLarge):
        return refusal(413, "The request body is too large.")
    log_fault_of_ours(method, path, error)
    return _OUR_FAULT


def health(world: MockWorld) -> Response:
    """That the mock is up. Not Starlette's: whoever waits for it should not wait for an import."""
    facts = {"status": "ok", "profile": world.profile.name, "version": __version__}
    body = json.dumps({**facts, "world": world.name}, separators=(",", ":")).encode()
    return Response(200, (("Content-Type", "application/json"),), body)


def log_fault_of_ours(method: str, path: str, error: Exception) -> None:
    """One line: where the mock itself failed. The whole traceback at level DEBUG."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    logger.error(
        "The mock failed at %s %r: %s: %s (%s)",
        method,
        path,
        type(error).__name__,
        error,
        place,
        exc_info=error if logger.isEnabledFor(logging.DEBUG) else None,
    )


_OUR_FAULT = refusal(500, OUR_FAULT)


def _under(prefix: str, response: Response) -> Response:
    """The response with a redirect kept inside its world."""
    headers = tuple(
        (name, prefix + value)
        if name.lower() == "location" and value.startswith("/")
        else (name, value)
        for name, value in response.headers
    )
    return response._replace(headers=headers)


def _with_headers(send: Send, extra: Headers) -> Send:
    if not extra:
        return send
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in extra]

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *raw]
        await send(message)

    return sending


def _wrong_host(host: str) -> Response:
    return refusal(
        400,
        f"The mock does not answer to the host {host!r}; start it with --allow-host NAME "
        "if it should.",
    )


def _wrong_origin(origin: str) -> Response:
    advice = f"start the mock with --cors {origin} if they should."
    if not origin.partition("://")[2]:  # `null` for files and sandboxed frames: no --cors takes it
        advice = "serve them by http://localhost."
    return refusal(403, f"Pages of {origin} may not use the control API; {advice}")


def asgi_app(profile: Any = None, **options: Any) -> MockApp:
    """The bare ASGI application; the arguments are those of `MockServer`."""
    from authspec_mock.options import options_from

    return MockApp(options_from(profile, **options))


__all__ = ["MockApp", "asgi_app", "refusal"]
