"""Makes the database of a deployment: once per user model, then by copying the file."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from threading import get_ident
from typing import Any

from .environment import CACHE, HERE

_SECONDS = 120


class DeploymentError(Exception):
    """A deployment did not come up; the text ends with the tail of its log."""


def make_tables(python: Path, deployment_file: Path, file: Path) -> None:
    """Makes the tables in the deployment's database; for SQLite, the database is `file`."""
    deployment = json.loads(deployment_file.read_text(encoding="utf-8"))
    if deployment["database"] != str(file):
        _run(python, deployment_file)
        return
    template = CACHE / "tables" / f"{_key(python, deployment)}.sqlite3"
    if not template.exists():
        _run(python, deployment_file)
        template.parent.mkdir(parents=True, exist_ok=True)
        private = template.with_suffix(f".{os.getpid()}-{get_ident()}")
        shutil.copyfile(file, private)
        private.replace(template)
        return
    shutil.copyfile(template, file)


def _key(python: Path, deployment: dict[str, Any]) -> str:
    """Of everything that the tables depend on: versions, the user model, the apps."""
    profile = deployment["profile"]
    sources = sorted((HERE / "project").rglob("*.py"))
    seed = [
        str(python),
        profile["user"],
        profile["simple_jwt"]["BLACKLIST_AFTER_ROTATION"],
        deployment["settings"].get("MORE_APPS"),
        [source.read_text(encoding="utf-8") for source in sources],
    ]
    return hashlib.sha256(json.dumps(seed, sort_keys=True).encode()).hexdigest()[:16]


def _run(python: Path, deployment_file: Path) -> None:
    from .server import PROJECT, django_environment

    done = subprocess.run(
        [str(python), str(PROJECT / "maketables.py")],
        env=django_environment(deployment_file),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise DeploymentError(f"Django could not make the tables of this profile:\n{tail}")
