"""Imports run one way, and the mock's core stays pure: read from the source, not from what happens to load."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOMES = {
    "authspec_contract": "spec",
    "authspec_mock": "mockserver",
    "authspec_conformance": "conformance",
    "authspec_reports": "reports",
}
OURS = tuple(HOMES)

MAY_IMPORT = {
    # the longest name that a module starts with decides
    "authspec_contract": ("authspec_contract",),
    "authspec_mock": ("authspec_mock", "authspec_contract"),
    "authspec_reports": ("authspec_reports", "authspec_contract"),
    "authspec_conformance": ("authspec_conformance", "authspec_contract"),
    # the state machine holds answers against the mock's rules, which do no I/O
    "authspec_conformance.oracle": (
        "authspec_conformance",
        "authspec_contract",
        "authspec_mock.core",
    ),
    # the composition root
    "authspec_conformance.cli": OURS,
}
IMPURE = (
    "time", "os", "socket", "ssl", "http", "urllib.request", "subprocess", "threading", "asyncio",
    "selectors", "select", "signal", "tempfile", "shutil", "glob", "pathlib", "secrets", "sys",
    "logging", "multiprocessing", "concurrent", "sqlite3", "smtplib", "ctypes",
)  # fmt: skip
"""Modules of the standard library that bring the world in: clock, files, sockets, chance."""
IMPURE_CALLS = (
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid.uuid1", "uuid.uuid4",
    "uuid4", "uuid1", "open", "print", "input",
)  # fmt: skip
FROM_RANDOM = {"Random"}
"""The class of a generator that is handed in; the functions of `random` share a global one."""


def test_imports_run_one_way():
    assert [text for name, source in sources() for text in upward(name, source)] == []


def test_the_mocks_core_is_pure():
    assert [text for name, source in core() for text in impure(name, source)] == []


def test_there_is_something_to_look_at():
    names = [name for name, _ in sources()]
    assert {name.split(".")[0] for name in names} == set(OURS)
    assert len(list(core())) > 5


def test_no_module_lies_in_a_source_root():
    # the editable install puts the four roots on the path
    assert [p for home in HOMES.values() for p in (ROOT / home).glob("*.py")] == []


@pytest.mark.parametrize("path", [ROOT / home / name for name, home in HOMES.items()])
def test_every_folder_of_a_package_with_modules_is_a_package(path):
    folders = {module.parent for module in path.rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("authspec_contract.results", "import authspec_reports"),
        ("authspec_contract.results", "from authspec_mock.core import wire"),
        ("authspec_mock.app", "from authspec_conformance.target import Target"),
        ("authspec_reports.html", "def f():\n    import authspec_conformance.runner"),
        ("authspec_conformance.suites.test_me", "from authspec_mock.core.wire import Request"),
        ("authspec_conformance.suites.test_me", "if True:\n    import authspec_mock as m"),
        ("authspec_conformance.suites", "from .. import x\nfrom ... import authspec_mock"),
        ("authspec_conformance.oracle", "from authspec_mock.app import app"),
        ("authspec_conformance.oracle", "from authspec_mock import core, app"),
        ("authspec_conformance.clients", "import authspec_mock"),
        ("authspec_mock.app", "__import__('authspec_reports')"),
        ("authspec_mock.app", "importlib.import_module('authspec_reports.html')"),
    ],
)
def test_a_planted_import_upward_is_found(name, source):
    assert upward(name, source) != []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("authspec_conformance.cli", "import authspec_mock, authspec_reports.html"),
        ("authspec_conformance.oracle", "from authspec_mock.core.wire import Request"),
        ("authspec_conformance.oracle", "from authspec_mock import core"),
        ("authspec_mock.core.wire", "from authspec_contract.profile import Profile"),
        ("authspec_reports.html", "from html import escape\nfrom authspec_reports import page"),
    ],
)
def test_an_import_downward_is_allowed(name, source):
    assert upward(name, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from os import environ",
        "import os.path",
        "import starlette.requests",
        "import yaml",
        "from authspec_mock.app import app",
        "import random",
        "from random import choice",
        "x = datetime.now(UTC)",
        "x = uuid.uuid4()",
        "x = open('file')",
        "def f():\n    from socket import socket",
    ],
)
def test_a_planted_impurity_is_found(source):
    assert impure("authspec_mock.core.planted", source) != []


@pytest.mark.parametrize(
    "source",
    [
        "import hashlib, json",
        "from random import Random",
        "from datetime import UTC, datetime\nx = datetime.fromtimestamp(0, UTC)",
        "from authspec_contract.profile import Profile",
        "from authspec_mock.core.wire import Request",
        "from uuid import UUID",
    ],
)
def test_what_is_pure_is_allowed(source):
    assert impure("authspec_mock.core.planted", source) == []


# --- reading the source -----------------------------------------------------------------------


def sources() -> Iterator[tuple[str, str]]:
    """Every module of the four packages: its dotted name and its text."""
    for package, home in HOMES.items():
        for path in sorted((ROOT / home / package).rglob("*.py")):
            parts = path.relative_to(ROOT / home).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path.read_text(encoding="utf-8")


def core() -> Iterator[tuple[str, str]]:
    return ((n, source) for n, source in sources() if within(n, ("authspec_mock.core",)))


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def upward(name: str, source: str) -> list[str]:
    """The imports that the module must not have."""
    allowed = MAY_IMPORT[max((rule for rule in MAY_IMPORT if within(name, (rule,))), key=len)]
    return [
        f"{name}:{line} imports {found}"
        for line, found in imports(name, source)
        if within(found, OURS) and not within(found, allowed)
    ]


def impure(name: str, source: str) -> list[str]:
    """What brings clock, chance, files, sockets or another package into the module."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        *(f"{name}:{n} imports {module}" for n, module in imports(name, source) if _taints(module)),
        *(
            f"{name}:{call.lineno} calls {ast.unparse(call.func)}"
            for call in calls
            if ast.unparse(call.func) in IMPURE_CALLS
        ),
    ]


def _taints(module: str) -> bool:
    if within(module, ("authspec_contract", "authspec_mock.core")):
        return False
    if within(module, ("random",)):
        return module.removeprefix("random.") not in FROM_RANDOM
    return module.split(".")[0] not in sys.stdlib_module_names or within(module, IMPURE)


def imports(name: str, source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that is imported, wherever it stands in the module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, module) for module in _from(name, node))
        elif isinstance(node, ast.Call) and _imports_by_name(node):
            yield node.lineno, node.args[0].value  # type: ignore[attr-defined]


def _from(name: str, node: ast.ImportFrom) -> list[str]:
    """`from a import b`: a.b, for b may be a module."""
    if node.level:
        above = name.split(".")[: -node.level] if node.level < len(name.split(".")) else []
        stem = ".".join([*above, *([node.module] if node.module else [])])
    else:
        stem = node.module or ""
    return [f"{stem}.{alias.name}".lstrip(".") for alias in node.names]


def _imports_by_name(node: ast.Call) -> bool:
    called = ast.unparse(node.func)
    named = node.args and isinstance(node.args[0], ast.Constant)
    return bool(named) and called in {"__import__", "import_module", "importlib.import_module"}
