"""Checks the closed chain: statement, OpenAPI element, requirement; and that the OpenAPI is valid."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from authspec_contract.catalogue import Catalogue, Statement, read_catalogue
from authspec_contract.errors import AuthspecError, nearest
from authspec_contract.openapi import operations
from authspec_contract.openapi_parts import joined_parts, read_parts
from authspec_contract.oracle import Oracle
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile, shipped_profiles
from authspec_contract.yamlfile import key_lines

_SOURCE = re.compile(
    r"D-\d+|RFC \d+.*|ASVS \d.*|WSTG-\w+.*|OWASP .*|CVE-\d+-\d+.*|NIST .*|CWE-\d+.*"
    r"|Djoser's documentation.*|the effective OpenAPI of the profile|the mock's core.*|[\w.-]+/[\w.-]+#\d+"
    r"|(djoser|rest_framework|rest_framework_simplejwt|django)[/ ].+"
)
"""What can be looked up: a statement, a section of a standard, an issue, a package's file and symbol."""


def complaints(
    folder: Traversable | None = None, profiles: Iterable[Profile] | None = None
) -> list[str]:
    """What is wrong with the contract in `folder` (default: ours), a sentence with file and line each."""
    folder = folder or files("authspec_contract")
    if profiles is None:
        profiles = [load_profile(name) for name in shipped_profiles()]
    try:
        chain = broken_links(folder)
    except AuthspecError as error:
        return [str(error)]
    return [
        *parts_complaints(folder / "openapi"),
        *chain,
        *(complaint for profile in profiles for complaint in effective_complaints(profile)),
    ]


def broken_links(folder: Traversable) -> list[str]:
    """What is missing between statements, elements and requirements. Raises ContractError."""
    catalogue = read_catalogue(folder)
    document = joined_parts(folder / "openapi")
    lines = _lines((folder / "statements.yaml").read_text(encoding="utf-8"))
    return [
        *chain_complaints(catalogue, captured(folder / "openapi"), lines),
        *operation_complaints(catalogue, document),
    ]


# --- the chain --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Element:
    """An element of the OpenAPI that captures a statement."""

    statement: str
    place: str
    """`openapi/paths/users.yaml:8`"""
    pointer: str


def captured(folder: Traversable) -> list[Element]:
    """Every `x-statements` of the parts."""
    found = []
    for part in read_parts(folder).values():
        for pointer, ids in _statement_ids(part.content, ""):
            place = part.place(f"{pointer}/x-statements")
            found += [Element(statement, place, pointer or "/") for statement in ids]
    return found


def chain_complaints(
    catalogue: Catalogue, elements: Iterable[Element], lines: Mapping[str, int]
) -> Iterator[str]:
    """Links that are missing between statements, elements and requirements."""
    elements = list(elements)
    for element in elements:
        if element.statement not in catalogue.statements:
            known = nearest(element.statement, catalogue.statements)
            yield f"{element.place}: x-statements names {element.statement}, which does not exist; {known}"
    in_openapi = {element.statement for element in elements}
    tested = {source for requirement in catalogue for source in requirement.sources}
    for statement in catalogue.statements.values():
        yield from _statement_complaints(statement, in_openapi, tested, lines)
    for requirement in catalogue:
        if not any(_SOURCE.fullmatch(source) for source in requirement.sources):
            yield (
                f"{requirement.file}:{requirement.line}: {requirement.id} rests on nothing that can be "
                "looked up; add a statement, a package's file and symbol, an RFC section or an OWASP id."
            )


def _statement_complaints(
    statement: Statement, in_openapi: set[str], tested: set[str], lines: Mapping[str, int]
) -> Iterator[str]:
    where = f"statements.yaml:{lines.get(statement.id, 1)}: {statement.id}"
    if statement.id not in in_openapi and statement.id not in tested and not statement.untested:
        yield f"{where} is captured by no element of the OpenAPI and by no requirement."
    if statement.id not in tested and not statement.untested:
        yield f"{where} is tested by no requirement; add one, or say why not in 'untested'."
    if statement.id in tested and statement.untested:
        yield f"{where} says why it is untested, and a requirement rests on it; drop one of the two."


