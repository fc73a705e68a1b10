"""The part of Mailpit's REST API that its clients call, so that they work against a mock as well."""

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from authspec_contract import __version__
from authspec_mock.answers import NO_SCRIPTS, Answer, Endpoint, route, whole_body, world_of
from authspec_mock.core.wire import Mail
from authspec_mock.mail_file import mail_file
from authspec_mock.mailpit import Mailbox, headers
from authspec_mock.outbox import Message

_LIMIT = 50
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")


class Refused(Exception):
    """What Mailpit answers with 400 and a line of text."""


def routes() -> list[Route]:
    one = "/api/v1/message/{id}"
    return [
        route("/api/v1/info", get=_info),
        route("/api/v1/webui", get=_configuration),
        route("/api/v1/messages", get=_list, put=_texts(_mark), delete=_texts(_delete)),
        route("/api/v1/search", get=_texts(_search), delete=_texts(_delete_search)),
        route("/api/v1/send", post=_send),
        route("/api/v1/tags", get=_tags, put=_texts(_set_tags)),
        route("/api/v1/tags/{tag:path}", put=_texts(_rename_tag), delete=_texts(_delete_tag)),
        route(one, get=_message),
        route(one + "/headers", get=_headers),
        route(one + "/raw", get=_raw),
        route(one + "/part/{part}", get=_part),
        route(one + "/part/{part}/thumb", get=_part),
        route(one + "/release", post=_not_here),
        route(one + "/html-check", get=_not_here),
        route(one + "/link-check", get=_not_here),
        route(one + "/sa-check", get=_not_here),
        route("/api/v1/chaos", get=_not_here, put=_not_here),
        route("/view/{name}", get=_view),
    ]


def _mailbox(request: Request) -> Mailbox:
    world = world_of(request)
    if world.mailbox is None:
        world.mailbox = Mailbox(world.outbox)
    return world.mailbox


