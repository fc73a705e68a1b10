"""Reads YAML so that every complaint can name the file and the line."""

from pathlib import Path
from typing import Any

import yaml

from authspec_contract.errors import UsageError

_DEEPEST = 200
_Base: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Refuses duplicate keys, which YAML forbids and PyYAML silently lets the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands here twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


def parse_yaml(text: str, *, name: str) -> Any:
    """The value of a YAML text; `name` is what errors call it.

    Raises UsageError, with the line, where the text is not YAML or repeats a key.
    """
    try:
        _refuse_depth(text)
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise UsageError(f"{where}: not valid YAML: {error.problem or error}.") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UsageError(f"{name}: not valid YAML: {str(error).splitlines()[0]}.") from None


def _refuse_depth(text: str) -> None:
    """Raises ValueError for what is nested so deeply that libyaml's composer ends the process."""
    if sum(map(text.count, "[{-?")) <= _DEEPEST:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} levels deep")


def read_yaml(path: Path, *, expected: str = "a YAML file") -> Any:
    """The value of a YAML file. Raises UsageError in one sentence where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist; expected {expected}.") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder; expected {expected}.") from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text (byte {error.start}); expected {expected}."
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}); expected {expected}."
        ) from None
    return parse_yaml(text, name=str(path))


def key_lines(text: str) -> dict[str, int]:
    """JSON pointer → line (from 1) of every node of a YAML text."""
    lines: dict[str, int] = {}

    def walk(node: yaml.Node, pointer: str) -> None:
        lines[pointer] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = str(key.value).replace("~", "~0").replace("/", "~1")
                walk(value, f"{pointer}/{name}")
                lines[f"{pointer}/{name}"] = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                walk(value, f"{pointer}/{index}")

    root = yaml.compose(text, Loader=_Base)
    if root is not None:
        walk(root, "")
    return lines
