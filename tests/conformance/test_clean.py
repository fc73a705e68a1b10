"""A run that was killed in the middle can be cleaned up from its results file, and from nothing less."""

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from authspec_conformance import clean_key
from authspec_conformance.cli import main
from authspec_contract.profile_file import load_profile
from authspec_contract.results import read_run
from authspec_mock import MockServer
from tests.deployment.environment import unavailable
from tests.deployment.server import RealDjoser

AUTHSPEC = [sys.executable, "-c", "from authspec_conformance.cli import console; console()"]
WITHOUT_ACTIVATION = """
name: open
djoser: {PASSWORD_RESET_CONFIRM_URL: "reset/{uid}/{token}"}
authentication: [jwt]
user:
  login_field: email
  fields: [{name: id, type: integer, read_only: true}, {name: email, type: email, read_only: true, unique: true}]
  create: [email, id]
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's state folder of this test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "authspec"


def killed_run(tmp_path: Path, url: str, *flags: str, accounts: int = 6) -> Path:
    """The results file of a run that was killed once it had made so many accounts."""
    report = tmp_path / "report"
    results = report / "results.jsonl"
    command = [*AUTHSPEC, "check", url, "--report", str(report), *flags]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            deadline = time.monotonic() + 90
            while registrations(results) < accounts:
                assert process.poll() is None, process.stderr and process.stderr.read().decode()
                assert time.monotonic() < deadline
        finally:
            process.send_signal(signal.SIGKILL)
    return results


def registrations(results: Path) -> int:
    """How many accounts the run has made so far."""
    if not results.exists():
        return 0
    return results.read_bytes().count(b'"status":201')


def keys(state: Path) -> list[Path]:
    return sorted(state.glob("*.key")) if state.exists() else []


# --- on the mock ----------------------------------------------------------------------------------


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


def logins(mock: MockServer) -> list[str]:
    return [user["email"] for user in mock.users()]


def test_a_killed_run_is_cleaned_up_from_its_results_file(
    mock: MockServer, tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = killed_run(tmp_path, mock.url, "--fast")
    assert not read_run(results).complete
    assert mock.users()
    assert len(keys(state)) == 1
    assert main(["clean", str(results)]) == 0
    assert mock.users() == []
    assert keys(state) == []
    assert "0 are left" in capsys.readouterr().out


def test_the_key_is_readable_by_its_user_alone_and_opens_what_the_report_does_not(
    mock: MockServer, tmp_path: Path, state: Path
) -> None:
    results = killed_run(tmp_path, mock.url, "--fast", accounts=3)
    (file,) = keys(state)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key, run = file.read_bytes(), read_run(results)
    passwords = [clean_key.password(key, run.header.run, number) for number in range(1, 50)]
    written = [p.read_bytes() for p in (tmp_path / "report").rglob("*") if p.is_file()]
    for secret in (key.decode(), *passwords):
        assert not any(secret.encode() in text for text in written)
    assert "$PASSWORD_1" in results.read_text()


def test_without_its_key_a_run_is_cleaned_up_by_mail(
    mock: MockServer, tmp_path: Path, state: Path
) -> None:
    results = killed_run(tmp_path, mock.url, "--fast", accounts=3)
    keys(state)[0].unlink()
    assert main(["clean", str(results)]) == 0
    assert mock.users() == []


def test_what_cannot_be_deleted_is_listed(
    mock: MockServer, tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = killed_run(tmp_path, mock.url, "--fast", accounts=3)
    keys(state)[0].unlink()
    left = logins(mock)
    assert main(["clean", str(results), "--mailbox", "none"]) == 3
    printed = capsys.readouterr().out
    assert [login for login in left if login in printed]
    assert "key is not on this machine" in printed
    assert logins(mock) == left


def test_the_key_may_come_from_the_environment(
    mock: MockServer, tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(clean_key.VARIABLE, "a long secret of the pipeline")
    results = killed_run(tmp_path, mock.url, "--fast", accounts=3)
    assert keys(state) == []
    assert main(["clean", str(results)]) == 0
    assert mock.users() == []


def test_without_a_mailbox_the_key_is_enough_where_accounts_need_no_activation(
    tmp_path: Path, state: Path
) -> None:
    file = tmp_path / "open.yaml"
    file.write_text(WITHOUT_ACTIVATION)
    with MockServer(load_profile(str(file))) as mock:
        flags = ("--fast", "--mailbox", "none", "--profile", str(file))
        results = killed_run(tmp_path, mock.url, *flags, accounts=3)
        assert mock.users()
        assert main(["clean", str(results)]) == 0
        assert mock.users() == []


def test_a_registration_whose_answer_was_not_written_down_is_found(
    mock: MockServer, tmp_path: Path
) -> None:
    results = killed_run(tmp_path, mock.url, "--fast", accounts=3)
    lines = results.read_bytes().splitlines(keepends=True)
    created = [n for n, line in enumerate(lines) if b'"status":201' in line]
    results.write_bytes(b"".join(lines[: created[-1]]))
    assert main(["clean", str(results)]) == 0
    assert mock.users() == []


def test_a_run_that_ended_by_itself_has_nothing_to_clean(
    mock: MockServer, tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report"
    words = ["check", mock.url, "--only", "REG-001", "--report", str(report)]
    subprocess.run([*AUTHSPEC, *words], check=True, stdout=subprocess.DEVNULL, timeout=90)
    assert keys(state) == []
    assert main(["clean", str(report / "results.jsonl")]) == 0
    assert "nothing to delete" in capsys.readouterr().out


def test_a_target_that_is_not_there_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with MockServer() as mock:
        results = killed_run(tmp_path, mock.url, "--fast", accounts=1)
    assert main(["clean", str(results)]) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_file_that_is_no_results_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["clean", str(tmp_path / "nope.jsonl")]) == 2
    assert "does not exist" in capsys.readouterr().err


# --- on a real Djoser -----------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
@pytest.mark.parametrize("name", ["document", "djoser", "hypersaas"])
def test_a_killed_run_leaves_nothing_on_a_real_djoser_after_the_clean_up(
    name: str, tmp_path: Path
) -> None:
    with RealDjoser(name) as real:
        mailbox = f"file://{real.mail_dir}"
        flags = ("--profile", name, "--mailbox", mailbox)
        results = killed_run(tmp_path, real.url, *flags, accounts=9)
        assert real.users()
        assert main(["clean", str(results)]) == 0
        assert real.users() == []
