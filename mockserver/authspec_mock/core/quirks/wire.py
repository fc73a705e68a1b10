"""Quirks of HTTP: statuses, headers, media types and the shape of answers."""

from typing import Any

from authspec_mock.core.authentication import Authentication
from authspec_mock.core.call import Call, Reply
from authspec_mock.core.dispatch import Dispatcher, Headers
from authspec_mock.core.parsing import Parsing
from authspec_mock.core.permissions import Permissions
from authspec_mock.core.quirks.registry import quirk
from authspec_mock.core.rejections import (
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Rejection,
    Unauthenticated,
    UnsupportedMedia,
)
from authspec_mock.core.routing import Route
from authspec_mock.core.wire import Request, Response


@quirk("no-www-authenticate", "A 401 has no WWW-Authenticate.", area="HTTP")
class _NoChallenge(Dispatcher):
    def render(self, call: Call, status: int, data: Any, more: Headers = ()) -> Response:
        kept = tuple(header for header in more if header[0] != "WWW-Authenticate")
        return super().render(call, status, data, kept)


@quirk("401-as-403", "Missing credentials are answered 403.", area="HTTP")
class _As403(Dispatcher):
    def challenge(self, call: Call) -> tuple[int, str | None]:
        return 403, None


@quirk("404-for-405", "A method that is not allowed is answered 404.", area="HTTP", steps=3)
class _NotFound(Dispatcher):
    def refuse(self, call: Call, rejection: Rejection) -> Response:
        if isinstance(rejection, MethodNotAllowed):
            rejection = NotFound()
        return super().refuse(call, rejection)


@quirk("allow-incomplete", "Allow lists GET alone.", area="HTTP")
class _AllowsGet(Dispatcher):
    def _response(self, call: Call, status: int, headers: Headers, body: str) -> Response:
        kept = tuple((k, "GET" if k == "Allow" else v) for k, v in headers)
        return super()._response(call, status, kept, body)


@quirk(
    "errors-as-200",
    "A refused body of a call with credentials is answered 200.",
    area="HTTP",
    steps=3,
)
class _ErrorsAs200(Dispatcher):
    def refuse(self, call: Call, rejection: Rejection) -> Response:
        if isinstance(rejection, Invalid) and call.user is not None:
            return self.render(call, 200, rejection.data)
        return super().refuse(call, rejection)


@quirk(
    "errors-as-422",
    "A refused body of a call with credentials is answered 422.",
    area="HTTP",
    steps=3,
)
class _ErrorsAs422(Dispatcher):
    def refuse(self, call: Call, rejection: Rejection) -> Response:
        if isinstance(rejection, Invalid) and call.user is not None:
            return self.render(call, 422, rejection.data)
        return super().refuse(call, rejection)


@quirk(
    "errors-flat",
    "A refused body of a call with credentials is answered by one sentence, not by field.",
    area="HTTP",
    steps=3,
)
class _Flat(Dispatcher):
    def refuse(self, call: Call, rejection: Rejection) -> Response:
        if isinstance(rejection, Invalid) and call.user is not None:
            return self.render(call, 400, {"detail": "The request is not valid."})
        return super().refuse(call, rejection)


@quirk(
    "first-error-only",
    "A refused body of a call with credentials is answered by its first error alone.",
    area="HTTP",
    steps=3,
)
class _FirstOnly(Dispatcher):
    def refuse(self, call: Call, rejection: Rejection) -> Response:
        told = isinstance(rejection, Invalid) and isinstance(rejection.data, dict)
        if told and call.user is not None:
            key = next(iter(rejection.data))
            return self.render(call, 400, {key: rejection.data[key]})
        return super().refuse(call, rejection)


@quirk("text-plain", "JSON is labelled text/plain.", area="HTTP")
class _TextPlain(Dispatcher):
    def _response(self, call: Call, status: int, headers: Headers, body: str) -> Response:
        kept = tuple((k, "text/plain" if k == "Content-Type" else v) for k, v in headers)
        return super()._response(call, status, kept, body)


