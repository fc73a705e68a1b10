"""`authspec explain REG-003`: a requirement's text, its sources, and the tests that decide it."""

import argparse
import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from authspec_contract.catalogue import Catalogue, Requirement, load_catalogue


@dataclass(frozen=True)
class SuiteTest:
    """A test of the suite, as its source shows it."""

    name: str
    file: str
    line: int
    requirements: tuple[str, ...]
    text: str
    """Its docstring's first line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `authspec explain`."""
    parser.epilog = "example: authspec explain REG-003"
    parser.add_argument("requirement", nargs="+", metavar="REQ", help="an id such as REG-003")


def run(arguments: argparse.Namespace) -> int:
    """Prints each requirement. Raises UsageError for an unknown id."""
    catalogue = load_catalogue()
    for index, id_ in enumerate(arguments.requirement):
        if index:
            print()
        print("\n".join(_lines(catalogue.requirement(id_.upper()), catalogue)))
    return 0


def _lines(requirement: Requirement, catalogue: Catalogue) -> Iterator[str]:
    yield f"{requirement.id}  {requirement.level}, {requirement.area}"
    yield requirement.text
    for source in requirement.sources:
        statement = catalogue.statements.get(source)
        yield f"  source: {source}" + (f"  {statement.text}" if statement else "")
    if requirement.operation:
        yield f"  operation: {requirement.operation}"
    if requirement.when:
        yield f"  only where: {', '.join(requirement.when)}"
    if requirement.needs:
        yield f"  needs: {', '.join(requirement.needs)}"
    if requirement.untested:
        yield f"  untested: {requirement.untested}"
    for test in suite_tests():
        if requirement.id in test.requirements:
            yield f"  test: {test.file}:{test.line} {test.name}: {test.text}"


@lru_cache(maxsize=1)
def suite_tests() -> tuple[SuiteTest, ...]:
    """Every test of the suite, read from its source without running it."""
    folder = files("authspec_conformance") / "suites"
    found = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.startswith("test_") and path.name.endswith(".py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += list(_tests(tree, path.name))
    return tuple(found)


def _tests(tree: ast.Module, file: str) -> Iterator[SuiteTest]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        ids = tuple(
            argument.value
            for decorator in node.decorator_list
            if isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Name)
            and decorator.func.id == "requirement"
            for argument in decorator.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        )
        if ids:
            text = (ast.get_docstring(node) or "").partition("\n")[0]
            yield SuiteTest(node.name, file, node.lineno, ids, text)
