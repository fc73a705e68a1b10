"""One request on its way through the core: what is known of it so far, and what it leads to."""

from typing import TYPE_CHECKING, Any, NamedTuple

from authspec_mock.core.accounts import User
from authspec_mock.core.rejections import Unauthenticated
from authspec_mock.core.sessions import SessionOfCall
from authspec_mock.core.wire import Mail, Request

if TYPE_CHECKING:
    from authspec_mock.core.negotiation import Rendering
    from authspec_mock.core.routing import Route
    from authspec_mock.core.world import World


class Nothing:
    """The body that is not there; `None` would be JSON's null."""


NOTHING = Nothing()


class Reply(NamedTuple):
    """What an action answers, before it is rendered."""

    status: int
    data: Any = NOTHING


NO_CONTENT = Reply(204)


class Call:
    """The state of one request while it is handled."""

    __slots__ = (
        "_session", "_world", "action", "arguments", "data", "format", "host", "mails", "method",
        "now", "rendering", "request", "route", "user",
    )  # fmt: skip

    def __init__(self, world: "World", request: Request, now: float) -> None:
        self._world = world
        self.request = request
        self.now = now
        self._session: SessionOfCall | None = None
        self.method = request.method.upper()
        self.host = request.headers.get("host", "localhost")
        self.mails: list[Mail] = []
        self.user: User | None = None
        """Whom the credentials belong to; None: nobody."""
        self.data: Any = NOTHING
        """The parsed body, once it was asked for."""
        self.route: Route | None = None
        self.action: str | None = None
        self.arguments: dict[str, str] = {}
        self.format: str | None = None
        self.rendering: Rendering | None = None

    @property
    def session(self) -> SessionOfCall:
        """The session, made when somebody asks: most calls have none."""
        if self._session is None:
            self._session = SessionOfCall(self._world, self.request.headers.get("cookie", ""))
        return self._session

    def cookies(self) -> tuple[tuple[str, str], ...]:
        """The `Set-Cookie` headers of the answer."""
        if self._session is None and "cookie" not in self.request.headers:
            return ()
        return self.session.cookies()

    @property
    def actor(self) -> User:
        """The authenticated user, where the permissions let nobody else through."""
        if self.user is None:
            # Real Djoser fails with 500 where a profile lets anonymous callers this far
            raise Unauthenticated
        return self.user
