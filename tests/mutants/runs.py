"""One run of the suite against one wrong target: which requirements it turned red."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from authspec_contract.errors import ResultsError
from authspec_contract.results import Outcome, read_run
from authspec_contract.verdict import verdicts

from ..deployment.faults import FAULTS
from ..deployment.server import RealDjoser

CLI = "from authspec_conformance.cli import console; console()"
LONGEST = 240
"""Seconds after which a run counts as hung."""


@dataclass(frozen=True)
class Mutant:
    """Something that is wrong on purpose."""

    kind: str
    """`fault` of a real Djoser, or `quirk` of the mock."""
    name: str
    profile: str
    text: str
    level: str
    expected: tuple[str, ...]
    """Requirements of which at least one must be red; empty: any of them."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}:{self.profile}"


@dataclass(frozen=True)
class Killed:
    """What the suite said about a mutant."""

    key: str
    exit: int
    failed: tuple[str, ...]
    """Failed requirements of level `must`, in the catalogue's order."""
    weaker: tuple[str, ...]
    """Failed requirements of the levels below."""
    message: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def all_mutants() -> list[Mutant]:
    """Every fault in each profile in which it shows, and every quirk of the mock."""
    from authspec_mock.core.quirks import QUIRKS

    faults = [
        Mutant("fault", f.name, profile, f.text, f.level, f.requirement)
        for f in FAULTS.values()
        for profile in f.profiles[:1]
    ]
    quirks = [
        Mutant("quirk", q.name, _profile_of(q.name), q.sentence, "must", ())
        for q in QUIRKS.values()
    ]
    return faults + quirks


def _profile_of(quirk: str) -> str:
    """The profile in which a quirk shows: a session's takes one whose callers log in by session."""
    by_session = quirk.startswith("session-")
    return "tests/fidelity/profiles/session-first.yaml" if by_session else "document"


def run(mutant: Mutant, mode: Sequence[str] = ()) -> Killed:
    """Starts the mutant, checks it, and reads what failed."""
    with tempfile.TemporaryDirectory(prefix="authspec-mutant-") as folder:
        report = Path(folder) / "report"
        if mutant.kind == "quirk":
            return _checked(
                mutant, ["--profile", mutant.profile, "--quirk", mutant.name, *mode], report
            )
        fault = FAULTS[mutant.name]
        with RealDjoser(
            mutant.profile,
            faults=[mutant.name],
            workers=max(1, fault.workers),
            threads=max(2, fault.threads),
        ) as real:
            arguments = [
                real.url, "--profile", mutant.profile, "--mailbox", f"file://{real.mail_dir}", *mode,
            ]  # fmt: skip
            return _checked(mutant, arguments, report)


def _checked(mutant: Mutant, arguments: Sequence[str], report: Path) -> Killed:
    command = [sys.executable, "-c", CLI, "check", *arguments, "--report", str(report)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        code, said = done.returncode, (done.stderr or done.stdout).strip().splitlines()
    except subprocess.TimeoutExpired:
        code, said = -1, [f"no end after {LONGEST} s"]
    try:
        result = read_run(report / "results.jsonl")
    except ResultsError as error:
        return Killed(mutant.key, code, (), (), said[-1] if said else str(error), 0.0)
    failed = [v for v in verdicts(result) if v.outcome is Outcome.FAIL]
    must = tuple(v.requirement.id for v in failed if v.requirement.level == "must")
    weaker = tuple(v.requirement.id for v in failed if v.requirement.level != "must")
    message = next((v.message for v in failed if v.requirement.level == "must"), "")
    seconds = result.footer.seconds if result.footer else 0.0
    return Killed(mutant.key, code, must, weaker, message, seconds)
