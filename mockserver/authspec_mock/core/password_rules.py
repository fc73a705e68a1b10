"""Django's four password validators, with their wording (django/contrib/auth/password_validation.py 5.2)."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from authspec_contract.profile import Profile, Validator
from authspec_mock.core.part import Part

Attributes = Callable[[str], Any]
"""The value of a user's attribute by name; None where there is none."""

_COMPARED = ("username", "first_name", "last_name", "email")
_GZIP = 31  # zlib's window size for data with gzip's header
_WORDS = re.compile(r"\W+")
_DEFAULTS: dict[str, float] = {"MinimumLength": 8, "UserAttributeSimilarity": 0.7}


class PasswordRules(Part):
    """Judges new passwords by the profile's validators."""

    def complaints(self, password: str, attributes: Attributes | None) -> list[str]:
        """What is wrong with a new password, in the validators' order; empty when nothing is."""
        found = []
        for validator in self.validators():
            complaint = _CHECKS[validator.name](password, self._number(validator), attributes, self)
            if complaint is not None:
                found.append(complaint)
        return found

    def validators(self) -> tuple[Validator, ...]:
        return self.world.profile.password_validators

    def _number(self, validator: Validator) -> float:
        if validator.number is not None:
            return validator.number
        return _DEFAULTS.get(validator.name, 0)

    def verbose_name(self, attribute: str) -> str:
        return _verbose_name(self.world.profile, attribute)


def _too_similar(
    password: str, most: float, attributes: Attributes | None, rules: PasswordRules
) -> str | None:
    if attributes is None:
        return None
    lowered = password.lower()
    for name in _COMPARED:
        value = attributes(name)
        if not value or not isinstance(value, str):
            continue
        whole = value.lower()
        for part in (*_WORDS.split(whole), whole):
            if _is_like(lowered, part, most):
                return f"The password is too similar to the {rules.verbose_name(name)}."
    return None


def _is_like(password: str, part: str, most: float) -> bool:
    """difflib's quick_ratio, after Django's bound on very different lengths."""
    long, short = len(password), len(part)
    if long >= 10 * short and short < most / 2 * long:
        return False
    length = long + short
    if not length:
        return most <= 1.0
    if 2.0 * (short if short < long else long) / length < most:
        return False
    shared = set(part).intersection(password)
    matches = sum(min(password.count(char), part.count(char)) for char in shared)
    return 2.0 * matches / length >= most


def _too_short(
    password: str, least: float, attributes: Attributes | None, rules: PasswordRules
) -> str | None:
    if len(password) >= least:
        return None
    characters = "character" if least == 1 else "characters"
    return f"This password is too short. It must contain at least {least:.0f} {characters}."


def _too_common(
    password: str, number: float, attributes: Attributes | None, rules: PasswordRules
) -> str | None:
    if password.lower().strip() in common_passwords():
        return "This password is too common."
    return None


def _all_digits(
    password: str, number: float, attributes: Attributes | None, rules: PasswordRules
) -> str | None:
    return "This password is entirely numeric." if password.isdigit() else None


_CHECKS = {
    "UserAttributeSimilarity": _too_similar,
    "MinimumLength": _too_short,
    "CommonPassword": _too_common,
    "NumericPassword": _all_digits,
}


@cache
def common_passwords() -> frozenset[str]:
    """Django's own list of 20,000, read at first need (its source: see data/README.md)."""
    import zlib
    from importlib.resources import files

    packed = (files("authspec_mock.core") / "data" / "common-passwords.txt.gz").read_bytes()
    text = zlib.decompress(packed, _GZIP).decode()
    return frozenset(line.strip() for line in text.rstrip("\n").split("\n"))


def _verbose_name(profile: Profile, attribute: str) -> str:
    try:
        return profile.user.field(attribute).verbose_name
    except KeyError:
        return attribute.replace("_", " ")
