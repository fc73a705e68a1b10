"""Storing passwords: a salted SHA-256, since a mock must be fast and keeps nothing worth stealing."""

import hashlib
import hmac

from authspec_mock.core.accounts import User
from authspec_mock.core.part import Part

UNUSABLE = "!"


class Passwords(Part):
    """Sets and compares passwords."""

    def set(self, user: User, raw: str) -> None:
        """Store it under a fresh salt, so that even the same password kills the mail tokens."""
        salt = f"{self.world.random.getrandbits(64):016x}"
        user.password = f"sha256${salt}${_digest(salt, raw)}"

    def set_unusable(self, user: User) -> None:
        user.password = UNUSABLE + f"{self.world.random.getrandbits(64):016x}"

    def matches(self, user: User, raw: str) -> bool:
        """Whether this is the user's password."""
        kind, _, rest = user.password.partition("$")
        salt, _, digest = rest.partition("$")
        return kind == "sha256" and hmac.compare_digest(digest, _digest(salt, raw))

    def is_usable(self, user: User) -> bool:
        return not user.password.startswith(UNUSABLE)


def _digest(salt: str, raw: str) -> str:
    return hashlib.sha256((salt + raw).encode("utf-8", "surrogatepass")).hexdigest()
