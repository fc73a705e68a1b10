"""One run of the suite against one wrong target: which requirements it turned red."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import yaml

from authspec_contract.errors import ResultsError
from authspec_contract.results import Outcome, read_run
from authspec_contract.verdict import verdicts

from ..deployment.faults import FAULTS
from ..deployment.server import RealDjoser
from .source import MODULES, SourceMutant, find_source, source_mutants

KNOWN = Path(__file__).parent / "source.yaml"
"""Which changes of the source are no faults, and where others show."""
OLDER = "tests/mutants/older.yaml"
LONGEST = 240
"""Seconds after which a run counts as hung."""
# Each run is a process of its own, forked from one that has imported everything: that saves the most
# of a second, some 700 times.
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["authspec_conformance.check_command", "authspec_conformance.net", "authspec_conformance.lifecycle",
     "authspec_conformance.session", "authspec_reports.write", "authspec_mock.server"]
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """Something that is wrong on purpose."""

    kind: str
    """`fault` of a real Djoser, `quirk` of the mock, `source` of a real one changed by machine, or
    `stock`: a real Djoser as it is."""
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
    stock = [
        Mutant("stock", "as it is", profile, "What stock Djoser itself gets wrong.", "none", ())
        for profile in sorted({mutant.profile for mutant in faults})
    ]
    quirks = [
        Mutant("quirk", q.name, _profile_of(q.name), q.sentence, q.level, ())
        for q in QUIRKS.values()
        if q.level != "none"  # which nobody can see from outside
    ]
    # a rule that only an older Djoser has
    silent = QUIRKS["resend-mails-nobody"]
    older = Mutant("quirk", silent.name, OLDER, silent.sentence, silent.level, ("RES-013",))
    return [*stock, *faults, *quirks, older]


def machine_made() -> list[Mutant]:
    """A mutant for each change that `source` makes, but for those that nobody can see from outside."""
    known = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
    made = (mutant for module in MODULES for mutant in source_mutants(module))
    return [
        Mutant("source", m.name, _where(m, known["profiles"]), m.what, "must", ())
        for m in made
        if m.name not in known["equivalent"]
    ]


def _where(made: SourceMutant, profiles: Mapping[str, str]) -> str:
    """The profile in which it shows: its own, else its symbol's."""
    return profiles.get(made.name) or profiles.get(made.symbol) or "document"


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
        changed = [find_source(mutant.name)] if mutant.kind == "source" else []
        fault = FAULTS.get(mutant.name)
        with RealDjoser(
            mutant.profile,
            faults=[fault.name] if fault else [],
            workers=fault.workers if fault else 1,
            threads=max(2, fault.threads if fault else 2),
            sources={made.module: made.source() for made in changed},
        ) as real:
            arguments = [
                real.url, "--profile", mutant.profile, "--mailbox", f"file://{real.mail_dir}", *mode,
            ]  # fmt: skip
            return _checked(mutant, arguments, report)


def _checked(mutant: Mutant, arguments: Sequence[str], report: Path) -> Killed:
    first = [] if mutant.expected or mutant.level == "none" else ["--exitfirst"]
    words = ["check", *arguments, *first, "--report", str(report)]
    results, began = report / "results.jsonl", time.monotonic()
    with tempfile.NamedTemporaryFile("r") as output:
        process = _FORKS.Process(target=_authspec, args=(words, output.name))
        process.start()
        code = _watched(process, results, set(mutant.expected), began + LONGEST)
        said = output.read().strip().splitlines()
    try:
        result = read_run(results)
    except ResultsError as error:
        return Killed(mutant.key, code, (), (), said[-1] if said else str(error), 0.0)
    failed = [v for v in verdicts(result) if v.outcome is Outcome.FAIL]
    must = tuple(v.requirement.id for v in failed if v.requirement.level == "must")
    weaker = tuple(v.requirement.id for v in failed if v.requirement.level != "must")
    message = next((v.message for v in failed if v.requirement.level == "must"), "")
    return Killed(mutant.key, code, must, weaker, message, round(time.monotonic() - began, 1))


def _authspec(words: Sequence[str], output: str) -> None:
    """The command line in a process of its own, which writes what it says into a file."""
    from authspec_conformance.cli import console

    with open(output, "wb") as stream:
        for standard in (1, 2):
            os.dup2(stream.fileno(), standard)
    sys.argv[1:] = words
    console()


def _watched(process: BaseProcess, results: Path, expected: set[str], until: float) -> int:
    """The exit code; a run whose requirement is red has shown what it had to, and is ended."""
    seen = 0
    while process.exitcode is None:
        if time.monotonic() > until:
            process.kill()
            return -1
        with suppress(FileNotFoundError), results.open("rb") as stream:
            stream.seek(seen)
            lines = stream.read()
            whole = lines[: lines.rfind(b"\n") + 1]
            seen += len(whole)
            if expected & set(_red(whole)):
                process.kill()
                process.join()
                return 1
        process.join(0.3)
    return process.exitcode


def _red(lines: bytes) -> Iterator[str]:
    for line in lines.splitlines():
        raw = json.loads(line)
        if raw["type"] == "result" and raw["outcome"] == Outcome.FAIL:
            yield raw["requirement"]
