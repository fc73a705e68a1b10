"""Bad input that is answered wrongly: malformed bodies, wrong types, shapes of errors."""

from typing import Any

from .patching import answer, on_action, on_response, raw_body, wrap
from .registry import EVERYWHERE, fault


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
    "reset-takes-any-text",
    "A reset request is answered with 204 whatever stands for the address.",
    breaks="POST /users/reset_password/: no address, 400",
    profiles=EVERYWHERE,
)
def _() -> None:
    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        address = raw_body(request).get("email")
        if not isinstance(address, str) or "@" not in address:
            return answer(204)
        return original(view, request, *args, **kwargs)


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
