"""The uid and the token of a mail link, made and checked as Django and Djoser do.

django/contrib/auth/tokens.py PasswordResetTokenGenerator: one token for every purpose, which dies
when password, last login or e-mail change, or with time; djoser/utils.py: the uid.
"""

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING

from authspec_mock.core.accounts import User, UserId
from authspec_mock.core.part import Part

if TYPE_CHECKING:
    from authspec_mock.core.world import World

_EPOCH = 978307200  # 2001-01-01, whence the tokens count their seconds
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_KEY_SALT = b"django.contrib.auth.tokens.PasswordResetTokenGenerator"
_LONGEST = 13  # django/utils/http.py base36_to_int: "more than 13 base36 digits" is too large


class Tickets(Part):
    """Makes and checks the tokens of mail links."""

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        # django/utils/crypto.py salted_hmac
        self._key = hashlib.sha256(_KEY_SALT + world.secret.encode()).digest()

    def make(self, user: User, now: float, purpose: str) -> str:
        """A token for a mail. Django's has no purpose: every one fits every confirmation."""
        return self.at(user, int(now) - _EPOCH)

    def fits(self, user: User, token: object, now: float, purpose: str) -> bool:
        """Whether the token is one of this user in this state, and young enough."""
        if not isinstance(token, str) or token.count("-") != 1:
            return False
        digits = token.split("-")[0]
        if len(digits) > _LONGEST:
            return False
        try:
            stamp = int(digits, 36)
        except ValueError:
            return False
        if stamp < 0 or not _same(self.at(user, stamp), token):
            return False
        return int(now) - _EPOCH - stamp <= self.world.profile.django.PASSWORD_RESET_TIMEOUT

    def at(self, user: User, stamp: int) -> str:
        """The token of a user at a time: base36 of the time, half of an HMAC of the user's state."""
        signed = f"{self.state(user)}{stamp}{self.address(user)}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._key, signed, "sha256").hex()[::2]
        return f"{base36(stamp)}-{digest}"

    def state(self, user: User) -> str:
        """What a token is bound to: changing any of it kills the token."""
        login = "" if user.last_login is None else int(user.last_login)
        return f"{user.id}{user.password}{login}"

    def address(self, user: User) -> str:
        """The other thing that a token is bound to."""
        return user.values.get(self.world.accounts.email_field) or ""


def _same(expected: str, found: str) -> bool:
    return hmac.compare_digest(expected.encode(), found.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=64)
def base36(number: int) -> str:
    """As Django writes a time into a token; within a second it is the same for all."""
    if number == 0:
        return "0"
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits


def encode_uid(user_id: UserId) -> str:
    """djoser/utils.py encode_uid: URL-safe base64 of the primary key, without padding."""
    return base64.urlsafe_b64encode(str(user_id).encode()).rstrip(b"=").decode()


def decode_uid(uid: str) -> str:
    """The primary key in a uid, as text. Raises ValueError for what is not base64 of UTF-8."""
    raw = uid.encode()
    try:
        # django/utils/http.py urlsafe_base64_decode pads by len % 4, which is what makes a uid
        # of length 1 mod 4 undecodable
        return base64.urlsafe_b64decode(raw.ljust(len(raw) + len(raw) % 4, b"=")).decode()
    except binascii.Error as error:
        raise ValueError(str(error)) from error
