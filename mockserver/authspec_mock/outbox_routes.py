"""`/_mock/outbox`: the mails of a world."""

from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from authspec_contract.errors import UsageError, nearest
from authspec_mock.answers import (
    NO_SCRIPTS,
    Answer,
    detail,
    number,
    parameters,
    route,
    waiting_time,
    world_of,
)
from authspec_mock.mail_file import mail_file
from authspec_mock.outbox import Filter, Message

_FILTERS = ("to", "kind", "after", "wait")
_FORMS = ("json", "html", "txt", "eml")


def routes() -> list[Route]:
    return [
        route("/_mock/outbox", get=_list, delete=_clear),
        route("/_mock/outbox/{name}", get=_one, delete=_remove),
    ]


async def _list(request: Request) -> Response:
    """The mails that match; with `wait`, as soon as one does."""
    asked = parameters(request, *_FILTERS)
    found, wanted, timed_out = await _sought(request, asked)
    answer: dict[str, object] = {"messages": [message.as_json() for message in found]}
    if timed_out is not None:
        answer["timed_out"] = timed_out
    if timed_out:
        arrived = world_of(request).outbox.messages(Filter(after=wanted.after))
        answer["arrived"] = [message.summary() for message in arrived]
    return Answer(answer)


async def _sought(
    request: Request, asked: dict[str, str]
) -> tuple[tuple[Message, ...], Filter, bool | None]:
    """The matching mails, what was asked for, and whether the time was up (None: not waited)."""
    outbox = world_of(request).outbox
    wanted = Filter(asked.get("to"), asked.get("kind"), number(asked.get("after"), "after"))
    seconds = waiting_time(asked.get("wait"))
    if seconds is None:
        return outbox.messages(wanted), wanted, None
    found = await outbox.wait(wanted, seconds)
    return found, wanted, not found


async def _clear(request: Request) -> Response:
    parameters(request)
    return Answer({"cleared": {"mails": world_of(request).outbox.clear()}})


async def _one(request: Request) -> Response:
    """`latest` or an id, as JSON, or bare with `.html`, `.txt` or `.eml` behind it."""
    name, _, form = request.path_params["name"].partition(".")
    if form and form not in _FORMS:
        raise UsageError(f"A mail has no form {form!r}; {nearest(form, _FORMS)}")
    if name == "latest":
        found, _, _ = await _sought(request, parameters(request, *_FILTERS))
        message = found[-1] if found else None
    else:
        parameters(request)
        message = world_of(request).outbox.message(number(name, "The id of a mail"))
    if message is None:
        return _missing(request, name)
    return _as(form or "json", message)


def _missing(request: Request, name: str) -> Response:
    held = world_of(request).outbox.messages()
    what = "No mail matches" if name == "latest" else f"There is no mail {name}"
    there = f"the outbox holds {len(held)}" + (f", the newest is {held[-1].id}" if held else "")
    return detail(404, f"{what}; {there}.")


def _as(form: str, message: Message) -> Response:
    mail = message.mail
    if form == "html":
        html = mail.html or f"<pre>{escape(mail.text)}</pre>"
        return Response(html.encode("utf-8", "replace"), media_type="text/html", headers=NO_SCRIPTS)
    if form == "txt":
        return Response(mail.text.encode("utf-8", "replace"), media_type="text/plain")
    if form == "eml":
        name = f'attachment; filename="{message.id}.eml"'
        return Response(
            mail_file(mail, message.id),
            media_type="message/rfc822",
            headers={"Content-Disposition": name},
        )
    return Answer(message.as_json())


async def _remove(request: Request) -> Response:
    id_ = number(request.path_params["name"], "The id of a mail")
    if not world_of(request).outbox.remove([id_]):
        return _missing(request, str(id_))
    return Answer({"cleared": {"mails": 1}})
