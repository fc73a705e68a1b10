"""Starts a deployment, runs `authspec check` against it, and says what came of it."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from authspec_contract.errors import ResultsError
from authspec_contract.profile import Profile
from authspec_contract.profile_file import profile_from_mapping
from authspec_contract.results import Outcome, Run, read_run
from authspec_contract.verdict import RequirementVerdict, verdicts

from ..deployment.certificates import private_ca
from ..deployment.environment import pinned_versions
from ..deployment.front import Front
from ..deployment.mail_servers import (
    MailServer,
    MailServerMissingError,
    dovecot_server,
    maildev_server,
    maildir_server,
)
from ..deployment.postgres import Postgres, postgres_programs
from ..deployment.server import RealDjoser
from .deployments import Deployment, Mail, laid_over

CLI = "from authspec_conformance.cli import console; console()"
LONGEST = 600.0
"""Seconds after which a run counts as hung."""
_GIVEN_PASSWORD = "Given-Account-{}-Kiesel"
_BAD = {Outcome.FAIL, Outcome.ERROR}


class UnavailableError(Exception):
    """Something that the deployment is made of is not installed here; its text says what."""


@dataclass(frozen=True)
class Checked:
    """What the suite said about a deployment, and what was left on it."""

    code: int
    run: Run
    said: str
    users: list[dict[str, Any]]
    """Those that are left, without the given ones."""
    unsound: list[RequirementVerdict]
    """The `must` requirements that failed, broke or, where they may not, stayed open."""
    harmed: bool = False
    """Whether an account that was given is not as it was."""

    def told(self) -> str:
        """The complaints, for a failed assertion."""
        lines = [f"{v.requirement.id} {v.outcome}: {v.message}" for v in self.unsound]
        return f"exit {self.code}\n" + "\n".join(lines) + f"\n{self.said[-1500:]}"


@dataclass(frozen=True)
class _Started:
    """A deployment that serves, and how the suite reaches it."""

    real: RealDjoser
    url: str
    mailbox: str
    config: str


def checked(
    deployment: Deployment,
    folder: Path,
    arguments: Sequence[str] = (),
    *,
    hasher: Literal["fast", "default"] = "fast",
    longest: float = LONGEST,
) -> Checked:
    """Starts the deployment, checks it, and looks at what is left.

    Raises UnavailableError where it cannot be started here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    profile = folder / "profile.yaml"
    raw = _with_versions(deployment)
    profile.write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    report = folder / "report"
    with _started(deployment, raw, folder, hasher) as started:
        config = folder / "authspec.toml"
        config.write_text(started.config, encoding="utf-8")
        before = _given(started.real)
        done = check_command(
            started.url,
            str(profile),
            started.mailbox,
            report,
            ["--config", str(config), *arguments],
            longest=longest,
        )
        given, users = _given(started.real), started.real.users()
    run = read_run(report / "results.jsonl")
    bad = _BAD if deployment.open else {*_BAD, Outcome.INCONCLUSIVE}
    unsound = [v for v in verdicts(run) if v.requirement.level == "must" and v.outcome in bad]
    made = [user for user in users if user["email"] not in given]
    harmed = given != before
    return Checked(done.returncode, run, done.stdout + done.stderr, made, unsound, harmed)


def check_command(
    url: str,
    profile: str,
    mailbox: str,
    report: Path,
    arguments: Sequence[str] = (),
    *,
    longest: float = LONGEST,
) -> "subprocess.CompletedProcess[str]":
    """`authspec check` of a running deployment, in a process of its own; killed when it takes too long."""
    command = [
        sys.executable, "-c", CLI, "check", url, "--profile", profile,
        "--mailbox", mailbox, "--report", str(report), *arguments,
    ]  # fmt: skip
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=longest)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += f"\nno end after {longest:g} s"
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _with_versions(deployment: Deployment) -> dict[str, Any]:
    raw = deployment.raw_profile()
    if deployment.pins is None:
        return raw
    pinned = pinned_versions(deployment.requirements)
    names = ("djoser", "django", "drf", "simplejwt")
    return {**raw, "versions": {name: getattr(pinned, name) for name in names}}


@contextmanager
def _started(
    deployment: Deployment, raw: dict[str, Any], folder: Path, hasher: Literal["fast", "default"]
) -> Iterator[_Started]:
    profile = profile_from_mapping(laid_over(raw, deployment.hidden), source=deployment.name)
    with ExitStack() as stack:
        server = stack.enter_context(_mail_server(deployment.mail, folder))
        real = stack.enter_context(
            RealDjoser(
                profile,
                hasher=hasher,
                mail=server.smtp if server else "file",
                workers=deployment.workers,
                threads=2,
                serving=deployment.serving,
                database=stack.enter_context(_database(deployment)),
                requirements=deployment.requirements,
                settings=deployment.django,
            )
        )
        url, config = real.url, ""
        if deployment.tls or deployment.front is not None:
            certificates = private_ca(folder) if deployment.tls else None
            front = Front(
                real.url,
                deployment.front,
                certificate=certificates.server if certificates else None,
            )
            url = stack.enter_context(front).url
            if certificates:
                config = f'[target]\nca = "{certificates.ca}"\n'
        config += deployment.config
        config += "".join(_given_account(real, profile, n) for n in range(deployment.given))
        mailbox = server.mailbox if server else f"file://{real.mail_dir}"
        yield _Started(real, url, deployment.mailbox or mailbox, config)


