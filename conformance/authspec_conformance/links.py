"""The link in a mail: its uid and token, read by the template that the profile names."""

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from authspec_conformance.mailbox.message import MailMessage

_WORD = r"[0-9A-Za-z_\-]+"
_PLACES = {"uid": rf"(?P<uid>{_WORD})", "token": rf"(?P<token>{_WORD}(?:[.:]{_WORD})*)"}

_OTHER = r"[^\s<>\"']+?"
"""djoser/email.py 2.3 formats the template with the whole context of the mail: `{domain}`, `{protocol}`…"""


@dataclass(frozen=True)
class Link:
    """A link with the two secrets of a mail."""

    url: str
    origin: str
    """Protocol and domain: all that stands before the template."""
    uid: str
    token: str


def links(message: MailMessage, template: str) -> list[Link]:
    """The links in a mail that have the template's shape: from its text, else from its HTML."""
    pattern = _pattern(template)
    bodies = (message.text, html.unescape(message.html))
    for body in bodies:
        found = [
            Link(match[0], match["origin"], unquote(match["uid"]), unquote(match["token"]))
            for match in pattern.finditer(body)
        ]
        if found:
            return found
    return []


@lru_cache(maxsize=8)
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[a-z_]+\})", template)
    seen: set[str] = set()
    body = ""
    for part in parts:
        name = part.strip("{}")
        if part in {"{uid}", "{token}"}:
            body += f"(?P={name})" if name in seen else _PLACES[name]
            seen.add(name)
        elif re.fullmatch(r"\{[a-z_]+\}", part):
            body += _OTHER
        else:
            body += re.escape(part)
    # a domain may have a path behind it (`example.com/app`); the shortest origin that fits is meant
    return re.compile(
        rf"(?P<origin>[a-zA-Z][a-zA-Z0-9+.\-]*://[^\s<>\"'/]*/?(?:[^\s<>\"']*?/)??){body}"
    )
