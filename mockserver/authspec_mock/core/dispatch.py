"""The order in which Django and DRF look at a request, in one place, and every answer made in one.

django/core/handlers, middleware/common.py; rest_framework/views.py APIView.dispatch 3.18.
"""

import json
import json.encoder
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from authspec_mock.core.call import NOTHING, Call, Reply
from authspec_mock.core.negotiation import Rendering, query_value
from authspec_mock.core.pages import browsable
from authspec_mock.core.part import Part
from authspec_mock.core.permissions import permission_key
from authspec_mock.core.rejections import (
    MethodNotAllowed,
    Page,
    Rejection,
    Unauthenticated,
    bad_request_page,
    page_not_found,
)
from authspec_mock.core.routing import Match
from authspec_mock.core.wire import Mail, Response

if TYPE_CHECKING:
    from authspec_mock.core.routing import Route
    from authspec_mock.core.world import World

Action = Callable[[Call], Reply]
Headers = tuple[tuple[str, str], ...]
_HOST = re.compile(r"([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(:[0-9]+)?")
_SAFE_IN_PATH = "/:@&+$,-_.!~*'()"
_SAFE_IN_QUERY = "/#%[]=:;$&()+,!?*@'~"


class Dispatcher(Part):
    """Takes a request through all its checks to its action."""

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        self._actions: dict[str, Action] = {}
        for part in (world.user_actions, world.login_actions):
            for name in dir(part):
                if not name.startswith("_") and name != "settings":
                    self._actions[name] = getattr(part, name)
        self._actions["list"] = world.user_actions.list_users
        self._actions["root"] = self.root
        self._good_hosts: set[str] = set()

    def handle(self, call: Call) -> tuple[Response, tuple[Mail, ...]]:
        """The answer to a call, and the mails it sends."""
        try:
            reply = self.answer(call)
        except Rejection as rejection:
            return self.refuse(call, rejection), tuple(call.mails)
        return self.render(call, reply.status, reply.data), tuple(call.mails)

    def answer(self, call: Call) -> Reply:
        """DRF's order: negotiation, authentication, permission, throttle, method, action."""
        self.check_host(call)
        call.route, call.arguments = route, _ = self.resolve(call)
        if route.kind == "page":
            raise self.world.login_pages.answer(call, route)
        if route.kind == "viewset" and call.method != "OPTIONS":
            call.action = route.actions.get(call.method)
        elif route.kind == "viewset":
            call.action = "metadata"
        call.format = call.arguments.get("format") or query_value(call.request.query, "format")
        accept = call.request.headers.get("accept", "*/*")
        call.rendering = self.world.negotiation.choose(accept, call.format)
        if self.world.era.methods_first and route.kind == "viewset":
            self.check_method(call, route)
        if route.kind != "jwt":
            call.user = self.world.authentication.user(call)
            self.world.permissions.check(call, self.permission_names(call, route))
        if self.world.profile.throttle:
            self.world.throttling.check(call)
        if call.method == "OPTIONS":
            return self.world.metadata.options(call)
        return self.action(call, route)(call)

    def check_method(self, call: Call, route: "Route") -> None:
        """Djoser 3 binds no HEAD and no OPTIONS to its views."""
        if call.method not in route.actions or call.method == "HEAD":
            raise MethodNotAllowed(call.method)

    def permission_names(self, call: Call, route: "Route") -> tuple[str, ...]:
        if route.kind == "viewset":
            return self.world.permissions.names(call)
        if route.kind == "root":
            return self.world.profile.default_permissions
        return self.world.profile.permission(permission_key(route.actions["POST"], "POST"))

    def action(self, call: Call, route: "Route") -> Action:
        name = route.actions.get(call.method)
        if name is None:
            raise MethodNotAllowed(call.method)
        return self._actions[name]

    def check_host(self, call: Call) -> None:
        """django/http/request.py: the form of a host; ALLOWED_HOSTS is the deployment's."""
        if call.host in self._good_hosts:
            return
        if not _HOST.fullmatch(call.host.lower()):
            raise bad_request_page()
        if len(self._good_hosts) < 100:
            self._good_hosts.add(call.host)

    def resolve(self, call: Call) -> Match:
        """The route of the path. Raises Page: a redirect to the path with a slash, or not found."""
        path = call.request.path
        match = self.world.routes.find(path)
        if match is not None:
            return match
        if (
            self.world.profile.django.APPEND_SLASH
            and not path.endswith("/")
            and self.world.routes.find(path + "/") is not None
        ):
            raise Page(301, location=_location(path + "/", call.request.query))
        raise page_not_found()

    def root(self, call: Call) -> Reply:
        """DRF's list of what there is (routers.py APIRootView): the users, since nothing else lists."""
        suffix = f"users.{call.arguments['format']}" if "format" in call.arguments else "users/"
        url = f"{call.request.scheme}://{call.host}{self.world.profile.prefix}{suffix}"
        wanted = query_value(call.request.query, "format")
        if wanted is not None:  # rest_framework/reverse.py keeps the query's format
            url = f"{url}?{urlencode({'format': wanted})}"
        return Reply(200, {"users": url})

    # --- answers ----------------------------------------------------------------------------------

    def refuse(self, call: Call, rejection: Rejection) -> Response:
        """The one place where a rejection becomes a response."""
        if isinstance(rejection, Page):
            headers = (*rejection.headers, *call.cookies())
            return Response(rejection.status, headers, self._body(call, rejection.body))
        status, more = rejection.status, rejection.headers
        if isinstance(rejection, Unauthenticated):
            status, challenge = self.challenge(call)
            more = (("WWW-Authenticate", challenge),) if challenge else ()
        return self.render(call, status, self._named(rejection.data), more)

    def _named(self, data: Any) -> Any:
        """A refusal with the profile's NON_FIELD_ERRORS_KEY (rest_framework/serializers.py)."""
        key = self.world.profile.non_field_errors_key
        if not isinstance(data, dict) or key == "non_field_errors":
            return data
        return {key if name == "non_field_errors" else name: item for name, item in data.items()}

    def challenge(self, call: Call) -> tuple[int, str | None]:
        """401 with the first scheme's challenge, or 403 where it has none (handle_exception)."""
        if call.route is not None and call.route.kind == "jwt":
            word = self.world.profile.simple_jwt.AUTH_HEADER_TYPES[0]
            return 401, f'{word} realm="api"'
        challenge = self.world.authentication.challenge()
        return (401, challenge) if challenge else (403, None)

    def render(self, call: Call, status: int, data: Any, more: Headers = ()) -> Response:
        rendering = call.rendering or self.world.negotiation.fallback()
        route = call.route
        headers: Headers = (("Allow", route.allow), *more) if route is not None else more
        if rendering.name == "browsable":
            page = browsable(
                call, status, "" if data is NOTHING else _json(data, Rendering("json", 4))
            )
            headers = (("Content-Type", "text/html; charset=utf-8"), *headers)
            # the page's scripts need the token (get_token in rest_framework/renderers.py)
            call.session.show_csrf()
            # BrowsableAPIRenderer turns 204 into 200, to have something to show
            status = 200 if status == 204 else status
            return self._response(call, status, headers, page)
        if data is NOTHING:
            return self._response(call, status, headers, "")
        headers = (("Content-Type", "application/json"), *headers)
        return self._response(call, status, headers, _json(data, rendering))

    def _response(self, call: Call, status: int, headers: Headers, body: str) -> Response:
        cookies = call.cookies()
        return Response(
            status, (*headers, *cookies) if cookies else headers, self._body(call, body)
        )

    def _body(self, call: Call, body: str) -> bytes:
        if call.method == "HEAD":
            return b""
        try:
            return body.encode()
        except UnicodeEncodeError:
            return body.encode("utf-8", "replace")


def _encoder() -> Callable[[Any], str]:
    """Compact JSON. `JSONEncoder.encode` makes its C encoder anew for each call; this one is kept."""
    plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # a Python without the C part
        return plain.encode
    parts = make(
        None, plain.default, json.encoder.encode_basestring, None, ":", ",", False, False, True
    )
    return lambda data: "".join(parts(data, 0))


_encode = _encoder()


def _json(data: Any, rendering: Rendering) -> str:
    """rest_framework/renderers.py JSONRenderer: no spaces, UTF-8, two line separators escaped."""
    indent = rendering.indent
    text = json.dumps(data, ensure_ascii=False, indent=indent) if indent else _encode(data)
    if text.isascii():
        return text
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _location(path: str, query: str) -> str:
    """django/http/request.py get_full_path, with the slash."""
    found = quote(path, safe=_SAFE_IN_PATH)
    if found.startswith("//"):
        found = "/%2F" + found[2:]  # or the browser would take it for a host
    return f"{found}?{quote(query, safe=_SAFE_IN_QUERY)}" if query else found
