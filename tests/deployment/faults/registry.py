"""The registry of faults: a name, a sentence, what it breaks and the patch."""

import copy
import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

Patch = Callable[[], None]
"""Breaks the running Django process; called once, after all of its code is loaded."""
ProfileChange = Callable[[dict[str, Any]], None]
"""Changes the profile, as nested mappings, that the deployment is made from."""


@dataclass(frozen=True)
class Fault:
    """One way in which a Djoser backend is wrong."""

    name: str
    text: str
    """What is wrong, as its users would notice it."""
    breaks: str
    """The operation, and the sentence that it violates."""
    patch: Patch | None = None
    change: ProfileChange | None = None
    """For a wrong setting: the deployment is not what its declared profile says."""
    profiles: tuple[str, ...] = ("document",)
    """The profiles in which it shows."""
    steps: int = 1
    """How many calls it takes, at least, until it shows."""
    workers: int = 1
    threads: int = 1
    """A race shows only on a server that serves several requests at once."""
    level: str = "must"
    """Of the requirement that it breaks."""
    requirement: tuple[str, ...] = ()
    """Catalogue ids, from `written_for.yaml`: at least one must be among the failed ones; empty: any."""


FAULTS: dict[str, Fault] = {}


def written_for() -> dict[str, tuple[str, ...]]:
    """The ids by fault; read without PyYAML, which the Django process lacks."""
    text = (Path(__file__).parent / "written_for.yaml").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if line and line[0] != "#")
    return {name.strip(): tuple(ids.split()) for name, _, ids in lines}


_WRITTEN_FOR = written_for()


def fault(
    name: str,
    text: str,
    *,
    breaks: str,
    profiles: Sequence[str] = ("document",),
    steps: int = 1,
    workers: int = 1,
    threads: int = 1,
    level: str = "must",
) -> Callable[[Patch], Patch]:
    """Registers the decorated function as the patch of a fault."""

    def register(patch: Patch) -> Patch:
        add(Fault(name, text, breaks, patch, None, tuple(profiles), steps, workers, threads, level))
        return patch

    return register


def wrong_setting(
    name: str,
    text: str,
    change: ProfileChange,
    *,
    breaks: str,
    profiles: Sequence[str] = ("document",),
    steps: int = 1,
    level: str = "must",
) -> None:
    """Registers a deployment whose settings are not those of its declared profile."""
    add(Fault(name, text, breaks, None, change, tuple(profiles), steps, level=level))


def djoser_setting(name: str, value: Any) -> ProfileChange:
    """A change of one of Djoser's settings, for `wrong_setting`."""

    def change(profile: dict[str, Any]) -> None:
        profile["djoser"][name] = value

    return change


def add(fault: Fault) -> None:
    if fault.name in FAULTS:
        raise ValueError(f"the fault {fault.name!r} is registered twice")
    FAULTS[fault.name] = replace(fault, requirement=_WRITTEN_FOR.get(fault.name, ()))


def fault_names() -> tuple[str, ...]:
    """Every fault, in the order of the catalogue of faults."""
    return tuple(FAULTS)


def find_fault(name: str) -> Fault:
    """The fault of that name. Raises ValueError that names the nearest."""
    if name in FAULTS:
        return FAULTS[name]
    near = difflib.get_close_matches(name, FAULTS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "see tests/deployment/faults."
    raise ValueError(f"There is no fault {name!r}; {hint}")


def changed_profile(profile: dict[str, Any], faults: Iterable[Fault]) -> dict[str, Any]:
    """A copy of the profile with the wrong settings of these faults in it."""
    changed = copy.deepcopy(profile)
    for one in faults:
        if one.change is not None:
            one.change(changed)
    return changed
