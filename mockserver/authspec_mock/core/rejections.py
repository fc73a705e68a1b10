"""The ways in which a request is refused, one small tree; each knows the answer it leads to.

Rejection
├── Invalid            400  a body that is not what it should be
├── Unauthenticated    401  (403 where the first scheme has no challenge)
├── Forbidden          403
├── NotFound           404
├── MethodNotAllowed   405
├── NotAcceptable      406
├── UnsupportedMedia   415
├── Throttled          429
└── Page                    Django's own HTML page, beneath DRF

They are turned into responses in one place: `dispatch.Dispatcher.refuse`.
"""

import math
from typing import Any


class Rejection(Exception):
    """A refusal with the status and the JSON body of DRF's answer."""

    status = 400

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.data = data

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return ()


class Invalid(Rejection):
    """The body breaks a rule: errors by field, or a bare list where Djoser fails outside a serializer."""


def malformed(detail: str) -> Invalid:
    """DRF's ParseError (rest_framework/exceptions.py)."""
    return Invalid({"detail": detail})


class Unauthenticated(Rejection):
    """No credentials, or bad ones."""

    status = 401

    def __init__(
        self, detail: str = "Authentication credentials were not provided.", **more: Any
    ) -> None:
        super().__init__({"detail": detail, **more})


class Forbidden(Rejection):
    status = 403

    def __init__(self, detail: str = "You do not have permission to perform this action.") -> None:
        super().__init__({"detail": detail})


class NotFound(Rejection):
    status = 404

    def __init__(self, detail: str = "Not found.") -> None:
        super().__init__({"detail": detail})


class MethodNotAllowed(Rejection):
    status = 405

    def __init__(self, method: str) -> None:
        super().__init__({"detail": f'Method "{method}" not allowed.'})


class NotAcceptable(Rejection):
    status = 406

    def __init__(self) -> None:
        super().__init__({"detail": "Could not satisfy the request Accept header."})


class UnsupportedMedia(Rejection):
    status = 415

    def __init__(self, media_type: str) -> None:
        super().__init__({"detail": f'Unsupported media type "{media_type}" in request.'})


class Throttled(Rejection):
    status = 429

    def __init__(self, wait: float | None) -> None:
        detail = "Request was throttled."
        self.wait = None if wait is None else math.ceil(wait)
        if self.wait is not None:
            seconds = "second" if self.wait == 1 else "seconds"
            detail += f" Expected available in {self.wait} {seconds}."
        super().__init__({"detail": detail})

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("Retry-After", str(self.wait)),) if self.wait else ()


class Page(Rejection):
    """An answer of Django beneath DRF: an HTML page, or a redirect without a body."""

    def __init__(
        self,
        status: int,
        body: str = "",
        location: str | None = None,
        more: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(None)
        self.status = status
        self.body = body
        self.location = location
        self._more = more

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        content_type = ("Content-Type", "text/html; charset=utf-8")
        if self.location is None:
            return (content_type, *self._more)
        return (content_type, ("Location", self.location), *self._more)


def _page(status: int, title: str, text: str = "") -> Page:
    """django/views/defaults.py: ERROR_PAGE_TEMPLATE, for a project without templates of its own."""
    body = (
        f'\n<!doctype html>\n<html lang="en">\n<head>\n  <title>{title}</title>\n</head>\n'
        f"<body>\n  <h1>{title}</h1><p>{text}</p>\n</body>\n</html>\n"
    )
    return Page(status, body)


def page_not_found() -> Page:
    return _page(404, "Not Found", "The requested resource was not found on this server.")


def bad_request_page() -> Page:
    """What Django answers to a SuspiciousOperation: too much data, too many fields, a bad host."""
    return _page(400, "Bad Request (400)")
