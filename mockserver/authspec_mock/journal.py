"""The journal of one world: the last exchanges, bounded in number and size, secrets masked."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authspec_mock import masking
from authspec_mock.clock import iso
from authspec_mock.core.wire import Request, Response

CAPACITY = 500
BODY_LIMIT = 2048
QUERY_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange as it was; masked only when somebody looks, which is rarer than a request."""

    id: int
    at: float
    request: Request
    response: Response | None
    """None where a fault let the client go without one."""
    seconds: float
    fault: str | None = None

    def as_json(self) -> dict[str, Any]:
        request, response = self.request, self.response
        return {
            "id": self.id,
            "at": iso(self.at),
            "method": request.method,
            "path": request.path,
            "query": masking.query(request.query),
            "status": response.status if response else None,
            "seconds": round(self.seconds, 6),
            "fault": self.fault,
            "request": {
                "headers": masking.headers(request.headers.items()),
                "body": _body(request.body, request.headers.get("content-type", "")),
            },
            "response": response and _shown(response),
        }


_Row = tuple[int, float, Request, Response | None, float, str | None]


class Journal:
    """Newest last; the oldest goes when it is full."""

    def __init__(self, clock: Callable[[], float], capacity: int = CAPACITY) -> None:
        self._clock = clock
        # as tuples: making an `Entry` costs more than all the rest of keeping it
        self._entries: deque[_Row] = deque(maxlen=capacity)
        self._last = 0

    def __len__(self) -> int:
        return len(self._entries)

    def add(
        self,
        request: Request,
        response: Response | None,
        seconds: float,
        fault: str | None = None,
    ) -> "_Row":
        """Keeps the exchange, without most of a long body."""
        self._last += 1
        if len(request.body) > BODY_LIMIT or len(request.query) > QUERY_LIMIT:
            request = _without_most(request)
        if response is not None and len(response.body) > BODY_LIMIT:
            response = Response(response.status, response.headers, response.body[: BODY_LIMIT + 1])
        row = (self._last, self._clock(), request, response, seconds, fault)
        self._entries.append(row)
        return row

    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(*row) for row in self._entries)

    def clear(self) -> int:
        """Forgets every exchange; how many there were. The next one still gets a new id."""
        count = len(self._entries)
        self._entries.clear()
        return count

    def reset(self) -> int:
        """Forgets every exchange, and counts from 1 again."""
        self._last = 0
        return self.clear()


def _without_most(request: Request) -> Request:
    return Request(
        request.method,
        request.path,
        request.query[:QUERY_LIMIT],
        request.headers,
        request.body[: BODY_LIMIT + 1],
        request.scheme,
        request.client,
    )


def _shown(response: Response) -> dict[str, Any]:
    content_type = next((v for k, v in response.headers if k.lower() == "content-type"), "")
    return {
        "headers": masking.headers(response.headers),
        "body": _body(response.body, content_type),
    }


def _body(raw: bytes, content_type: str) -> Any:
    return masking.body(raw, content_type, cut=len(raw) > BODY_LIMIT)
