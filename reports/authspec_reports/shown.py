"""Makes text from a target fit to be shown: nothing invisible, nothing that XML forbids, not too long."""

import json
import re

LIMIT = 6_000
"""Characters of one body that a report shows; the results file holds the rest."""

_UNSHOWABLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but tab and newline
    "\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible, or they turn the text round
    "\ud800-\udfff\ufffe\uffff"  # no characters: lone surrogates and noncharacters
    "]"
)


def shown(text: object) -> str:
    """The text with everything that a reader cannot see, or XML cannot hold, as an escape."""
    return _UNSHOWABLE.sub(_escape, str(text).replace("\r\n", "\n"))


def shown_line(text: object) -> str:
    """The same on one line."""
    return " ".join(shown(text).split())


def shortened(text: str, limit: int = LIMIT) -> str:
    """At most `limit` characters of a text, and how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… and {len(text) - limit:,} more characters in the results file"


def shown_body(text: str) -> str:
    """A body: JSON indented where that changes nothing but white space; bounded."""
    return shortened(shown(_indented(text)))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _indented(text: str) -> str:
    if len(text) > LIMIT:
        return text
    try:
        value = json.loads(text)
        if not isinstance(value, dict | list) or not value:
            return text
        # written again it must be the same text: a repeated key or 1.0e3 would be lost otherwise
        same = any(
            json.dumps(value, ensure_ascii=ascii_, separators=separators) == text.strip()
            for ascii_ in (False, True)
            for separators in ((",", ":"), (", ", ": "))
        )
        return json.dumps(value, ensure_ascii=False, indent=2) if same else text
    except (ValueError, RecursionError):
        return text
