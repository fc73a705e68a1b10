"""A Djoser in memory: the mock server of the contract."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from authspec_mock.app import MockApp, asgi_app
    from authspec_mock.server import MockServer

__all__ = ["MockApp", "MockServer", "asgi_app"]

_HOMES = {
    "MockApp": "authspec_mock.app",
    "MockServer": "authspec_mock.server",
    "asgi_app": "authspec_mock.app",
}


def __getattr__(name: str) -> Any:
    """The public names on first use: the core must be importable where Starlette is not installed."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
