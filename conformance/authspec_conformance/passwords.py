"""Passwords that one of Django's validators refuses, and as far as possible no other."""

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
    profile: Profile, login: str, ledger: Ledger, *, every: bool = True
) -> Iterator[WeakPassword]:
    """One weak password for each validator of the profile; where `every`, two that are common."""
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
            yield WeakPassword("CommonPassword", common, "on the list of common ones")
    compared = profile.user.login_field in _COMPARED
    if "UserAttributeSimilarity" in validators and compared and len(login) >= minimum:
        yield WeakPassword("UserAttributeSimilarity", login, "the account's own login")


def _minimum(profile: Profile) -> int:
    for validator in profile.password_validators:
        if validator.name == "MinimumLength":
            return int(validator.number or 8)
    return 0