def _texts(endpoint: Endpoint) -> Endpoint:
    """The endpoint with Mailpit's way to refuse: 400 and text."""

    async def answering(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            return Response(str(refused), 400, media_type="text/plain")

    return answering


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of the body, its keys in lower case. Raises Refused.

    As Go decodes it: keys whatever their case, and a form is no JSON.
    """
    try:
        value = json.loads(await whole_body(request))
    except (ValueError, RecursionError) as error:
        raise Refused(f"The body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Refused("The body is not a JSON object")
    return {key.lower(): item for key, item in value.items()}


def _ids(body: dict[str, Any]) -> list[str]:
    ids = body.get("ids") or []
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        raise Refused("IDs is not a list of strings")
    return ids


def _word(body: dict[str, Any], key: str) -> str:
    value = body.get(key) or ""
    if not isinstance(value, str):
        raise Refused(f"{key} is not a string")
    return value


def _ok() -> Response:
    return Response("ok", media_type="text/plain")


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else otherwise


# --- many mails -------------------------------------------------------------------------------


async def _list(request: Request) -> Response:
    mailbox = _mailbox(request)
    return Answer(_page(request, mailbox, mailbox.newest_first()))


def _page(request: Request, mailbox: Mailbox, found: list[Message]) -> dict[str, Any]:
    return mailbox.page(found, _number(request, "start", 0), _number(request, "limit", _LIMIT))


async def _mark(request: Request) -> Response:
    """Read or unread: the ids, what a search finds, or all."""
    body = await _body(request)
    mailbox, ids, query = _mailbox(request), _ids(body), _word(body, "search")
    if ids and query:
        raise Refused("You may specify either IDs or a search query, not both")
    chosen = mailbox.search(query) if query else mailbox.chosen(ids) or []
    if not ids and not query:
        chosen = mailbox.newest_first()
    mailbox.mark(chosen, read=body.get("read") is True)
    return _ok()


async def _delete(request: Request) -> Response:
    """The ids; without any, and also where the body is no JSON, every mail."""
    mailbox = _mailbox(request)
    try:
        ids = _ids(await _body(request))
    except Refused:
        ids = []
    mailbox.remove(mailbox.chosen(ids) if ids else mailbox.newest_first())
    return _ok()


def _found(request: Request) -> list[Message]:
    query = request.query_params.get("query", "").strip()
    if not query:
        raise Refused("Error: no search query")
    return _mailbox(request).search(query)


async def _search(request: Request) -> Response:
    return Answer(_page(request, _mailbox(request), _found(request)))


async def _delete_search(request: Request) -> Response:
    _mailbox(request).remove(_found(request))
    return _ok()


# --- one mail ---------------------------------------------------------------------------------


def _one(request: Request) -> Message | None:
    return _mailbox(request).message(request.path_params["id"])


def _missing() -> Response:
    return Response("404 page not found", 404, media_type="text/plain")


async def _message(request: Request) -> Response:
    """The whole mail; reading marks it read."""
    message = _one(request)
    if message is None:
        return _missing()
    mailbox = _mailbox(request)
    mailbox.mark([message], read=True)
    return Answer(mailbox.whole(message))


async def _headers(request: Request) -> Response:
    message = _one(request)
    return _missing() if message is None else Answer(headers(message))


async def _raw(request: Request) -> Response:
    message = _one(request)
    if message is None:
        return _missing()
    extra = {}
    if request.query_params.get("dl") == "1":
        extra["Content-Disposition"] = f'attachment; filename="{message.id}.eml"'
    raw = mail_file(message.mail, message.id)
    return Response(raw, media_type="text/plain; charset=utf-8", headers=extra)


async def _part(request: Request) -> Response:
    """The parts in the file's order: the text, then the HTML. Djoser attaches nothing."""
    message = _one(request)
    if message is None:
        return _missing()
    part = request.path_params["part"]
    if part == "1":
        return Response(message.mail.text.encode("utf-8", "replace"), media_type="text/plain")
    if part == "2" and message.mail.html:
        html = message.mail.html.encode("utf-8", "replace")
        return Response(html, media_type="application/octet-stream")
    return _missing()


async def _view(request: Request) -> Response:
    """`/view/{id}.html` and `.txt`: the mail as a page."""
    id_, _, form = request.path_params["name"].rpartition(".")
    message = _mailbox(request).message(id_)
    if message is None or form not in {"html", "txt"}:
        return _missing()
    if form == "txt":
        return Response(message.mail.text.encode("utf-8", "replace"), media_type="text/plain")
    if not message.mail.html:
        return Response("This message does not contain an HTML part", media_type="text/plain")
    html = message.mail.html.encode("utf-8", "replace")
    return Response(html, media_type="text/html", headers=NO_SCRIPTS)


# --- sending, tags, the rest ------------------------------------------------------------------


async def _send(request: Request) -> Response:
    """Puts a mail into the outbox, as if the API had sent it."""
    try:
        mail = _mail(await _body(request), world_of(request).clock())
    except Refused as refused:
        return Answer({"Error": str(refused)}, 400)
    (message,) = world_of(request).deliver([mail])
    return Answer({"ID": str(message.id)})


def _mail(body: dict[str, Any], now: float) -> Mail:
    sender = body.get("from")
    if not isinstance(sender, dict):
        raise Refused("From is missing")
    recipients = body.get("to") or []
    if not isinstance(recipients, list) or not recipients:
        raise Refused("To is missing")
    return Mail(
        kind="confirmation",
        to=tuple(_email(to, "To") for to in recipients),
        from_=_email(sender, "From"),
        subject=_word(body, "subject"),
        text=_word(body, "text"),
        html=_word(body, "html"),
        sent_at=now,
    )


def _email(value: Any, name: str) -> str:
    found = value.get("Email", value.get("email")) if isinstance(value, dict) else None
    if not isinstance(found, str) or not _ADDRESS.fullmatch(found):
        raise Refused(f"invalid {name} address: {found}")
    return found


async def _tags(request: Request) -> Response:
    return Answer(_mailbox(request).all_tags())


async def _set_tags(request: Request) -> Response:
    body = await _body(request)
    tags = body.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Refused("Tags is not a list of strings")
    mailbox = _mailbox(request)
    mailbox.set_tags(mailbox.chosen(_ids(body)), tags)
    return _ok()


async def _rename_tag(request: Request) -> Response:
    name = _word(await _body(request), "name").strip()
    if not name:
        raise Refused("The new name of the tag is missing")
    _mailbox(request).rename_tag(request.path_params["tag"], name)
    return _ok()


async def _delete_tag(request: Request) -> Response:
    _mailbox(request).rename_tag(request.path_params["tag"], None)
    return _ok()


async def _info(request: Request) -> Response:
    mailbox = _mailbox(request)
    everything = mailbox.newest_first()
    page = mailbox.page(everything, 0, 0)
    held = mailbox.all_tags()
    return Answer(
        {
            "Version": f"authspec {__version__}",
            "LatestVersion": f"authspec {__version__}",
            "Database": "memory",
            "DatabaseSize": 0,
            "Messages": page["total"],
            "Unread": page["unread"],
            "Tags": {tag: sum(tag in mailbox.tags_of(m) for m in everything) for tag in held},
            "RuntimeStats": {
                "Uptime": 0,
                "Memory": 0,
                "MessagesDeleted": 0,
                "SMTPAccepted": world_of(request).outbox.last_id,
                "SMTPAcceptedSize": 0,
                "SMTPRejected": 0,
                "SMTPIgnored": 0,
            },
        }
    )


async def _configuration(request: Request) -> Response:
    relay = {"Enabled": False, "SMTPServer": "", "ReturnPath": "", "AllowedRecipients": ""}
    return Answer(
        {
            "Label": "authspec mock",
            "MessageRelay": relay,
            "SpamAssassin": False,
            "ChaosEnabled": False,
            "DuplicatesIgnored": False,
        }
    )


async def _not_here(request: Request) -> Response:
    sentence = f"The mock does not do {request.url.path}: of Mailpit's API it has mails and tags."
    return Response(sentence, 501, media_type="text/plain")
