"""Media types as DRF compares them (rest_framework/utils/mediatypes.py 3.18)."""

from functools import lru_cache
from typing import NamedTuple


class MediaType(NamedTuple):
    """A parsed media type; one that could not be read matches nothing."""

    whole: str
    main: str
    sub: str
    params: tuple[tuple[str, str], ...] = ()

    @property
    def precedence(self) -> int:
        """How specific it is: 0 for `*/*`, 3 with parameters."""
        if self.main == "*":
            return 0
        if self.sub == "*":
            return 1
        return 3 if any(name != "q" for name, _ in self.params) else 2

    def matches(self, other: "MediaType") -> bool:
        """Whether `other` asks for this one; this one's parameters count, the other's do not."""
        theirs = dict(other.params)
        if any(name != "q" and theirs.get(name) != value for name, value in self.params):
            return False
        return _agree(self.sub, other.sub) and _agree(self.main, other.main)


def _agree(one: str, other: str) -> bool:
    return one == other or one == "*" or other == "*"


@lru_cache(maxsize=256)
def read_media_type(text: str) -> MediaType:
    try:
        full, params = header_parameters(text)
    except ValueError:
        full, params = "", {}
    main, _, sub = full.partition("/")
    return MediaType(text, main, sub, tuple(params.items()))


def header_parameters(line: str) -> tuple[str, dict[str, str]]:
    """A header's value and its parameters. Raises ValueError for an unknown charset of RFC 2231.

    django/utils/http.py parse_header_parameters; `email` is slow to import, so plain parameters,
    which nearly all are, do without it.
    """
    if not line:
        return "", {}
    if ";" not in line:
        return line.strip().lower(), {}
    if not any(char in line for char in "\"'*\\()%\r\n"):
        return _plain_parameters(line)
    return _mail_parameters(line)


def _plain_parameters(line: str) -> tuple[str, dict[str, str]]:
    first, *rest = line.split(";")
    params = {}
    for part in rest:
        name, equals, value = part.partition("=")
        if name.strip():
            params[name.strip().lower() if equals else name.strip()] = value.strip()
    # email.message splits the first part at its equals sign as well
    return first.partition("=")[0].strip().lower(), params


def _mail_parameters(line: str) -> tuple[str, dict[str, str]]:
    import codecs
    from email.message import Message
    from email.utils import collapse_rfc2231_value

    message = Message()
    message["content-type"] = line
    (first, _), *rest = message.get_params() or [("", "")]
    params = {}
    for name, value in rest:
        if not name:
            continue
        if isinstance(value, tuple):
            if value[0]:
                try:
                    codecs.lookup(value[0])
                except LookupError as error:
                    raise ValueError(str(error)) from error
            value = collapse_rfc2231_value(value)
        params[name] = value
    return first.lower(), params
