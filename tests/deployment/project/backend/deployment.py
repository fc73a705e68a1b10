"""Reads the JSON file that says which profile, mail, database and faults this process has."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

VARIABLE = "AUTHSPEC_DEPLOYMENT"


def _load() -> SimpleNamespace:
    text = Path(os.environ[VARIABLE]).read_text(encoding="utf-8")
    raw: dict[str, Any] = json.loads(text)
    return SimpleNamespace(**raw)


DEPLOYMENT = _load()
"""`profile` (a profile as nested mappings), `hasher`, `mail`, `database`, `secret`, `folder`, `faults`, `settings`."""

PROFILE: dict[str, Any] = DEPLOYMENT.profile
USER: dict[str, Any] = PROFILE["user"]


def _is_stock() -> bool:
    """Whether Django's own `auth.User` with Djoser's own serializers gives this profile's user."""
    email = {field["name"]: field for field in USER["create"]}.get("email", {})
    return (
        (USER["login_field"], USER["id"], USER["email_field"]) == ("username", "integer", "email")
        and [field["name"] for field in USER["create"]] == ["email", "username", "id"]
        and [field["name"] for field in USER["fields"]] == ["email", "id", "username"]
        and not email["required"]
        and not email["unique"]
        and not email["read_only"]
        and email["max_length"] in (None, 254)
    )


STOCK_USER = _is_stock()
