"""Correct deployments of many kinds, as `deployments.yaml` lists them: what the suite must be green on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from authspec_contract import fields as f

from ..deployment.environment import REQUIREMENTS
from ..deployment.front import Manners
from ..deployment.server import Serving

HERE = Path(__file__).parent
LIST = HERE / "deployments.yaml"
PROFILES = HERE.parent / "fidelity" / "profiles"
PINS = HERE.parent / "deployment" / "versions"

Mail = Literal["file", "smtp", "slow", "maildev", "imap"]


@dataclass(frozen=True)
class Deployment:
    """A way to run a correct Djoser, and what the suite should say of it."""

    name: str
    profile: str
    """A shipped name, or a file of the fidelity tests."""
    raw: Mapping[str, Any] | None = None
    """The profile itself, where it has no file."""
    change: Mapping[str, Any] = field(default_factory=dict)
    """Laid over the profile, for the deployment and for the suite."""
    hidden: Mapping[str, Any] = field(default_factory=dict)
    """Laid over the profile for the deployment alone."""
    mail: Mail = "file"
    mailbox: str | None = None
    """What the suite is told instead of where the mails go."""
    database: Literal["sqlite", "postgres"] = "sqlite"
    django: Mapping[str, Any] = field(default_factory=dict)
    """Django's settings, laid over those that follow from the profile."""
    serving: Serving = "threads"
    workers: int = 2
    pins: str | None = None
    """A file of versions, or of more packages; the profile then says what it has."""
    front: Manners | None = None
    """A proxy before it."""
    tls: bool = False
    """HTTPS, with a certificate that only `[target] ca` makes trusted."""
    config: str = ""
    """Lines of the suite's configuration."""
    given: int = 0
    """So many accounts exist already and are given to the suite."""
    exit: int = 0
    """The right exit code."""
    open: bool = False
    """Whether a `must` may stay inconclusive."""
    leaves: bool = False
    """Whether accounts may be left over."""

    @property
    def requirements(self) -> Path:
        """The file of what its environment holds."""
        if self.pins is None:
            return REQUIREMENTS
        return next(p for folder in (PINS, HERE) if (p := folder / self.pins).is_file())

    def raw_profile(self) -> dict[str, Any]:
        """The profile that the suite is told, as its file has it."""
        return laid_over(_raw(self.profile) if self.raw is None else self.raw, self.change)


def deployments() -> list[Deployment]:
    """Every entry of the list."""
    raw = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return [_read(entry, f"{LIST.name}[{n}]") for n, entry in enumerate(raw)]


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two nested mappings as one; lists and plain values of the upper one win."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(old, Mapping)
        merged[key] = laid_over(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _raw(profile: str) -> dict[str, Any]:
    """The YAML of a profile."""
    if not profile.endswith(".yaml"):
        source = files("authspec_contract") / "profiles" / f"{profile}.yaml"
        text = source.read_text(encoding="utf-8")
    else:
        text = (PROFILES / profile).read_text(encoding="utf-8")
    raw: dict[str, Any] = yaml.safe_load(text)
    return raw


def _read(value: Any, where: str) -> Deployment:
    readers: dict[str, f.Reader] = {
        "name": f.text, "profile": f.text, "config": f.text, "mailbox": f.text, "pins": f.text,
        "change": f.mapping, "hidden": f.mapping, "django": f.mapping,
        "mail": f.one_of(*get_args(Mail)), "database": f.one_of("sqlite", "postgres"),
        "serving": f.one_of(*get_args(Serving)), "workers": f.whole,
        "tls": f.boolean, "open": f.boolean, "leaves": f.boolean, "given": f.whole, "exit": f.whole,
        "front": lambda item, place: Manners(**f.mapping(item, place)),
    }  # fmt: skip
    return f.build(Deployment, value, where, readers)