def operation_complaints(catalogue: Catalogue, document: Mapping[str, Any]) -> Iterator[str]:
    """Operations without a requirement, and requirements about paths that the contract lacks."""
    required = {_operation(r.operation) for r in catalogue if r.operation}
    paths = {_path(path) for path in document["paths"]}
    for method, path, operation in operations(document):
        name, untested = f"{method} {_path(path)}", "x-untested" in operation
        if name not in required and not untested:
            yield f"The operation {name} has no requirement; add one, or say why not in 'x-untested'."
        if name in required and untested:
            yield f"The operation {name} says why it is untested, and has a requirement; drop one of the two."
    for requirement in catalogue:
        path = _operation(requirement.operation or "").partition(" ")[2]
        if requirement.operation and path not in paths:
            yield (
                f"{requirement.file}:{requirement.line}: {requirement.id} is about "
                f"{requirement.operation}, a path that the OpenAPI lacks; {nearest(path, paths)}"
            )


def _operation(name: str) -> str:
    method, _, path = name.partition(" ")
    return f"{method} {_path(path)}"


def _path(path: str) -> str:
    """One way of writing a path: without the first slash, `{login}` for what one logs in by."""
    return path.lstrip("/").replace("set_email", "set_{login}")


def _statement_ids(node: Any, pointer: str) -> Iterator[tuple[str, list[str]]]:
    if isinstance(node, Mapping):
        if "x-statements" in node:
            yield pointer, node["x-statements"]
        for key, value in node.items():
            name = str(key).replace("~", "~0").replace("/", "~1")
            yield from _statement_ids(value, f"{pointer}/{name}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _statement_ids(item, f"{pointer}/{index}")


def _lines(text: str) -> dict[str, int]:
    """Id → line, of the entries of a YAML list."""
    places = key_lines(text)
    ids = re.findall(r"^- id: (\S+)", text, re.MULTILINE)
    return {id_: places[f"/{index}"] for index, id_ in enumerate(ids)}


# --- the OpenAPI ------------------------------------------------------------------------------


def parts_complaints(folder: Traversable) -> list[str]:
    """What prance and openapi-spec-validator say about the parts."""
    with as_file(folder) as path:
        return _prance_complaints(path / "openapi.yaml")


def _prance_complaints(file: Path) -> list[str]:
    import prance  # slow to import, and of use here only

    try:
        prance.ResolvingParser(str(file), backend="openapi-spec-validator", strict=True)
    except (prance.ValidationError, prance.util.url.ResolutionError, ValueError, KeyError) as error:
        return [f"openapi/{file.name}: {_first_line(error)}"]
    return []


def effective_complaints(profile: Profile) -> list[str]:
    """What is wrong with the effective contract of a profile, its examples included."""
    from openapi_spec_validator import OpenAPIV31SpecValidator

    where = f"The contract of profile {profile.name}"
    try:
        oracle = Oracle(profile)
    except AuthspecError as error:
        return [f"{where}: {error}"]
    found = [
        f"{where}: {'/'.join(str(step) for step in error.absolute_path)}: {_first_line(error)}"
        for error in OpenAPIV31SpecValidator(oracle.document).iter_errors()
    ]
    for pointer, schema, value in examples(oracle.document):
        found += [f"{where}: the example {pointer}: {c}" for c in oracle.mismatches(schema, value)]
    return found


def examples(node: Any, pointer: str = "#") -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Pointer, schema and value of every example of a document."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from examples(item, f"{pointer}/{index}")
    if not isinstance(node, Mapping):
        return
    if "schema" in node:
        if "example" in node:
            yield f"{pointer}/example", node["schema"], node["example"]
        for name, example in node.get("examples", {}).items():
            yield f"{pointer}/examples/{name}", node["schema"], example["value"]
    elif isinstance(node.get("examples"), list):
        for index, value in enumerate(node["examples"]):
            yield f"{pointer}/examples/{index}", node, value
    for key, value in node.items():
        yield from examples(value, f"{pointer}/{key}")


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
