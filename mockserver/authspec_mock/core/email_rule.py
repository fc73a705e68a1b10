"""What Django takes for an e-mail address (django/core/validators.py EmailValidator, 5.2)."""

import re
from functools import cache

MESSAGE = "Enter a valid email address."
_LETTERS = "\u00a1-\uffff"
_LONGEST = 320
_LITERAL = re.compile(r"\[([A-F0-9:.]+)\]\Z", re.IGNORECASE)


@cache
def _local_pattern() -> re.Pattern[str]:
    return re.compile(
        r"(^[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*\Z"
        r'|^"([\001-\010\013\014\016-\037!#-\[\]-\177]|\\[\001-\011\013\014\016-\177])*"\Z)',
        re.IGNORECASE,
    )


@cache
def _domain_pattern(letters: str) -> re.Pattern[str]:
    """Compiled at first need; with letters beyond ASCII that takes a while, and few ask for it."""
    host = f"[a-z{letters}0-9](?:[a-z{letters}0-9-]{{0,61}}[a-z{letters}0-9])?"
    domain = rf"(?:\.(?!-)[a-z{letters}0-9-]{{1,63}}(?<!-))*"
    top = rf"\.(?!-)(?:[a-z{letters}-]{{2,63}}|xn--[a-z0-9]{{1,59}})(?<!-)"
    return re.compile(rf"^{host}{domain}{top}\Z", re.IGNORECASE)


def is_email(value: str) -> bool:
    if "@" not in value or len(value) > _LONGEST:
        return False
    local, domain = value.rsplit("@", 1)
    if not _local_pattern().match(local):
        return False
    letters = "" if domain.isascii() else _LETTERS
    if domain == "localhost" or _domain_pattern(letters).match(domain):
        return True
    literal = _LITERAL.match(domain)
    return literal is not None and _is_address(literal[1])


def _is_address(text: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
