"""The core stays pure: standard library and contract only, no clock, chance or sockets of its own."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import authspec_mock.core

CORE = Path(authspec_mock.core.__file__).parent
FORBIDDEN = {"socket", "time", "secrets", "os", "random", "threading", "asyncio", "logging"}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("file", sorted(CORE.rglob("*.py")), ids=lambda file: file.name)
def test_a_file_imports_only_what_is_pure(file: Path) -> None:
    for name in imported(file):
        top = name.partition(".")[0]
        assert top not in FORBIDDEN, name
        if top.startswith("authspec"):
            assert name.startswith(("authspec_mock.core", "authspec_contract")), name
        else:
            assert top in sys.stdlib_module_names, name


@pytest.mark.parametrize("file", sorted(CORE.rglob("*.py")), ids=lambda file: file.name)
def test_a_file_asks_no_clock_and_no_chance(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for word in ("datetime.now", "utcnow", "uuid4(", "date.today", "urandom"):
        assert word not in text


def test_importing_the_core_loads_nothing_slow() -> None:
    code = (
        "import sys; import authspec_mock.core.world; "
        "print([m for m in ('yaml', 'starlette', 'email.message', 'importlib.resources', "
        "'authspec_mock.core.quirks', 'gzip', 'uuid') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
