"""Passwords that are not compared in all their characters."""

from typing import Any

from .registry import EVERYWHERE, fault
from .shapes import around


@fault(
    "passwords-truncated",
    "Passwords are cut after 20 characters, when they are set and when they are checked.",
    breaks="POST /jwt/create/: a password that only begins like the right one is refused",
    profiles=EVERYWHERE,
    steps=3,
)
@around(
    "django.contrib.auth.base_user.AbstractBaseUser.set_password",
    "django.contrib.auth.base_user.AbstractBaseUser.check_password",
)
def _(original: Any, user: Any, raw: Any) -> Any:
    return original(user, raw[:20] if isinstance(raw, str) else raw)


@fault(
    "passwords-case-insensitive",
    "Passwords are compared in lower case.",
    breaks="POST /jwt/create/: a password in another case is refused",
    profiles=EVERYWHERE,
    steps=3,
)
@around(
    "django.contrib.auth.base_user.AbstractBaseUser.set_password",
    "django.contrib.auth.base_user.AbstractBaseUser.check_password",
)
def _(original: Any, user: Any, raw: Any) -> Any:
    return original(user, raw.lower() if isinstance(raw, str) else raw)


@fault(
    "passwords-ascii-only",
    "Characters outside of ASCII are dropped from passwords.",
    breaks="POST /jwt/create/: a password without its accented letters is refused",
    profiles=EVERYWHERE,
    steps=3,
)
@around(
    "django.contrib.auth.base_user.AbstractBaseUser.set_password",
    "django.contrib.auth.base_user.AbstractBaseUser.check_password",
)
def _(original: Any, user: Any, raw: Any) -> Any:
    return original(user, raw.encode("ascii", "ignore").decode() if isinstance(raw, str) else raw)


@fault(
    "passwords-end-after-72-bytes",
    "What stands behind the 72nd byte of a password does not count, as in bcrypt.",
    breaks="POST /jwt/create/: a password that only begins like the right one is refused",
    profiles=EVERYWHERE,
    steps=3,
)
@around(
    "django.contrib.auth.base_user.AbstractBaseUser.set_password",
    "django.contrib.auth.base_user.AbstractBaseUser.check_password",
)
def _(original: Any, user: Any, raw: Any) -> Any:
    return original(
        user, raw.encode()[:72].decode("utf-8", "ignore") if isinstance(raw, str) else raw
    )


@fault(
    "passwords-lose-inner-spaces",
    "Spaces inside of a password do not count.",
    breaks="POST /jwt/create/: a password without its spaces is refused",
    profiles=EVERYWHERE,
    steps=3,
)
@around(
    "django.contrib.auth.base_user.AbstractBaseUser.set_password",
    "django.contrib.auth.base_user.AbstractBaseUser.check_password",
)
def _(original: Any, user: Any, raw: Any) -> Any:
    return original(user, raw.replace(" ", "") if isinstance(raw, str) else raw)
