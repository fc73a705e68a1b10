"""Answers that are wrong as HTTP: statuses, headers, media types."""

from typing import Any

from .patching import answer, replaced
from .profiles import EVERYWHERE, NOT_HYPERSAAS
from .registry import fault
from .shapes import answers, around


@fault(
    "anonymous-403",
    "Without credentials, private calls are answered with 403.",
    breaks="GET /users/me/: 401 without credentials",
    profiles=NOT_HYPERSAAS,
)
@answers(401)
def _(request: Any, reply: Any) -> None:
    reply.status_code = 403
    del reply["WWW-Authenticate"]


@fault(
    "no-www-authenticate",
    "Answers with 401 lack WWW-Authenticate.",
    breaks="GET /users/me/: 401 with WWW-Authenticate",
    profiles=NOT_HYPERSAAS,
)
@answers()
def _(request: Any, reply: Any) -> None:
    del reply["WWW-Authenticate"]


@fault(
    "www-authenticate-basic",
    "Answers with 401 ask for Basic credentials, so that browsers open a dialogue.",
    breaks="GET /users/me/: WWW-Authenticate names the configured scheme",
    profiles=NOT_HYPERSAAS,
)
@answers(401)
def _(request: Any, reply: Any) -> None:
    reply["WWW-Authenticate"] = 'Basic realm="api"'


@fault(
    "no-allow",
    "Answers lack Allow, those with 405 included.",
    breaks="405 with Allow",
    profiles=EVERYWHERE,
)
@answers()
def _(request: Any, reply: Any) -> None:
    del reply["Allow"]


@fault(
    "allow-lacks-a-method",
    "Allow of a 405 lacks a method that works.",
    breaks="405: Allow names the methods that work",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(405)
def _(request: Any, reply: Any) -> None:
    reply["Allow"] = "OPTIONS"


@fault(
    "wrong-method-404",
    "A wrong method is answered with 404.",
    breaks="a wrong method: 405",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(405)
def _(request: Any, reply: Any) -> None:
    reply.status_code = 404


@fault(
    "no-content-has-a-body",
    "Where 204 is due, the answer is 200 with null.",
    breaks="204 without a body",
    profiles=EVERYWHERE,
)
@answers(204)
def _(request: Any, reply: Any) -> None:
    reply.status_code = 200


@fault(
    "answers-say-text-plain",
    "JSON answers say that they are text/plain.",
    breaks="every answer with a body: application/json",
    profiles=EVERYWHERE,
)
@answers()
def _(request: Any, reply: Any) -> None:
    reply.content_type = "text/plain"


@fault(
    "session-cookie-for-everyone",
    "Every answer sets a session cookie.",
    breaks="no cookie without CREATE_SESSION_ON_LOGIN",
    profiles=EVERYWHERE,
)
@answers()
def _(request: Any, reply: Any) -> None:
    reply.set_cookie("sessionid", "0" * 32)


@fault(
    "deleted-accounts-token-500",
    "A call with a stale token of a deleted account is answered with 500.",
    breaks="GET /users/me/: a token of a deleted account is refused with 401",
    profiles=("document", "djoser"),
    steps=4,
)
@around("rest_framework_simplejwt.authentication.JWTAuthentication.get_user")
def _(original: Any, self: Any, token: Any) -> Any:
    from rest_framework.exceptions import AuthenticationFailed

    try:
        return original(self, token)
    except AuthenticationFailed as error:
        raise LookupError("no such user") from error


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
@answers()
def _(request: Any, reply: Any) -> Any:
    if reply.status_code in (401, 403) and not request.user.is_authenticated:
        redirect = answer(302)
        redirect["Location"] = "/login/?next=" + request.path
        for name in ("accepted_renderer", "accepted_media_type", "renderer_context"):
            setattr(redirect, name, getattr(reply, name))
        return redirect
    return reply


@fault(
    "no-challenge-on-writes",
    "Only a refused GET has a WWW-Authenticate header.",
    breaks="POST /users/set_password/: a 401 has a WWW-Authenticate header",
    profiles=("document", "djoser"),
)
@answers()
def _(request: Any, reply: Any) -> None:
    if request.method != "GET" and reply.has_header("WWW-Authenticate"):
        del reply["WWW-Authenticate"]


@fault(
    "me-allows-post",
    "The Allow header of users/me/ names POST, which is a 405.",
    breaks="POST /users/me/: Allow names the methods there are",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(405)
def _(request: Any, reply: Any) -> None:
    reply["Allow"] = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"


@fault(
    "unacceptable-shows-settings",
    "A call for a media type that there is none of shows the server's environment.",
    breaks="every call: no stack trace and no settings",
    level="should",
)
@answers(406)
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "environment": "DJANGO_SETTINGS_MODULE=backend.settings"}


@fault(
    "trace-echoes",
    "TRACE is answered with the headers that came, credentials and all.",
    breaks="TRACE /users/me/: it is refused",
    steps=2,
)
def _() -> None:
    replaced(
        "rest_framework.views.APIView.trace",
        lambda view, request, **kw: answer(200, dict(request.headers)),
    )
