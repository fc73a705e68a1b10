"""What Django takes for an e-mail address (django/core/validators.py EmailValidator, 5.2)."""

import re
from functools import cache

MESSAGE = "Enter a valid email address."
_LETTERS = "\u00a1-\uffff"
_LONGEST = 320


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Compiled at first need: the start of the mock does not pay for them."""
    host = f"[a-z{_LETTERS}0-9](?:[a-z{_LETTERS}0-9-]{{0,61}}[a-z{_LETTERS}0-9])?"
    domain = rf"(?:\.(?!-)[a-z{_LETTERS}0-9-]{{1,63}}(?<!-))*"
    top = rf"\.(?!-)(?:[a-z{_LETTERS}-]{{2,63}}|xn--[a-z0-9]{{1,59}})(?<!-)"
    user = re.compile(
        r"(^[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*\Z"
        r'|^"([\001-\010\013\014\016-\037!#-\[\]-\177]|\\[\001-\011\013\014\016-\177])*"\Z)',
        re.IGNORECASE,
    )
    literal = re.compile(r"\[([A-F0-9:.]+)\]\Z", re.IGNORECASE)
    return user, re.compile(rf"^{host}{domain}{top}\Z", re.IGNORECASE), literal


def is_email(value: str) -> bool:
    if "@" not in value or len(value) > _LONGEST:
        return False
    local, domain = value.rsplit("@", 1)
    user_pattern, domain_pattern, literal_pattern = _patterns()
    if not user_pattern.match(local):
        return False
    if domain == "localhost" or domain_pattern.match(domain):
        return True
    literal = literal_pattern.match(domain)
    return literal is not None and _is_address(literal[1])


def _is_address(text: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
