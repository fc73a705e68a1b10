"""Reads the JSON file that says which profile, mail, database and faults this process has."""

import json
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

VARIABLE = "AUTHSPEC_DEPLOYMENT"


def _load() -> SimpleNamespace:
    text = Path(os.environ[VARIABLE]).read_text(encoding="utf-8")
    raw: dict[str, Any] = json.loads(text)
    return SimpleNamespace(**{"sources": {}, **raw})


DEPLOYMENT = _load()
"""`profile` (a profile as nested mappings), `hasher`, `mail`, `database`, `secret`, `folder`, `faults`,
`sources`, `settings`."""

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


class _OtherSources(MetaPathFinder, Loader):
    """Loads modules from the sources that the deployment gives in place of the installed ones."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in DEPLOYMENT.sources:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = self  # all else stays: `__file__` leads to the files beside it
        return spec

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        exec(compile(DEPLOYMENT.sources[name], f"<mutated {name}>", "exec"), vars(module))


if DEPLOYMENT.sources:
    sys.meta_path.insert(0, _OtherSources())
