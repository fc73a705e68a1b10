"""The control API, Mailpit's and the pages: one Starlette application behind the control token."""

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from authspec_contract.errors import AuthspecError, nearest
from authspec_mock import mailpit_routes, outbox_routes, page_routes, world_routes
from authspec_mock.access import COOKIE, Access
from authspec_mock.answers import detail
from authspec_mock.asgi import OUR_FAULT, Receive, Scope, Send, TooLarge

if TYPE_CHECKING:
    from authspec_mock.app import MockApp

_OPEN = frozenset({"/_mock/health", "/openapi.json", "/openapi.yaml", "/docs"})
"""What needs no control token: `authspec mock wait` and clients of the contract have none."""


def control_app(mock: "MockApp") -> Any:
    """The ASGI application for whatever is not the account API."""
    routes = [
        *outbox_routes.routes(),
        *world_routes.routes(mock.worlds),
        *page_routes.routes(),
        *mailpit_routes.routes(),
    ]
    paths = sorted({route.path for route in routes if "{" not in route.path})

    async def not_found(request: Request, error: Exception) -> Response:
        path = request.scope["path"]
        return detail(404, f"There is nothing at {path}; {nearest(path, paths)}")

    app = Starlette(
        routes=routes,
        exception_handlers={
            404: not_found,
            HTTPException: _http_error,
            AuthspecError: _refused,
            TooLarge: _too_large,
            Exception: _our_fault,
        },
    )
    app.router.redirect_slashes = False
    return _gate(app, mock.access)


def _gate(app: Any, access: Access) -> Any:
    async def gated(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].rstrip("/") in _OPEN or access.control_allowed(scope["mock.headers"]):
            await app(scope, receive, send)
            return
        request = Request(scope)
        token = request.query_params.get("token", "")
        if scope["path"] == "/" and access.is_token(token):
            answer: Response = RedirectResponse(scope["mock.prefix"] + "/", 303)
            answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        else:
            answer = detail(
                401,
                "The control API needs the control token: as Authorization: Bearer TOKEN, as the "
                "password of Basic, or once as /?token=TOKEN.",
                **{"WWW-Authenticate": 'Basic realm="authspec mock"'},
            )
        await answer(scope, receive, send)

    return gated


async def _refused(request: Request, error: Exception) -> Response:
    return detail(400, str(error))


async def _too_large(request: Request, error: Exception) -> Response:
    return detail(413, "The request body is too large.")


async def _our_fault(request: Request, error: Exception) -> Response:
    return detail(500, OUR_FAULT)  # Starlette raises the error again: `app` logs it


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return detail(error.status_code, error.detail, **dict(error.headers or {}))
