"""Requests and replies as the suite sees them, and their redacted form for the results file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from authspec_conformance.redaction import SECRET_KEYS, VARIABLE, Redactor
from authspec_contract.results import Exchange, Message

SHOWN_BODY = 4000
"""Characters of a body that the results file keeps."""

MISSING: Any = type(
    "Missing", (), {"__repr__": lambda _: "<no JSON>", "__bool__": lambda _: False}
)()
"""What `Reply.json` is where the body is not JSON."""


@dataclass(frozen=True)
class Call:
    """One request to send."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """One answer of the target."""

    exchange: int
    """Its id in the results file."""
    call: Call
    status: int
    headers: Mapping[str, str]
    """Case-insensitive."""
    body: bytes
    seconds: float
    cookies: Mapping[str, str] = field(default_factory=dict)
    closed_by: str | None = None
    """The permission of the profile that has this call refused to whoever the run can be."""

    @property
    def json(self) -> Any:
        """The decoded body; MISSING where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return MISSING

    @property
    def sent(self) -> dict[str, Any]:
        """The fields that the call sent, as JSON or as a form; empty where it sent something else."""
        return _fields(self.call)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def path(self) -> str:
        return "/" + self.call.url.split("://", 1)[-1].partition("/")[2]

    def __str__(self) -> str:
        return f"{self.call.method} {self.path} → {self.status}"


def _fields(call: Call) -> dict[str, Any]:
    kind = next((v for k, v in call.headers.items() if k.lower() == "content-type"), "")
    if kind.startswith("multipart/"):
        message = message_from_bytes(f"Content-Type: {kind}\n\n".encode() + call.body, policy=HTTP)
        parts = message.iter_parts() if message.is_multipart() else ()
        return {
            str(part.get_param("name", header="content-disposition")): part.get_content()
            for part in parts
            if part.get_content_maintype() == "text"
        }
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        value = json.loads(call.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def recorded(
    id_: int, call: Call, reply: Reply | None, seconds: float, redactor: Redactor, error: str | None
) -> Exchange:
    """The exchange as the results file keeps it: redacted and bounded."""
    request = Message(redactor.headers(call.headers.items()), _body(call.body, redactor))
    response = None
    if reply is not None:
        response = Message(redactor.headers(reply.headers.items()), _body(reply.body, redactor))
    return Exchange(
        id=id_,
        method=call.method,
        url=redactor.text(call.url),
        request=request,
        status=reply.status if reply else None,
        response=response,
        seconds=round(seconds, 4),
        curl=curl(call, redactor),
        error=redactor.text(error) if error else None,
    )


def curl(call: Call, redactor: Redactor) -> str:
    """A shell line that sends the request again; secrets are shell variables in it."""
    parts = ["curl", "-i", "-X", call.method]
    if call.method == "HEAD":
        parts = ["curl", "-I"]
    shown = redactor.headers(call.headers.items())
    for name, value in shown.items():
        if name.lower() not in {"user-agent", "accept-encoding", "connection", "content-length"}:
            # curl sends a header without a value only if it ends in a semicolon
            parts += ["-H", _quoted(f"{name}: {value}" if value else f"{name};")]
    if call.body:
        if "content-type" not in {name.lower() for name in shown}:
            parts += ["-H", "'Content-Type:'"]  # else curl names a form
        parts += ["--data-binary", _quoted(_body(call.body, redactor))]
    return " ".join([*parts, _quoted(redactor.text(call.url)), *_remark(call.body)])


def _remark(body: bytes) -> list[str]:
    """A comment where the line does not hold the body as it was."""
    text = body.decode("utf-8", "replace")
    if len(text) > SHOWN_BODY:
        return ["# its body is cut off"]
    return ["# its body has bytes that are no text"] if "\ufffd" in text or "\0" in text else []


def _quoted(text: str) -> str:
    """For a POSIX shell; in double quotes where a variable has to be expanded."""
    if not VARIABLE.search(text):
        return "'" + text.replace("'", "'\\''") + "'"
    quoted, end = "", 0
    for variable in VARIABLE.finditer(text):
        quoted += _escaped(text[end : variable.start()]) + variable[0]
        end = variable.end()
    return f'"{quoted}{_escaped(text[end:])}"'


def _escaped(text: str) -> str:
    return re.sub(r'[\\"`$]', r"\\\g<0>", text)


def _body(body: bytes, redactor: Redactor) -> str:
    text = body.decode("utf-8", "backslashreplace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        text = _FORM.sub(_form_secret, redactor.text(text))
    else:
        masked = _masked(value, redactor)
        if masked != value:  # else it stays as it was sent, to the letter
            text = json.dumps(masked, ensure_ascii=False)
    text = redactor.text(text)
    if len(text) > SHOWN_BODY:
        return f"{text[:SHOWN_BODY]}… ({len(body)} bytes in all)"
    return text


_KEYS = "|".join(SECRET_KEYS)
_FORM = re.compile(
    rf"((?:^|&)({_KEYS})=)([^&]+)"  # urlencoded
    rf"|(\bname=\"?({_KEYS})\"?\r?\n\r?\n)([^\r\n]+)"  # multipart
    rf"|(\bname=\"({_KEYS})\" value=\")([^\"]+)"  # a page with a form in it
)


def _form_secret(match: re.Match[str]) -> str:
    before, key, value = (group for group in match.groups() if group is not None)
    return match[0] if VARIABLE.search(value) else f"{before}${SECRET_KEYS[key]}"


def _masked(value: Any, redactor: Redactor) -> Any:
    """The value with whatever stands under a secret's key masked, known or not."""
    if isinstance(value, dict):
        return {
            redactor.text(key): _masked_item(key, item, redactor) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, redactor) for item in value]
    return redactor.text(value) if isinstance(value, str) else value


def _masked_item(key: str, item: Any, redactor: Redactor) -> Any:
    if key in SECRET_KEYS and isinstance(item, str) and item:
        known = redactor.text(item)
        return known if known != item else f"${SECRET_KEYS[key]}"
    return _masked(item, redactor)
