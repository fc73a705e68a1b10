"""Passwords that one of Django's validators refuses, and as far as possible no other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from authspec_conformance.accounts import Ledger
from authspec_contract.profile import Profile

# Each stands on Django's list of common passwords (django/contrib/auth/common-passwords.txt.gz, 5.2).
_COMMON = ("password1", "qwertyuiop", "q1w2e3r4t5y6", "1q2w3e4r5t6y7u8i", "football1")

_COMPARED = ("username", "first_name", "last_name", "email")
"""UserAttributeSimilarityValidator.DEFAULT_USER_ATTRIBUTES: a login such as a telephone number is none of them."""


@dataclass(frozen=True)
class WeakPassword:
    """A password and the validator that refuses it."""

    validator: str
    password: str
    why: str


def weak_passwords(
    profile: Profile, login: str, ledger: Ledger, *, every: bool = True, email: str = ""
) -> Iterator[WeakPassword]:
    """One weak password for each validator of the profile; where `every`, two of some.

    With an `email` that is not the login, one that is like it as well.
    """
    validators = {validator.name: validator for validator in profile.password_validators}
    minimum = _minimum(profile)
    if "NumericPassword" in validators:
        digits = "".join(str(1 + ledger.number(9)) for _ in range(max(16, minimum)))
        yield WeakPassword("NumericPassword", digits, "made of digits alone")
    if "MinimumLength" in validators and minimum > 1:
        short = (
            ledger.password()[4 : 3 + minimum]
            if minimum <= 15
            else ledger.password()[: minimum - 1]
        )
        yield WeakPassword("MinimumLength", short, f"{len(short)} characters long")
    if "CommonPassword" in validators:
        for common in [word for word in _COMMON if len(word) >= minimum][: 2 if every else 1]:
            # CommonPasswordValidator ignores letter case
            word = common.capitalize() if every else common
            yield WeakPassword("CommonPassword", word, "on the list of common ones")
    if "UserAttributeSimilarity" in validators:
        least = validators["UserAttributeSimilarity"].number or 0.7
        for similar in _similar(profile, login, email, every=every and least <= 0.9):
            if len(similar.password) >= minimum:
                yield similar


def _similar(profile: Profile, login: str, email: str, *, every: bool) -> Iterator[WeakPassword]:
    """What UserAttributeSimilarityValidator refuses, which compares some attributes alone."""
    compared = profile.user.login_field in _COMPARED
    if compared:
        yield WeakPassword("UserAttributeSimilarity", login, "the account's own login")
    if email not in {"", login}:
        yield WeakPassword("UserAttributeSimilarity", email, "the account's own address")
    longest = max(re.split(r"\W+", login), key=len)
    if compared and every and len(longest) >= 6:
        # it compares with each word of the attribute as well
        yield WeakPassword(
            "UserAttributeSimilarity", f"{longest}q", "a part of the account's login"
        )


def shortest_password(profile: Profile, ledger: Ledger) -> str | None:
    """A password of the least length that MinimumLength takes; None where others may refuse it."""
    least = _minimum(profile)
    strict = any(
        validator.name == "UserAttributeSimilarity" and (validator.number or 0.7) < 0.5
        for validator in profile.password_validators
    )
    password = ledger.password()
    return None if strict or not 6 <= least <= len(password) else password[:least]


def _minimum(profile: Profile) -> int:
    for validator in profile.password_validators:
        if validator.name == "MinimumLength":
            return int(validator.number or 8)
    return 0