@quirk("created-as-200", "A registration is answered 200 instead of 201.", area="REG")
class _CreatedAs200(Dispatcher):
    def render(self, call: Call, status: int, data: Any, more: Headers = ()) -> Response:
        return super().render(call, 200 if status == 201 else status, data, more)


@quirk("no-content-with-body", "A 204 became a 200 with a body.", area="HTTP", steps=2)
class _WithBody(Dispatcher):
    def render(self, call: Call, status: int, data: Any, more: Headers = ()) -> Response:
        if status == 204:
            return super().render(call, 200, {"detail": "ok"}, more)
        return super().render(call, status, data, more)


@quirk("media-type-ignored", "A body of any media type is read as JSON.", area="HTTP")
class _AnyMedia(Parsing):
    def read(self, request: Request) -> Any:
        try:
            return super().read(request)
        except UnsupportedMedia:
            headers = {**request.headers, "content-type": "application/json"}
            return super().read(
                Request(request.method, request.path, headers=headers, body=request.body)
            )


@quirk("malformed-json-ignored", "Malformed JSON counts as an empty body.", area="HTTP")
class _MalformedIgnored(Parsing):
    def read(self, request: Request) -> Any:
        try:
            return super().read(request)
        except Invalid:
            return {}


@quirk("me-anonymous", "Without credentials, `me` is the first account.", area="ME", steps=2)
class _AnonymousMe(Authentication):
    def user(self, call: Call) -> Any:
        user = super().user(call)
        if user is None and call.route is not None and call.route.view == "users/me":
            return next((u for u in self.world.accounts if u.is_active), None)
        return user


@quirk(
    "bad-token-as-anonymous",
    "Bad credentials are treated as none, so that public calls take them.",
    area="HTTP",
)
class _BadAsNone(Authentication):
    def user(self, call: Call) -> Any:
        try:
            return super().user(call)
        except Unauthenticated:
            return None


@quirk("registration-needs-login", "A registration asks for credentials.", area="REG")
class _NeedsLogin(Permissions):
    def check(self, call: Call, names: tuple[str, ...]) -> None:
        super().check(call, ("IsAuthenticated",) if call.action == "create" else names)


@quirk("set-password-for-staff-only", "Only staff may change their password.", area="PWD", steps=3)
class _StaffOnly(Permissions):
    def check(self, call: Call, names: tuple[str, ...]) -> None:
        super().check(call, names)
        if call.action == "set_password" and call.user is not None and not call.user.is_staff:
            raise Forbidden


@quirk("patch-missing", "PATCH `me` is not allowed.", area="ME", steps=3)
class _NoPatch(Dispatcher):
    def action(self, call: Call, route: Route) -> Any:
        if route.view == "users/me" and call.method == "PATCH":
            raise MethodNotAllowed(call.method)
        return super().action(call, route)


@quirk(
    "activation-by-get",
    "Opening the activation address with GET and the link's values activates.",
    area="ACT",
    steps=2,
)
class _ByGet(Dispatcher):
    def answer(self, call: Call) -> Reply:
        if call.method == "GET" and call.request.path.endswith("/activation/"):
            from urllib.parse import parse_qsl

            call.data = dict(parse_qsl(call.request.query))
            return self.world.user_actions.activation(call)
        return super().answer(call)


@quirk("third-call-fails", "Every third registration answers 503.", area="REG", steps=3)
class _ThirdFails(Dispatcher):
    def answer(self, call: Call) -> Reply:
        reply = super().answer(call)
        if reply.status == 201:
            count = self.world.state.quirks["registrations"] = (
                self.world.state.quirks.get("registrations", 0) + 1
            )
            if count % 3 == 0:
                return Reply(503, {"detail": "Service temporarily unavailable, try again later."})
        return reply
