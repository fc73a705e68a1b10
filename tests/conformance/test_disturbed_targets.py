"""Targets that fail in the middle of a run: the verdict is clear, soon there, and never our own crash."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from authspec_contract.results import Outcome, Run, read_run
from authspec_contract.verdict import verdicts
from authspec_mock.server import MockServer
from tests.deployment.environment import unavailable
from tests.deployment.front import TROUBLES, Front, Trouble
from tests.deployment.server import RealDjoser

AUTHSPEC = [sys.executable, "-c", "from authspec_conformance.cli import console; console()"]
LIMITS = "[limits]\ntimeout = 1.0\nmail_wait = 2\n"
SECONDS = 12
CLEANING = 30
"""What the clean-up of a silent target may take on top."""
EVERY = bool(os.environ.get("EVERY_TROUBLE"))
"""Every trouble of every length; otherwise those that differ most."""


@dataclass(frozen=True)
class Disturbed:
    """What a run came to whose target failed it."""

    exit: int
    said: str
    run: Run
    seconds: float


def checked(place: Path, url: str, mailbox: str, *words: str) -> Disturbed:
    """A run in a process of its own, which must end by itself."""
    (place / "authspec.toml").write_text(LIMITS)
    command = [*AUTHSPEC, "check", url, "--mailbox", mailbox, "--max-seconds", str(SECONDS)]
    began = time.monotonic()
    done = subprocess.run(
        [*command, *words],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=SECONDS + CLEANING + 30,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    seconds = time.monotonic() - began
    run = read_run(place / "authspec-report" / "results.jsonl")
    return Disturbed(done.returncode, done.stdout + done.stderr, run, seconds)


def clear(result: Disturbed) -> None:
    """Asserts that the verdict is the target's matter, told without a trace of ours."""
    assert result.exit in {1, 3}, result.said
    assert "Traceback" not in result.said
    footer = result.run.footer
    assert footer is not None
    assert footer.exit == result.exit
    assert [v.requirement.id for v in verdicts(result.run) if v.outcome is Outcome.ERROR] == []
    assert result.seconds < SECONDS + CLEANING


def between(first: int, last: int, trouble: Trouble) -> Callable[[int], Trouble | None]:
    """This trouble for the requests from one number to another."""
    return lambda number: trouble if first <= number <= last else None


# --- on the mock ----------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", TROUBLES if EVERY else ("drop", "error"))
def test_a_target_that_fails_for_a_while_leads_to_a_clear_verdict(
    place: Path, mock: MockServer, trouble: Trouble
) -> None:
    with Front(mock.url, trouble=between(60, 75, trouble)) as front:
        result = checked(place, front.url, f"mailpit+{mock.url}", "--fast", "--seed", "3")
    clear(result)
    footer = result.run.footer
    assert footer is not None
    listed = set(footer.leftovers)
    assert {user["email"] for user in mock.users()} <= listed


@pytest.mark.parametrize("trouble", TROUBLES if EVERY else ("hang",))
def test_a_target_that_fails_for_good_leads_to_a_clear_verdict_and_lists_what_is_left(
    place: Path, mock: MockServer, trouble: Trouble
) -> None:
    with Front(mock.url, trouble=between(60, 10**9, trouble)) as front:
        result = checked(place, front.url, f"mailpit+{mock.url}", "--fast", "--seed", "3")
        clear(result)
        assert mock.users()
        footer = result.run.footer
        assert footer is not None
        assert {user["email"] for user in mock.users()} <= set(footer.leftovers)
        assert "authspec clean" in result.said


@pytest.mark.parametrize("trouble", ("drop", "error", "page") if EVERY else ("page",))
def test_a_target_that_fails_now_and_then_leads_to_a_clear_verdict(
    place: Path, mock: MockServer, trouble: Trouble
) -> None:
    def seldom(number: int) -> Trouble | None:
        return trouble if number > 10 and number % 17 == 0 else None

    with Front(mock.url, trouble=seldom) as front:
        clear(checked(place, front.url, f"mailpit+{mock.url}", "--fast", "--seed", "3"))


