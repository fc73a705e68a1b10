"""The catalogue: statements of the document, requirements that test them, findings of the review."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, TypeVar

from authspec_contract import fields as f
from authspec_contract.errors import ContractError, UsageError, nearest
from authspec_contract.facts import check_condition
from authspec_contract.yamlfile import key_lines, parse_yaml

Level = Literal["must", "should", "may"]
LEVELS = ("must", "should", "may")
ORIGINS = ("document", "djoser", "http", "security")
FINDING_KINDS = ("contradiction", "silence", "risk")


@dataclass(frozen=True)
class Statement:
    """One checkable thing that the document says, in our own words."""

    id: str
    text: str
    section: str
    """The heading of the document under which it stands."""
    when: tuple[str, ...] = ()
    untested: str | None = None
    """Why no requirement tests it."""


@dataclass(frozen=True)
class Requirement:
    """One testable sentence about a deployment."""

    id: str
    text: str
    level: Level
    origin: str
    sources: tuple[str, ...]
    """Statement ids (`D-01`), or references: a Djoser file and symbol, an RFC section, an OWASP id."""
    area: str
    operation: str | None = None
    """`POST /users/activation/`; None where it spans several."""
    when: tuple[str, ...] = ()
    """The condition on the profile, by the names of `facts`."""
    needs: tuple[str, ...] = ()
    """What a run must have for it: `mailbox`."""
    untested: str | None = None
    """Why no test covers it."""
    file: str = ""
    line: int = 0

    def at_or_above(self, level: str) -> bool:
        """Whether this requirement is at least as strict as `level`."""
        return LEVELS.index(self.level) <= LEVELS.index(level)


@dataclass(frozen=True)
class Finding:
    """One entry of the spec review: what a reader of the document has to know, with evidence."""

    id: str
    kind: str
    title: str
    text: str
    statements: tuple[str, ...]
    evidence: str
    """What shows it: a command, or a request and its answer."""
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Everything that is known by an id."""

    statements: Mapping[str, Statement]
    requirements: Mapping[str, Requirement]
    findings: Mapping[str, Finding]
    hash: str
    """Of the catalogue's files; tells whether two runs tested against the same contract."""

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements.values())

    def requirement(self, id_: str) -> Requirement:
        """The requirement of that id. Raises UsageError that names the nearest."""
        try:
            return self.requirements[id_]
        except KeyError:
            known = nearest(id_.upper(), self.requirements)
            raise UsageError(f"There is no requirement {id_!r}; {known}") from None

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """The areas, in the order of their files."""
        return tuple(dict.fromkeys(requirement.area for requirement in self))


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """The catalogue that comes with the package. Raises ContractError, with file and line."""
    return read_catalogue(files("authspec_contract"))


def read_catalogue(folder: Traversable) -> Catalogue:
    """The catalogue in a folder: `statements.yaml`, `findings.yaml` and `requirements/*.yaml`."""
    digest = sha256()

    def text_of(path: Traversable) -> str:
        text = path.read_text(encoding="utf-8")
        digest.update(text.encode())
        return text

    statements = _by_id(
        _entries(text_of(folder / "statements.yaml"), "statements.yaml", Statement, _STATEMENT)
    )
    requirements: dict[str, Requirement] = {}
    for path in sorted((folder / "requirements").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            _add(requirements, _requirements(text_of(path), path.name))
    findings = _by_id(
        _entries(text_of(folder / "findings.yaml"), "findings.yaml", Finding, _FINDING)
    )
    catalogue = Catalogue(statements, requirements, findings, digest.hexdigest()[:16])
    _check_references(catalogue)
    return catalogue


# --- reading ----------------------------------------------------------------------------------

Entry = TypeVar("Entry", Statement, Requirement, Finding)

_STATEMENT: dict[str, f.Reader] = {
    "id": f.text,
    "text": f.text,
    "section": f.text,
    "when": f.texts,
    "untested": f.text,
}
_REQUIREMENT: dict[str, f.Reader] = {
    "id": f.text,
    "text": f.text,
    "level": f.one_of(*LEVELS),
    "origin": f.one_of(*ORIGINS),
    "sources": f.texts,
    "area": f.text,
    "operation": f.text,
    "when": f.texts,
    "needs": f.list_of(f.one_of("mailbox")),
    "untested": f.text,
    "file": f.text,
    "line": f.whole,
}
_FINDING: dict[str, f.Reader] = {
    "id": f.text,
    "kind": f.one_of(*FINDING_KINDS),
    "title": f.text,
    "text": f.text,
    "statements": f.texts,
    "evidence": f.text,
    "requirements": f.texts,
}


def _entries(
    text: str, name: str, cls: type[Entry], readers: dict[str, f.Reader], **common: Any
) -> list[Entry]:
    raw = parse_yaml(text, name=name)
    if not isinstance(raw, list):
        raise ContractError(f"{name} holds no list of entries.")
    lines = key_lines(text)
    entries = []
    for index, item in enumerate(raw):
        where = f"{name}:{lines.get(f'/{index}', 0)}"
        extra = {"line": lines[f"/{index}"], **common} if cls is Requirement else {}
        try:
            entry = f.build(cls, {**f.mapping(item, where), **extra}, where, readers)
        except UsageError as error:
            raise ContractError(str(error)) from None
        if not isinstance(entry, Finding):
            check_condition(entry.when, where=where)
        entries.append(entry)
    return entries


def _requirements(text: str, name: str) -> list[Requirement]:
    """The entries of one file of requirements; its first comment line names the area."""
    area = text.splitlines()[0].removeprefix("#").strip() if text.startswith("#") else name
    return _entries(text, name, Requirement, _REQUIREMENT, area=area, file=f"requirements/{name}")


def _by_id(entries: list[Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    _add(found, entries)
    return found


def _add(found: dict[str, Entry], entries: list[Entry]) -> None:
    for entry in entries:
        if entry.id in found:
            raise ContractError(
                f"The id {entry.id} is given twice; give each entry an id of its own."
            )
        found[entry.id] = entry


def _check_references(catalogue: Catalogue) -> None:
    for requirement in catalogue:
        for source in requirement.sources:
            if source.startswith("D-") and source not in catalogue.statements:
                known = nearest(source, catalogue.statements)
                raise ContractError(
                    f"{requirement.file}:{requirement.line}: {requirement.id} rests on {source}, "
                    f"which statements.yaml does not have; {known}"
                )
        if requirement.origin == "document" and not any(
            s.startswith("D-") for s in requirement.sources
        ):
            raise ContractError(
                f"{requirement.file}:{requirement.line}: {requirement.id} has the origin 'document' "
                "and names no statement; add its D-… to sources."
            )
    for finding in catalogue.findings.values():
        for reference, known_ids in (
            *((s, catalogue.statements) for s in finding.statements),
            *((r, catalogue.requirements) for r in finding.requirements),
        ):
            if reference not in known_ids:
                raise ContractError(
                    f"{finding.id} refers to {reference}; {nearest(reference, known_ids)}"
                )
