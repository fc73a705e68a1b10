"""Joins the parts of the OpenAPI document into one, with references inside it only.

A part of `schemas/`, `responses/` or `requestBodies/` becomes a component of the same kind and
name, so that `../schemas/errors.yaml#/Detail` turns into `#/components/schemas/Detail`.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from authspec_contract.errors import ContractError, nearest
from authspec_contract.facts import fact_names
from authspec_contract.profile import DEFAULT_PERMISSIONS
from authspec_contract.yamlfile import key_lines, parse_yaml

KINDS = ("schemas", "responses", "requestBodies")
ANNOTATIONS = (
    "x-statements", "x-in-document", "x-when", "x-build", "x-errors-of", "x-permission",
    "x-without-slash", "x-empty-body", "x-untested",
)  # fmt: skip
_ROOT = "openapi.yaml"


@dataclass(frozen=True)
class Part:
    """One file of the document."""

    name: str
    """Its path below `openapi/`, with slashes."""
    text: str
    content: Any

    def place(self, pointer: str) -> str:
        """`openapi/paths/users.yaml:12` for a JSON pointer into this part."""
        return f"openapi/{self.name}:{key_lines(self.text).get(pointer, 1)}"


def joined_parts(folder: Traversable) -> dict[str, Any]:
    """The parts in `folder` as one document, annotations included.

    Raises ContractError, with file and line, for a part that is not YAML, a name given twice, a
    reference to nothing, or an annotation that nothing reads.
    """
    parts = read_parts(folder)
    if _ROOT not in parts:
        raise ContractError(f"The OpenAPI parts lack {_ROOT}, which names the others.")
    components = _components(parts)
    for part in parts.values():
        _check(part)
    root = _localised(parts[_ROOT].content, parts[_ROOT], components, "")
    root["paths"] = {
        path: _path_item(parts, parts[_ROOT], path, item, components)
        for path, item in parts[_ROOT].content["paths"].items()
    }
    for (kind, name), part in components.items():
        inside = _localised(part.content[name], part, components, f"/{_escaped(name)}")
        root.setdefault("components", {}).setdefault(kind, {})[name] = inside
    return root  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def shipped_parts() -> dict[str, Any]:
    """The joined document that comes with the package; not to be changed."""
    return joined_parts(files("authspec_contract") / "openapi")


def read_parts(folder: Traversable) -> dict[str, Part]:
    """Every part, by its name, parsed."""
    return {
        name: Part(name, text, _content(text, name)) for name, text in sorted(_texts(folder, ""))
    }


def _texts(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".yaml"):
            yield f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")


def _content(text: str, name: str) -> Any:
    content = parse_yaml(text, name=f"openapi/{name}")
    if not isinstance(content, Mapping):
        raise ContractError(f"openapi/{name} holds no mapping.")
    return content


# --- references -------------------------------------------------------------------------------

_Components = dict[tuple[str, str], Part]


def _components(parts: Mapping[str, Part]) -> _Components:
    found: _Components = {}
    for part in parts.values():
        kind = part.name.partition("/")[0]
        if kind not in KINDS:
            continue
        for name in part.content:
            if (kind, name) in found:
                raise ContractError(
                    f"{part.place('/' + _escaped(name))}: {name} stands in "
                    f"openapi/{found[kind, name].name}, too; give it a name of its own."
                )
            found[kind, name] = part
    return found


def _path_item(
    parts: Mapping[str, Part], root: Part, path: str, item: Any, components: _Components
) -> Any:
    target = item.get("$ref") if isinstance(item, Mapping) else None
    if not isinstance(target, str) or target not in parts:
        known = nearest(str(target), (name for name in parts if name.startswith("paths/")))
        where = root.place(f"/paths/{_escaped(path)}")
        raise ContractError(f"{where}: the path {path} refers to {target}; {known}")
    return _localised(parts[target].content, parts[target], components, "")


def _localised(node: Any, part: Part, components: _Components, pointer: str) -> Any:
    """A copy of the node with every reference turned into one inside the joined document."""
    if isinstance(node, Mapping):
        return {
            key: _local(value, part, components, f"{pointer}/$ref")
            if key == "$ref" and isinstance(value, str) and not value.startswith("paths/")
            else _localised(value, part, components, f"{pointer}/{_escaped(str(key))}")
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [
            _localised(item, part, components, f"{pointer}/{index}")
            for index, item in enumerate(node)
        ]
    return node


def _local(reference: str, part: Part, components: _Components, pointer: str) -> str:
    file, _, name = reference.partition("#/")
    folder = posixpath.dirname(part.name)
    target = posixpath.normpath(posixpath.join(folder, file)) if file else part.name
    kind = target.partition("/")[0]
    holder = components.get((kind, name))
    if holder is None or holder.name != target:
        known = nearest(name, (n for k, n in components if k == kind)) if kind in KINDS else ""
        raise ContractError(f"{part.place(pointer)}: {reference} refers to nothing; {known}")
    return f"#/components/{kind}/{name}"


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


# --- annotations ------------------------------------------------------------------------------


def _check(part: Part) -> None:
    for pointer, key, value in _annotations(part.content, ""):
        if key not in ANNOTATIONS:
            raise ContractError(
                f"{part.place(pointer)}: the unknown annotation {key}; {nearest(key, ANNOTATIONS)}"
            )
        if key in ("x-when", "x-empty-body"):
            for condition in value if isinstance(value, list) else [value]:
                plain = str(condition).removeprefix("not ")
                if plain not in fact_names():
                    raise ContractError(
                        f"{part.place(pointer)}: the unknown condition {plain!r}; "
                        f"{nearest(plain, fact_names())}"
                    )
        actions = (*DEFAULT_PERMISSIONS, "default")
        if key == "x-permission" and value not in actions:
            raise ContractError(
                f"{part.place(pointer)}: the unknown action {value!r}; {nearest(value, actions)}"
            )


def _annotations(node: Any, pointer: str) -> Iterator[tuple[str, str, Any]]:
    """Pointer, name and value of every `x-…` in a part."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            inside = f"{pointer}/{_escaped(str(key))}"
            if isinstance(key, str) and key.startswith("x-"):
                yield inside, key, value
            yield from _annotations(value, inside)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _annotations(item, f"{pointer}/{index}")