def test_a_server_error_in_the_middle_is_the_targets_fault_and_shown(
    place: Path, mock: MockServer
) -> None:
    with Front(mock.url, trouble=between(40, 60, "error")) as front:
        words = ("--only", "REG-001,REG-010,REG-024,HTTP-005", "--seed", "3")
        result = checked(place, front.url, f"mailpit+{mock.url}", *words)
    failed = {v.requirement.id for v in verdicts(result.run) if v.outcome is Outcome.FAIL}
    assert result.exit == 1
    assert failed


def test_what_was_left_by_a_broken_target_is_cleaned_up_when_it_is_well_again(
    place: Path, mock: MockServer
) -> None:
    mailbox = f"mailpit+{mock.url}"
    ill = threading.Event()
    ill.set()

    def trouble(number: int) -> Trouble | None:
        return "drop" if number > 60 and ill.is_set() else None

    with Front(mock.url, trouble=trouble) as front:
        clear(checked(place, front.url, mailbox, "--fast"))
        assert mock.users()
        ill.clear()
        command = [*AUTHSPEC, "clean", "authspec-report/results.jsonl", "--mailbox", mailbox]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    assert mock.users() == []


# --- on a real Djoser -----------------------------------------------------------------------------

real_djoser = pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
_SECRETS = re.compile(
    r'"(?:\w*password|auth_token|token|access|refresh|sessionid|csrftoken)"\s*:\s*"([^"\\$]{12,})"'
)


@pytest.mark.real
@real_djoser
def test_a_djoser_that_restarts_in_the_middle_leads_to_a_clear_verdict(place: Path) -> None:
    with RealDjoser("document", workers=2, threads=2) as real:
        results = place / "authspec-report" / "results.jsonl"
        found: list[Disturbed] = []
        thread = threading.Thread(
            target=lambda: found.append(checked(place, real.url, f"file://{real.mail_dir}"))
        )
        thread.start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (
            results.is_file() and results.read_bytes().count(b'"status":201') >= 8
        ):
            time.sleep(0.02)
        real.restart()
        thread.join(SECONDS + CLEANING + 40)
        (result,) = found
        clear(result) if result.exit else None
        footer = result.run.footer
        assert footer is not None
        assert {user["email"] for user in real.users()} <= set(footer.leftovers)


@pytest.mark.real
@real_djoser
def test_nothing_that_a_run_against_a_real_djoser_writes_has_a_secret_in_it(place: Path) -> None:
    """What the server itself holds is looked for: keys of tokens, hashes, the tokens in its mails."""
    with RealDjoser("document", workers=2, threads=2) as real:
        seen: set[str] = set()
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.01):
                rows = real.query("SELECT key FROM authtoken_token")
                seen.update(str(row["key"]) for row in rows)

        thread = threading.Thread(target=watch)
        thread.start()
        result = checked(place, real.url, f"file://{real.mail_dir}", "--fast")
        over.set()
        thread.join(10)
        mails = "".join(path.read_text() for path in real.mail_dir.iterdir())
        seen |= set(re.findall(r"/(?:activate|reset)/[\w-]+/([\w-]{20,})", mails))
    assert len(seen) > 5
    written = {path: path.read_text() for path in (place / "authspec-report").iterdir()}
    written[Path("the terminal")] = result.said
    assert {path.name for path in place.iterdir()} == {"authspec-report", "authspec.toml"}
    for path, text in written.items():
        assert not [secret for secret in seen if secret in text], path.name
    lines = written[place / "authspec-report" / "results.jsonl"].splitlines()
    bodies = [json.dumps(json.loads(line)) for line in lines]
    leaked = {match for body in bodies for match in _SECRETS.findall(body.replace('\\"', '"'))}
    assert leaked == set()
