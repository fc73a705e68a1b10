"""Answers that are wrong at one endpoint only, and right at all the others."""

from typing import Any

from .accounts import raw_body, sent
from .patching import action_of, answer, on_response
from .profiles import BY_EMAIL, EVERYWHERE
from .registry import fault
from .shapes import answers, around, before


def _turned(action: str, from_status: int, to: int, data: Any = None, method: str = "") -> None:
    """Gives the answers of one action that have a status another one."""

    def change(request: Any, reply: Any, view: Any) -> None:
        if action_of(view) != action or reply.status_code != from_status:
            return
        if method in {"", request.method}:
            reply.status_code = to
            reply.data = reply.data if data is None else data

    on_response(change)


for _action, _path in (
    ("set_password", "set_password"),
    ("set_username", "set_email"),
    ("list", ""),
    ("retrieve", "{id}"),
):

    @fault(
        f"{_action.replace('_', '-')}-anonymous-403",
        f"users/{_path} without credentials is a 403, and the others are a 401.",
        breaks=f"/users/{_path}: 401 without credentials",
        steps=1 if _path in {"set_password", "set_email"} else 2,
    )
    def _(action: str = _action) -> None:
        _turned(action, 401, 403)


@fault(
    "delete-anonymous-400",
    "DELETE of users/me/ without credentials is a 400.",
    breaks="DELETE /users/me/: 401 without credentials",
)
def _() -> None:
    _turned("me", 401, 400, {"current_password": ["This field is required."]}, "DELETE")


@fault(
    "put-anonymous-404",
    "PUT of users/me/ without credentials is a 404.",
    breaks="PUT /users/me/: 401 without credentials",
)
def _() -> None:
    _turned("me", 401, 404, {"detail": "Not found."}, "PUT")


@fault(
    "logout-anonymous-204",
    "A logout without credentials is a 204.",
    breaks="POST /token/logout/: 401 without credentials",
)
def _() -> None:
    _turned("TokenDestroyView", 401, 204, "")


@fault(
    "put-answers-201",
    "A PUT of users/me/ is answered 201.",
    breaks="PUT /users/me/: 200",
    steps=4,
)
def _() -> None:
    _turned("me", 200, 201, method="PUT")


@fault(
    "patch-answers-nothing",
    "A PATCH of users/me/ is answered without the account.",
    breaks="PATCH /users/me/: the account after the change",
    steps=4,
)
def _() -> None:
    _turned("me", 200, 200, {}, "PATCH")


@fault(
    "logout-answers-200",
    "A logout is answered 200 with a message.",
    breaks="POST /token/logout/: 204",
    steps=4,
)
def _() -> None:
    _turned("TokenDestroyView", 204, 200, {"detail": "Bye."})


@fault(
    "resend-answers-a-message",
    "A resend is answered 200 with a message.",
    breaks="POST /users/resend_activation/: 204",
    steps=2,
)
def _() -> None:
    _turned("resend_activation", 204, 200, {"detail": "A mail is on its way."})


for _action, _path, _missing, _steps in (
    ("activation", "activation", "uid", 1),
    ("activation", "activation", "token", 1),
    ("reset_password_confirm", "reset_password_confirm", "uid", 1),
    ("reset_password_confirm", "reset_password_confirm", "re_new_password", 1),
    ("set_password", "set_password", "re_new_password", 3),
    ("set_username", "set_email", "re_new_email", 3),
    ("set_username", "set_email", "new_email", 3),
    ("reset_password", "reset_password", "email", 1),
    ("resend_activation", "resend_activation", "email", 1),
):

    @fault(
        f"{_path.replace('_', '-')}-crashes-without-{_missing.replace('_', '-')}",
        f"{_path} without {_missing} is a 500.",
        breaks=f"POST /users/{_path}/: a missing field is a 400",
        steps=_steps,
    )
    @before(_action)
    def _(request: Any, missing: str = _missing) -> None:
        if hasattr(request.data, "items") and missing not in request.data:
            raise RuntimeError("crashed")


@fault(
    "reset-crashes-on-list",
    "reset_password with a list for its body is a 500.",
    breaks="POST /users/reset_password/: a body that is no object is a 400",
)
@before("reset_password")
def _(request: Any) -> None:
    if isinstance(request.data, list):
        raise RuntimeError("crashed")


@fault(
    "activation-crashes-on-null",
    "activation with null for its token is a 500.",
    breaks="POST /users/activation/: null is a 400",
)
@before("activation")
def _(request: Any) -> None:
    if raw_body(request).get("token", "") is None:
        raise RuntimeError("crashed")


