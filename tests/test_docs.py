"""What the pages for people name is there: commands, nox sessions, files."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from authspec_conformance.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
FOLDERS = ("spec", "mockserver", "conformance", "reports", "tests", "benchmarks")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code(name: str) -> str:
    """What stands in blocks of code and between backticks."""
    text = page(name)
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```[^\n]*\n.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", rest)])


def sessions() -> set[str]:
    tree = ast.parse(page("noxfile.py"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and "nox.session" in map(_bare, node.decorator_list)
    }


def _bare(decorator: ast.expr) -> str:
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_a_page_names_exists(name):
    found = set(re.findall(r"\bauthspec ([a-z]+)\b", code(name)))
    assert found <= {command.name for command in COMMANDS}


@pytest.mark.parametrize("name", PAGES)
def test_every_nox_session_that_a_page_names_exists(name):
    assert set(re.findall(r"\bnox -s ([a-z]+)", code(name))) <= sessions()


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_names_exists(name):
    named = set(re.findall(r"(?<![\w*…/])[\w/.-]+\.(?:py|yaml|json|css)\b", code(name)))
    there = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")]
    paths = [path.relative_to(ROOT).as_posix() for path in there]
    assert [file for file in named if not any(f"/{p}".endswith(f"/{file}") for p in paths)] == []


def test_a_readme_names_the_two_commands_of_a_fresh_machine():
    commands = page("README.md")
    assert ".venv/bin/pip install --quiet . && .venv/bin/authspec check" in commands
    assert "python3 tests/run.py" in commands


def test_the_architecture_stays_short():
    assert len(page("ARCHITECTURE.md").splitlines()) <= 80


def test_the_readme_shows_every_known_difference():
    text = page("README.md")
    listed = yaml.safe_load(
        (ROOT / "mockserver/authspec_mock/known_differences.yaml").read_text(encoding="utf-8")
    )
    for difference in listed:
        row = f"| {difference['id']} |"
        assert row in text, row
        line = next(line for line in text.splitlines() if line.startswith(row))
        assert str(difference["request"]) in line
        assert line.endswith(f"| {difference['real']} | {difference['mock']} |")
