"""Correct deployments of many kinds: what the suite must be green on."""

import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile
from authspec_contract.results import Outcome, Run, read_run
from authspec_contract.verdict import RequirementVerdict, verdicts

from ..deployment.server import RealDjoser

CLI = "from authspec_conformance.cli import console; console()"
FIDELITY_PROFILES = Path(__file__).parent.parent / "fidelity" / "profiles"


@dataclass(frozen=True)
class Deployment:
    """A way to run a correct Djoser."""

    name: str
    profile: str
    """A shipped name or a file."""
    mail: str = "file"
    """`file` or `smtp`."""
    options: dict[str, Any] = field(default_factory=dict)
    """For `RealDjoser`."""


def deployments() -> list[Deployment]:
    """The shipped profiles by folder and by SMTP, and every profile of the fidelity tests."""
    shipped = [Deployment(name, name) for name in ("document", "hypersaas", "djoser")]
    by_smtp = [Deployment(f"{name}-smtp", name, mail="smtp") for name in ("document", "hypersaas")]
    others = [Deployment(path.stem, str(path)) for path in sorted(FIDELITY_PROFILES.glob("*.yaml"))]
    return shipped + by_smtp + others


@dataclass(frozen=True)
class Checked:
    """What the suite said about a deployment, and what was left on it."""

    code: int
    run: Run
    said: str
    users: list[dict[str, Any]]

    @property
    def unsound(self) -> list[RequirementVerdict]:
        """The `must` requirements that failed, broke or stayed open."""
        bad = {Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE}
        return [v for v in verdicts(self.run) if v.requirement.level == "must" and v.outcome in bad]

    def told(self) -> str:
        """The complaints, for a failed assertion."""
        lines = [f"{v.requirement.id} {v.outcome}: {v.message}" for v in self.unsound]
        return f"exit {self.code}\n" + "\n".join(lines) + f"\n{self.said[-600:]}"


def checked(deployment: Deployment, report: Path, arguments: Sequence[str] = ()) -> Checked:
    """Starts the deployment, checks it, and looks at what is left."""
    mail = "file" if deployment.mail == "file" else f"smtp://127.0.0.1:{free_port()}"
    options = {"workers": 2, "threads": 2, **deployment.options}
    profile: Profile = load_profile(deployment.profile)
    with RealDjoser(profile, mail=mail, **options) as real:
        mailbox = f"file://{real.mail_dir}" if mail == "file" else mail
        done = check_command(real, deployment.profile, mailbox, report, arguments)
        return Checked(
            done.returncode,
            read_run(report / "results.jsonl"),
            done.stdout + done.stderr,
            real.users(),
        )


def check_command(
    real: RealDjoser, profile: str, mailbox: str, report: Path, arguments: Sequence[str] = ()
) -> "subprocess.CompletedProcess[str]":
    """`authspec check` of a running Djoser, in a process of its own."""
    command = [
        sys.executable, "-c", CLI, "check", real.url, "--profile", profile,
        "--mailbox", mailbox, "--report", str(report), *arguments,
    ]  # fmt: skip
    return subprocess.run(
        command, capture_output=True, text=True, timeout=400, check=False, stdin=subprocess.DEVNULL
    )


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