@contextmanager
def _database(deployment: Deployment) -> Iterator[str]:
    if deployment.database == "sqlite":
        yield "sqlite"
        return
    if postgres_programs() is None:
        raise UnavailableError("PostgreSQL is not here: apt-get install postgresql")
    with Postgres() as server:
        yield server.database()


@contextmanager
def _mail_server(mail: Mail, folder: Path) -> Iterator[MailServer | None]:
    if mail == "file":
        yield None
        return
    if mail == "smtp":
        from ..deployment.mail_servers import free_port

        url = f"smtp://127.0.0.1:{free_port()}"  # the suite itself listens there
        yield MailServer(url, url)
        return
    servers = {
        "slow": lambda: maildir_server(folder / "mails", fastest=1.0, slowest=3.0),
        "maildev": maildev_server,
        "imap": dovecot_server,
    }
    with ExitStack() as stack:
        try:
            server = stack.enter_context(servers[mail]())
        except MailServerMissingError as error:
            raise UnavailableError(str(error)) from None
        yield server


def _given_account(real: RealDjoser, profile: Profile, number: int) -> str:
    """Makes an account as an administrator would; its lines of the configuration."""
    password, login = _GIVEN_PASSWORD.format(number), profile.user.login_field
    values = {"email": f"given-{number}@example.com", login: f"given-{number}@example.com"}
    values |= _required(profile)
    real.make_user(**values, password=password)
    return f'[[accounts.given]]\nlogin = "{values[profile.login_field]}"\npassword = "{password}"\n'


def _given(real: RealDjoser) -> dict[str, tuple[Any, ...]]:
    """What must not change about the given accounts: address → the rest."""
    kept = ("password", "is_active", "is_staff")
    return {
        user["email"]: tuple(user[name] for name in kept)
        for user in real.users()
        if user["email"].startswith("given-")
    }


def _required(profile: Profile) -> dict[str, str]:
    """A text for each text that a user has to have."""
    known = {"email", profile.user.login_field, profile.user.email_field}
    fields = (*profile.user.create, *profile.user.fields)
    return {f.name: "given" for f in fields if f.required and f.is_text and f.name not in known}


# --- one line of the table ------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What one run came to, as the state file keeps it."""

    deployment: str
    seed: int
    hasher: str
    mode: str
    sound: bool
    exit: int | None = None
    """None: it did not run; `message` says why."""
    failed: tuple[str, ...] = ()
    """`must` requirements that failed, broke or stayed open where they may not, each with its sentence."""
    weaker: tuple[str, ...] = ()
    """Failed requirements of the levels below, which are no false alarms of the gate."""
    left: int = 0
    seconds: float = 0.0
    hashes: int = 0
    message: str = ""

    @property
    def key(self) -> str:
        return f"{self.deployment}:{self.seed}:{self.hasher}:{self.mode}"

    @property
    def skipped(self) -> bool:
        return self.exit is None and self.sound


def row_of(
    deployment: Deployment, seed: int, hasher: Literal["fast", "default"], mode: str, longest: float
) -> Row:
    """One run; whatever happens to it becomes a row."""
    row = Row(deployment.name, seed, hasher, mode, sound=False)
    arguments = ["--seed", str(seed), *([f"--{mode}"] if mode != "default" else [])]
    with tempfile.TemporaryDirectory(prefix="authspec-sound-") as folder:
        try:
            result = checked(deployment, Path(folder), arguments, hasher=hasher, longest=longest)
        except UnavailableError as error:
            return replace(row, sound=True, message=f"skipped: {error}")
        except ResultsError as error:
            return replace(row, message=f"no results: {error}")
        except Exception as error:
            return replace(row, message=f"{type(error).__name__}: {error}"[:2000])
    footer = result.run.footer
    left = 0 if deployment.leaves else len(result.users)
    return replace(
        row,
        sound=result.code == deployment.exit and not (result.unsound or left or result.harmed),
        exit=result.code,
        failed=tuple(f"{v.requirement.id} {v.outcome}: {v.message}" for v in result.unsound),
        weaker=tuple(
            v.requirement.id
            for v in verdicts(result.run)
            if v.requirement.level != "must" and v.outcome is Outcome.FAIL
        ),
        left=left,
        seconds=footer.seconds if footer else 0.0,
        hashes=footer.password_computations if footer else 0,
        message=("a given account was changed; " if result.harmed else "")
        + (footer.verdict if footer else result.said.strip()[-500:]),
    )
