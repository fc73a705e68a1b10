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