@fault(
    "set-email-error-is-text",
    "The error of set_email for a taken or bad address is a text, not a list.",
    breaks="POST /users/set_email/: an error is a list of messages under its field",
    steps=4,
)
@answers(400, "set_username")
def _(request: Any, reply: Any) -> None:
    reply.data = {key: value[0] for key, value in reply.data.items()}


@fault(
    "reset-confirm-echoes-password",
    "The error of reset_password_confirm for a weak password repeats it.",
    breaks="POST /users/reset_password_confirm/: no answer holds a password",
    steps=4,
)
@answers(400, "reset_password_confirm")
def _(request: Any, reply: Any) -> None:
    typed = sent(request, "new_password")
    if "new_password" in reply.data and isinstance(typed, str) and typed:
        reply.data = {**reply.data, "new_password": [f"{typed!r} is too weak."]}


for _action, _path in (
    ("create", ""),
    ("set_password", "set_password"),
    ("set_username", "set_email"),
    ("reset_password_confirm", "reset_password_confirm"),
    ("activation", "activation"),
):

    @fault(
        f"one-missing-field-at-{(_path or 'registration').replace('_', '-')}",
        f"users/{_path} without any field names only one that is missing.",
        breaks=f"POST /users/{_path}: each missing field is named",
        steps=1 if _path in {"", "activation", "reset_password_confirm"} else 3,
    )
    @answers(400, _action)
    def _(request: Any, reply: Any) -> None:
        if hasattr(reply.data, "items"):
            reply.data = dict(list(reply.data.items())[:1])


@fault(
    "answers-in-latin-1",
    "Answers are encoded in latin-1 where a name can be.",
    breaks="GET /users/me/: JSON is UTF-8",
    steps=5,
)
@around("rest_framework.renderers.JSONRenderer.render")
def _(original: Any, self: Any, *args: Any, **kw: Any) -> Any:
    raw = original(self, *args, **kw)
    try:
        return raw.decode().encode("latin-1")
    except UnicodeError:
        return raw


def _refusal(request: Any) -> Any:
    """The answer to a form where forms are not taken; to other bodies None."""
    if "form" in (request.content_type or ""):
        return answer(415, {"detail": "Unsupported media type in request."})
    return None


@fault(
    "forms-refused-at-set-password",
    "set_password takes no forms, and the others do.",
    breaks="POST /users/set_password/: a form counts as JSON does",
    steps=3,
)
@before("set_password")
def _(request: Any) -> Any:
    return _refusal(request)


@fault(
    "forms-refused-at-registration",
    "Registration takes no forms, and the others do.",
    breaks="POST /users/: a form counts as JSON does",
)
@before("create")
def _(request: Any) -> Any:
    return _refusal(request)


@fault(
    "wrong-current-password-403",
    "A password change with a wrong current password is answered with 403.",
    breaks="POST /users/set_password/: 400 that names current_password",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(400, "set_password")
def _(request: Any, reply: Any) -> None:
    if "current_password" in reply.data:
        reply.status_code = 403


@fault(
    "wrong-activation-token-404",
    "An activation with a wrong token is answered with 404.",
    breaks="POST /users/activation/: 400 that names token",
    steps=2,
)
@answers(400, "activation")
def _(request: Any, reply: Any) -> None:
    if "token" in reply.data:
        reply.status_code = 404


@fault(
    "used-reset-token-410",
    "A reset with a token that does not work is answered with 410.",
    breaks="POST /users/reset_password_confirm/: 400 that names token",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(400, "reset_password_confirm")
def _(request: Any, reply: Any) -> None:
    if "token" in reply.data:
        reply.status_code = 410


@fault(
    "weak-password-under-another-key",
    "The complaints about a weak new password stand under `password`.",
    breaks="POST /users/set_password/: 400 that names new_password",
    profiles=EVERYWHERE,
    steps=3,
)
@answers(400, "set_password")
def _(request: Any, reply: Any) -> None:
    data = dict(reply.data)
    if "new_password" in data:
        data["password"] = data.pop("new_password")
    reply.data = data


@fault(
    "taken-address-under-non-field-errors",
    "The complaint about a taken address names no field.",
    breaks="POST /users/: 400 that names the login field",
    profiles=BY_EMAIL,
    steps=2,
)
@answers(400, "create")
def _(request: Any, reply: Any) -> None:
    if "email" in reply.data:
        reply.data = {"non_field_errors": reply.data["email"]}
