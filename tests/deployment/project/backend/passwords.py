"""Password rules of a house, beside Django's own."""

import re
from typing import Any

from django.core.exceptions import ValidationError

_RULES = (
    (r"[a-z]", "a small letter"),
    (r"[A-Z]", "a capital letter"),
    (r"[0-9]", "a digit"),
    (r"[!@#$%^&*]", "one of !@#$%^&*"),
)


class Characters:
    """As packages of password rules ask for: a bit of everything, and nothing three times in a row."""

    def validate(self, password: str, user: Any = None) -> None:
        lacking = [what for pattern, what in _RULES if not re.search(pattern, password)]
        if lacking:
            raise ValidationError(f"The password must contain {', '.join(lacking)}.")
        if re.search(r"(.)\1\1", password):
            raise ValidationError("The password repeats a character three times.")

    def get_help_text(self) -> str:
        return "A bit of everything."


class Longest:
    """At most 64 characters, as NIST SP 800-63B allows."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > 64:
            raise ValidationError("This password is too long.", code="password_too_long")

    def get_help_text(self) -> str:
        return "At most 64 characters."
