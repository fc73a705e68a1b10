"""Bad input that is answered wrongly: malformed bodies, wrong types, shapes of errors."""

from typing import Any

from .accounts import raw_body
from .patching import replaced, wrap
from .profiles import EVERYWHERE
from .registry import fault
from .shapes import answers, around


@fault(
    "errors-as-html",
    "Refused calls are answered with an HTML page.",
    breaks="400: application/json",
    profiles=EVERYWHERE,
)
@around("djoser.views.UserViewSet.dispatch")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    from django.http import HttpResponse

    response = original(view, request, *args, **kwargs)
    if response.status_code == 400:
        return HttpResponse("<h1>Bad Request</h1>", status=400)
    return response


@fault(
    "malformed-json-500",
    "A body that is not JSON is answered with 500.",
    breaks="malformed JSON: 400",
    profiles=EVERYWHERE,
)
def _() -> None:
    import json

    def parse(self: Any, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return json.loads(stream.read())

    replaced("rest_framework.parsers.JSONParser.parse", parse)


@fault(
    "malformed-json-as-empty",
    "A body that is not JSON counts as an empty one.",
    breaks="malformed JSON: 400 with a parse error",
    profiles=EVERYWHERE,
)
@around("rest_framework.parsers.JSONParser.parse")
def _(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    from rest_framework.exceptions import ParseError

    try:
        return original(self, *args, **kwargs)
    except ParseError:
        return {}


@fault(
    "media-type-400",
    "A media type that nobody parses is answered with 400.",
    breaks="unknown media type: 415",
    profiles=EVERYWHERE,
)
@answers(415)
def _(request: Any, reply: Any) -> None:
    reply.status_code = 400


@fault(
    "any-media-type-is-json",
    "Every media type is read as JSON.",
    breaks="unknown media type: 415",
    profiles=EVERYWHERE,
)
@around("rest_framework.negotiation.DefaultContentNegotiation.select_parser")
def _(original: Any, self: Any, request: Any, parsers: Any) -> Any:
    return original(self, request, parsers) or parsers[0]


@fault(
    "errors-as-text",
    "A field's errors are one text instead of a list.",
    breaks="400: a list of texts per field",
    profiles=EVERYWHERE,
)
@answers(400)
def _(request: Any, reply: Any) -> None:
    if isinstance(reply.data, dict):
        reply.data = {
            key: value[0] if isinstance(value, list) else value for key, value in reply.data.items()
        }


@fault(
    "errors-in-an-envelope",
    "The errors of a refused call stand under `errors`.",
    breaks="400: the fields at the top of the body",
    profiles=EVERYWHERE,
)
@answers(400)
def _(request: Any, reply: Any) -> None:
    if reply.data is not None:
        reply.data = {"errors": reply.data}


@fault(
    "validation-422",
    "Refused fields are answered with 422.",
    breaks="400 for refused fields",
    profiles=EVERYWHERE,
)
@answers(400)
def _(request: Any, reply: Any) -> None:
    reply.status_code = 422


@fault(
    "only-first-error",
    "Of several wrong fields, only the first is named.",
    breaks="400: every wrong field is named",
    profiles=EVERYWHERE,
)
@answers(400)
def _(request: Any, reply: Any) -> None:
    if isinstance(reply.data, dict):
        reply.data = dict(list(reply.data.items())[:1])


@fault(
    "errors-echo-the-body",
    "A refused call repeats what was sent, passwords included.",
    breaks="400: an answer holds no password",
    profiles=EVERYWHERE,
)
@answers()
def _(request: Any, reply: Any) -> None:
    parsed = isinstance(reply.data, dict) and "detail" not in reply.data
    if reply.status_code == 400 and parsed:
        reply.data = {**reply.data, "input": raw_body(request)}


@fault(
    "null-crashes",
    "A null for a password is answered with 500.",
    breaks="null for a required field: 400",
    profiles=EVERYWHERE,
)
@around("rest_framework.fields.CharField.validate_empty_values")
def _(original: Any, self: Any, data: Any = None) -> Any:
    if data is None and "password" in (self.field_name or ""):
        raise TypeError("expected a text")
    return original(self, data)


@fault(
    "list-body-crashes",
    "A body that is a JSON list is answered with 500.",
    breaks="a body of the wrong type: 400",
    profiles=EVERYWHERE,
)
@around("rest_framework.serializers.Serializer.run_validation")
def _(original: Any, self: Any, data: Any = None) -> Any:
    data.get("password")
    return original(self, data)


@fault(
    "traceback-on-long-input",
    "A text of more than 1000 characters is answered with 500.",
    breaks="a text over its maximum length: 400",
    profiles=EVERYWHERE,
)
@around("rest_framework.fields.CharField.to_internal_value")
def _(original: Any, self: Any, data: Any) -> Any:
    value = original(self, data)
    if len(value) > 1000:
        raise OverflowError("too long")
    return value


@fault(
    "unknown-fields-refused",
    "A field that the contract does not have is answered with 400.",
    breaks="unknown fields are ignored",
    profiles=EVERYWHERE,
)
@around("djoser.views.UserViewSet.get_serializer")
def _(original: Any, view: Any, *args: Any, **kwargs: Any) -> Any:
    from rest_framework.exceptions import ValidationError

    made = original(view, *args, **kwargs)
    if "data" in kwargs:
        unknown = [key for key in raw_body(view.request) if key not in made.fields]
        if unknown:
            raise ValidationError({unknown[0]: ["Unknown field."]})
    return made


@fault(
    "every-hundredth-call-fails",
    "Every 25th call is answered with 500.",
    breaks="no call is answered with 5xx",
    profiles=EVERYWHERE,
    steps=25,
)
def _() -> None:
    calls: list[int] = []

    def initial(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) % 25 == 0:
            raise RuntimeError("a connection was lost")
        return original(view, request, *args, **kwargs)

    wrap("rest_framework.views.APIView.initial", initial)


@fault(
    "anonymous-gets-500",
    "Private POST calls without credentials are answered with 500.",
    breaks="POST /users/set_password/: refused without credentials",
    profiles=EVERYWHERE,
)
@around("djoser.views.UserViewSet.check_permissions")
def _(original: Any, view: Any, request: Any) -> None:
    if view.action in ("set_password", "set_username") and not request.user.is_authenticated:
        return
    original(view, request)
