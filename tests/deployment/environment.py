"""Builds, once per set of pins, the Python environment that the real Djoser runs in."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from authspec_contract.profile import Versions

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
OLDER = tuple(sorted((HERE / "versions").glob("*.txt")))
"""The pins of older versions, a file for each combination that works."""
CACHE = HERE.parent.parent / ".cache"
_BUILD_SECONDS = 300


class EnvironmentMissingError(Exception):
    """The environment cannot be had here; its text is the one-sentence reason for a skip."""


@lru_cache
def real_python(requirements: Path = REQUIREMENTS) -> Path:
    """The interpreter of the environment with these pins, built on first need.

    Raises EnvironmentMissingError where it cannot be built, for example without a network.
    """
    text = requirements.read_text(encoding="utf-8")
    folder = CACHE / f"real-djoser-{_version(text)}-{_digest(text)}"
    python = folder / "bin" / "python"
    if _complete(folder):
        return python
    CACHE.mkdir(exist_ok=True)
    with _lock(CACHE / f"{folder.name}.lock"):
        if not _complete(folder):
            _build(folder, requirements)
    return python


def pinned_versions(requirements: Path = REQUIREMENTS) -> Versions:
    """What a deployment with these pins runs, as a profile says it."""
    pins = {}
    for line in requirements.read_text(encoding="utf-8").splitlines():
        name, _, version = line.partition("==")
        pins[name.lower().replace("_", "-")] = version.strip()
    return Versions(
        djoser=pins["djoser"],
        django=pins["django"],
        drf=pins["djangorestframework"],
        simplejwt=pins["djangorestframework-simplejwt"],
    )


def unavailable() -> str | None:
    """Why tests with the real Djoser must be skipped, or None; in CI they are never skipped."""
    try:
        real_python()
    except EnvironmentMissingError as error:
        if os.environ.get("CI") == "true":
            raise
        return str(error)
    return None


def _version(text: str) -> str:
    for line in text.splitlines():
        if line.lower().startswith("djoser=="):
            return line.partition("==")[2].split()[0]
    raise ValueError("the requirements do not pin djoser")


def _digest(text: str) -> str:
    """Of the pins and the interpreter: another Python needs an environment of its own."""
    seed = f"{text}{sys.version_info[:2]}"
    return hashlib.sha256(seed.encode()).hexdigest()[:8]


def _complete(folder: Path) -> bool:
    return (folder / ".complete").is_file()


def _build(folder: Path, requirements: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    commands = (
        [sys.executable, "-m", "venv", folder],
        # everything is pinned, so nothing is left for pip to resolve
        [*install, "--no-deps", "-r", requirements],
        [python, "-m", "compileall", "-q", folder / "lib"],
    )
    for command in commands:
        try:
            done = subprocess.run(
                [str(part) for part in command],
                capture_output=True,
                text=True,
                timeout=_BUILD_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _missing(str(error)) from None
        if done.returncode != 0 and "compileall" not in command:
            raise _missing((done.stderr.strip() or done.stdout.strip()).rpartition("\n")[2])
    (folder / ".complete").touch()


def _missing(why: str) -> EnvironmentMissingError:
    return EnvironmentMissingError(f"The real Djoser's environment could not be built: {why}")


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
