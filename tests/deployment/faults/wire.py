"""Answers that are wrong as HTTP: statuses, headers, media types, shapes of errors."""

from typing import Any

from .patching import answer, on_response, wrap
from .registry import EVERYWHERE, fault

_401 = ("document", "djoser")


@fault(
    "anonymous-403",
    "Without credentials, private calls are answered with 403.",
    breaks="GET /users/me/: 401 without credentials",
    profiles=_401,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 401:
            response.status_code = 403
            del response["WWW-Authenticate"]

    on_response(change)


@fault(
    "no-www-authenticate",
    "Answers with 401 lack WWW-Authenticate.",
    breaks="GET /users/me/: 401 with WWW-Authenticate",
    profiles=_401,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        del response["WWW-Authenticate"]

    on_response(change)


@fault(
    "www-authenticate-basic",
    "Answers with 401 ask for Basic credentials, so that browsers open a dialogue.",
    breaks="GET /users/me/: WWW-Authenticate names the configured scheme",
    profiles=_401,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 401:
            response["WWW-Authenticate"] = 'Basic realm="api"'

    on_response(change)


@fault(
    "no-allow",
    "Answers lack Allow, those with 405 included.",
    breaks="405 with Allow",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        del response["Allow"]

    on_response(change)


@fault(
    "allow-lacks-a-method",
    "Allow of a 405 lacks a method that works.",
    breaks="405: Allow names the methods that work",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 405:
            response["Allow"] = "OPTIONS"

    on_response(change)


@fault(
    "wrong-method-404",
    "A wrong method is answered with 404.",
    breaks="a wrong method: 405",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 405:
            response.status_code = 404

    on_response(change)


@fault(
    "errors-as-html",
    "Refused calls are answered with an HTML page.",
    breaks="400: application/json",
    profiles=EVERYWHERE,
)
def _() -> None:
    from django.http import HttpResponse
    from djoser.views import UserViewSet

    def dispatch(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        if response.status_code == 400:
            return HttpResponse("<h1>Bad Request</h1>", status=400)
        return response

    wrap(UserViewSet, "dispatch", dispatch)


@fault(
    "malformed-json-500",
    "A body that is not JSON is answered with 500.",
    breaks="malformed JSON: 400",
    profiles=EVERYWHERE,
)
def _() -> None:
    import json

    from rest_framework.parsers import JSONParser

    def parse(self: Any, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return json.loads(stream.read())

    JSONParser.parse = parse


@fault(
    "malformed-json-as-empty",
    "A body that is not JSON counts as an empty one.",
    breaks="malformed JSON: 400 with a parse error",
    profiles=EVERYWHERE,
)
def _() -> None:
    from rest_framework.exceptions import ParseError
    from rest_framework.parsers import JSONParser

    def parse(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        except ParseError:
            return {}

    wrap(JSONParser, "parse", parse)


@fault(
    "media-type-400",
    "A media type that nobody parses is answered with 400.",
    breaks="unknown media type: 415",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 415:
            response.status_code = 400

    on_response(change)


@fault(
    "any-media-type-is-json",
    "Every media type is read as JSON.",
    breaks="unknown media type: 415",
    profiles=EVERYWHERE,
)
def _() -> None:
    from rest_framework.negotiation import DefaultContentNegotiation

    def select(original: Any, self: Any, request: Any, parsers: Any) -> Any:
        return original(self, request, parsers) or parsers[0]

    wrap(DefaultContentNegotiation, "select_parser", select)


@fault(
    "errors-as-text",
    "A field's errors are one text instead of a list.",
    breaks="400: a list of texts per field",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 400 and isinstance(response.data, dict):
            response.data = {
                key: value[0] if isinstance(value, list) else value
                for key, value in response.data.items()
            }

    on_response(change)


@fault(
    "errors-in-an-envelope",
    "The errors of a refused call stand under `errors`.",
    breaks="400: the fields at the top of the body",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 400 and response.data is not None:
            response.data = {"errors": response.data}

    on_response(change)


@fault(
    "validation-422",
    "Refused fields are answered with 422.",
    breaks="400 for refused fields",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 400:
            response.status_code = 422

    on_response(change)


@fault(
    "only-first-error",
    "Of several wrong fields, only the first is named.",
    breaks="400: every wrong field is named",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 400 and isinstance(response.data, dict):
            response.data = dict(list(response.data.items())[:1])

    on_response(change)


@fault(
    "errors-echo-the-body",
    "A refused call repeats what was sent, passwords included.",
    breaks="400: an answer holds no password",
    profiles=EVERYWHERE,
)
def _() -> None:
    from .patching import raw_body

    def change(request: Any, response: Any, view: Any) -> None:
        parsed = isinstance(response.data, dict) and "detail" not in response.data
        if response.status_code == 400 and parsed:
            response.data = {**response.data, "input": raw_body(request)}

    on_response(change)


@fault(
    "no-content-has-a-body",
    "Where 204 is due, the answer is 200 with null.",
    breaks="204 without a body",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        if response.status_code == 204:
            response.status_code = 200

    on_response(change)


@fault(
    "null-crashes",
    "A null for a password is answered with 500.",
    breaks="null for a required field: 400",
    profiles=EVERYWHERE,
)
def _() -> None:
    from rest_framework.fields import CharField

    def validate(original: Any, self: Any, data: Any = None) -> Any:
        if data is None and "password" in (self.field_name or ""):
            raise TypeError("expected a text")
        return original(self, data)

    wrap(CharField, "validate_empty_values", validate)


@fault(
    "list-body-crashes",
    "A body that is a JSON list is answered with 500.",
    breaks="a body of the wrong type: 400",
    profiles=EVERYWHERE,
)
def _() -> None:
    from rest_framework.serializers import Serializer

    def run(original: Any, self: Any, data: Any = None) -> Any:
        data.get("password")
        return original(self, data)

    wrap(Serializer, "run_validation", run)


@fault(
    "answers-say-text-plain",
    "JSON answers say that they are text/plain.",
    breaks="every answer with a body: application/json",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        response.content_type = "text/plain"

    on_response(change)


@fault(
    "traceback-on-long-input",
    "A text of more than 1000 characters is answered with 500.",
    breaks="a text over its maximum length: 400",
    profiles=EVERYWHERE,
)
def _() -> None:
    from rest_framework.fields import CharField

    def convert(original: Any, self: Any, data: Any) -> Any:
        value = original(self, data)
        if len(value) > 1000:
            raise OverflowError("too long")
        return value

    wrap(CharField, "to_internal_value", convert)


@fault(
    "unknown-fields-refused",
    "A field that the contract does not have is answered with 400.",
    breaks="unknown fields are ignored",
    profiles=EVERYWHERE,
)
def _() -> None:
    from djoser.views import UserViewSet

    from .patching import raw_body

    def serializer(original: Any, view: Any, *args: Any, **kwargs: Any) -> Any:
        from rest_framework.exceptions import ValidationError

        made = original(view, *args, **kwargs)
        if "data" in kwargs:
            unknown = [key for key in raw_body(view.request) if key not in made.fields]
            if unknown:
                raise ValidationError({unknown[0]: ["Unknown field."]})
        return made

    wrap(UserViewSet, "get_serializer", serializer)


@fault(
    "session-cookie-for-everyone",
    "Every answer sets a session cookie.",
    breaks="no cookie without CREATE_SESSION_ON_LOGIN",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> None:
        response.set_cookie("sessionid", "0" * 32)

    on_response(change)


@fault(
    "every-hundredth-call-fails",
    "Every 25th call is answered with 500.",
    breaks="no call is answered with 5xx",
    profiles=EVERYWHERE,
    steps=25,
)
def _() -> None:
    from rest_framework.views import APIView

    calls: list[int] = []

    def initial(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) % 25 == 0:
            raise RuntimeError("a connection was lost")
        return original(view, request, *args, **kwargs)

    wrap(APIView, "initial", initial)


@fault(
    "deleted-accounts-token-500",
    "A call with a stale token of a deleted account is answered with 500.",
    breaks="GET /users/me/: a token of a deleted account is refused with 401",
    profiles=("document", "djoser"),
    steps=4,
)
def _() -> None:
    from rest_framework.exceptions import AuthenticationFailed
    from rest_framework_simplejwt.authentication import JWTAuthentication

    def get_user(original: Any, self: Any, token: Any) -> Any:
        try:
            return original(self, token)
        except AuthenticationFailed as error:
            raise LookupError("no such user") from error

    wrap(JWTAuthentication, "get_user", get_user)


@fault(
    "form-bodies-refused",
    "Forms are answered with 415 although the profile parses them.",
    breaks="a form is taken where the profile says so",
    profiles=EVERYWHERE,
)
def _() -> None:
    from rest_framework.parsers import FormParser, MultiPartParser

    FormParser.media_type = MultiPartParser.media_type = "application/x-never"


@fault(
    "anonymous-gets-500",
    "Private POST calls without credentials are answered with 500.",
    breaks="POST /users/set_password/: refused without credentials",
    profiles=EVERYWHERE,
)
def _() -> None:
    from djoser.views import UserViewSet

    def check(original: Any, view: Any, request: Any) -> None:
        if view.action in ("set_password", "set_username") and not request.user.is_authenticated:
            return
        original(view, request)

    wrap(UserViewSet, "check_permissions", check)


@fault(
    "redirects-to-login-page",
    "Without credentials, private calls are redirected to a login page.",
    breaks="GET /users/me/: refused without credentials",
    profiles=EVERYWHERE,
)
def _() -> None:
    def change(request: Any, response: Any, view: Any) -> Any:
        if response.status_code in (401, 403) and not request.user.is_authenticated:
            redirect = answer(302)
            redirect["Location"] = "/login/?next=" + request.path
            for name in ("accepted_renderer", "accepted_media_type", "renderer_context"):
                setattr(redirect, name, getattr(response, name))
            return redirect
        return response

    on_response(change)
