"""The operations that Djoser serves: name → method and path, for one profile."""

import re
from dataclasses import dataclass
from typing import Any

from authspec_contract.profile import Profile

NO_PATH = "neither registration nor users/me/ shows an id that fits into a path"


def fits_a_path(id_: Any) -> bool:
    """Whether an id can stand in users/{id}/: DRF's router takes no dot (rest_framework/routers.py)."""
    return re.fullmatch(r"[\w-]+", str(id_)) is not None if id_ is not None else False


def id_of_nobody(profile: Profile) -> int | str:
    """An id of the profile's kind that no account has."""
    return 987654321 if profile.user.id == "integer" else "12345678-1234-4123-8123-123456789012"


@dataclass(frozen=True)
class Operation:
    """One operation; `path` is relative to the prefix."""

    name: str
    method: str
    path: str

    def template(self, profile: Profile) -> str:
        """The operation as requirements name it: `POST users/set_{login}/`."""
        if self.name == "set_username":
            return "POST users/set_{login}/"
        return str(self).replace(f"_{profile.user.login_field}", "_{login}")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations(profile: Profile) -> dict[str, Operation]:
    """Every operation of the profile's URLs, by name (djoser/urls/*.py, djoser/views.py)."""
    login = profile.user.login_field
    table = {
        "create_user": ("POST", "users/"),
        "activation": ("POST", "users/activation/"),
        "resend_activation": ("POST", "users/resend_activation/"),
        "me": ("GET", "users/me/"),
        "me_put": ("PUT", "users/me/"),
        "me_patch": ("PATCH", "users/me/"),
        "me_delete": ("DELETE", "users/me/"),
        "set_password": ("POST", "users/set_password/"),
        "reset_password": ("POST", "users/reset_password/"),
        "reset_password_confirm": ("POST", "users/reset_password_confirm/"),
        "set_username": ("POST", f"users/set_{login}/"),
        "reset_username": ("POST", f"users/reset_{login}/"),
        "reset_username_confirm": ("POST", f"users/reset_{login}_confirm/"),
        "user_list": ("GET", "users/"),
    }
    if "jwt" in profile.urls:
        table |= {
            f"jwt_{name}": ("POST", f"jwt/{name}/") for name in ("create", "refresh", "verify")
        }
    if "token" in profile.urls and profile.djoser.TOKEN_MODEL:
        table |= {f"token_{name}": ("POST", f"token/{name}/") for name in ("login", "logout")}
    return {name: Operation(name, method, path) for name, (method, path) in table.items()}
