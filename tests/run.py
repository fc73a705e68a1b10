"""Runs every check of the project on a machine that has nothing but Python 3.11 and pip.

    python3 tests/run.py [arguments for pytest]

It makes an environment of its own in `.cache/venv`, gets what the tests need, then runs ruff,
mypy and pytest. What it cannot get is skipped with one line that says how to get it; with
`CI=true` such a skip is a failure. Standard library only: this file starts everything else.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
REQUIREMENTS = ROOT / "tests" / "requirements.txt"
BIN = "Scripts" if os.name == "nt" else "bin"
DEBIAN_PACKAGES = {"chromium": ("chromium", "fonts-dejavu-core")}
"""A program that tests call → the packages that bring it."""


def main(arguments: Sequence[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an old Python meets
        print(f"This is Python {sys.version.split()[0]}; authspec needs 3.11 or later.")
        return 2
    try:
        python = environment()
    except subprocess.CalledProcessError as error:
        print(f"The environment for the tests could not be made: {_words(error.cmd)} failed.")
        return 2
    debian_packages()
    node_packages()
    real_djoser(python)
    failed = [name for name, command in checks(python) if not passes(name, command)]
    code = run([python, "-m", "pytest", *arguments]).returncode
    if failed:
        print(f"Failed before the tests: {', '.join(failed)} (see above).")
    return code or (1 if failed else 0)


def checks(python: Path) -> tuple[tuple[str, Sequence[object]], ...]:
    return (
        ("ruff check", [python, "-m", "ruff", "check", "--quiet"]),
        ("ruff format --check", [python, "-m", "ruff", "format", "--check", "--quiet"]),
        ("mypy", [python, "-m", "mypy", "--no-error-summary"]),
    )


def passes(name: str, command: Sequence[object]) -> bool:
    good = run(command).returncode == 0
    print(f"{name}: {'ok' if good else 'FAILED'}", flush=True)
    return good


# --- what has to be there ---------------------------------------------------------------------


def environment() -> Path:
    """The interpreter of the tests' own environment: the pins of requirements.txt and this project."""
    pins = REQUIREMENTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    digest = hashlib.sha256(pins + sys.version.encode() + str(ROOT).encode()).hexdigest()
    folder = CACHE / "venv"
    python = folder / BIN / ("python.exe" if os.name == "nt" else "python")
    stamp = folder / "made-for"
    if not stamp.exists() or stamp.read_text() != digest:
        print(f"Making {folder.relative_to(ROOT)} …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        must([sys.executable, "-m", "venv", folder])
        must([*pip, "--no-deps", "-r", REQUIREMENTS])
        must([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT])
        must([python, "-m", "pip", "check", "--disable-pip-version-check"])
        stamp.write_text(digest)
    return python


def debian_packages() -> None:
    """Programs that only some tests call; those tests say themselves when one is missing."""
    wanted = [
        package
        for program, packages in DEBIAN_PACKAGES.items()
        if shutil.which(program) is None
        for package in packages
    ]
    if not wanted:
        return
    by_hand = f"apt-get install {' '.join(wanted)}"
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        print(f"Not here, so the tests that need it are skipped: {by_hand} (as root).")
        return
    print(f"Installing {' '.join(wanted)} …", flush=True)
    with no_services():
        update = quietly(["apt-get", "update"])
        install = ["apt-get", "install", "-y", "--no-install-recommends", *wanted]
        if not update or not quietly(install):
            print(f"Could not be installed, so the tests that need it are skipped: {by_hand}.")


@contextmanager
def no_services() -> Iterator[None]:
    """A package that is installed meanwhile starts no service: Debian asks this file."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)


def node_packages() -> None:
    """The npm packages of tests/package-lock.json."""
    folder = ROOT / "tests"
    lock = folder / "package-lock.json"
    if not lock.exists():
        return
    stamp = folder / "node_modules" / ".made-for"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    npm = shutil.which("npm")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder]
    if npm is None or not quietly(command):
        print("Not here, so the tests that need them are skipped: npm ci --prefix tests (Node 20).")
        return
    stamp.write_text(digest)


def real_djoser(python: Path) -> None:
    """The environment of the real Djoser, so that no test has to wait for it."""
    code = "from tests.deployment.environment import real_python; real_python()"
    print("Looking for the real Djoser …", flush=True)
    if not quietly([python, "-c", code]):
        print(
            "The real Djoser could not be installed, so its tests are skipped: they need pip's index."
        )


# --- running ----------------------------------------------------------------------------------


def run(command: Sequence[object], **options: object) -> "subprocess.CompletedProcess[bytes]":
    env = {k: v for k, v in os.environ.items() if k not in {"PYTEST_ADDOPTS", "PYTHONPATH"}}
    env["DEBIAN_FRONTEND"] = "noninteractive"
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, **options)  # type: ignore[call-overload, no-any-return]


def must(command: Sequence[object]) -> None:
    """Raises CalledProcessError where the command fails."""
    run(command, check=True)


def quietly(command: Sequence[object]) -> bool:
    """Whether the command succeeds; its output is shown only where it does not."""
    done = run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        print(done.stdout.decode(errors="replace")[-2000:])
    return done.returncode == 0


def _words(command: Sequence[object]) -> str:
    return " ".join(map(str, command))


if __name__ == "__main__":
    # told to end, it takes what it runs with it: `subprocess.run` kills its child on the way out
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
