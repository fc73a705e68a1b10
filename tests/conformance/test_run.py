"""Whole runs against the mock: what they write, what they leave, and how they end when they are disturbed."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from authspec_conformance.cli import main
from authspec_conformance.exchange import Call, Reply
from authspec_conformance.journal import Journal
from authspec_conformance.passwords import _COMMON
from authspec_contract.catalogue import load_catalogue
from authspec_contract.results import Outcome, Run, read_run
from authspec_contract.verdict import verdicts
from authspec_mock.server import MockServer

AUTHSPEC = [sys.executable, "-c", "from authspec_conformance.cli import console; console()"]
SCHEMA = Path(__file__).parents[2] / "spec" / "authspec_contract" / "results.schema.json"
PROFILES = Path(__file__).parents[1] / "fidelity" / "profiles"


@dataclass(frozen=True)
class Whole:
    """One run of the default mode, and everything that can be known about it."""

    exit: int
    shown: str
    here: Path
    state: Path
    users: list[dict[str, Any]]
    secrets: set[str]

    @property
    def report(self) -> Path:
        return self.here / "authspec-report"

    @property
    def run(self) -> Run:
        return read_run(self.report / "results.jsonl")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A default run against a mock, watched from outside."""
    folder = tmp_path_factory.mktemp("whole")
    here, state, said = folder / "here", folder / "state", io.StringIO()
    here.mkdir()
    with pytest.MonkeyPatch.context() as patch, MockServer() as server:
        patch.chdir(here)
        patch.setenv("XDG_STATE_HOME", str(state))
        secrets = _listening(patch)
        with redirect_stdout(said), redirect_stderr(said):
            code = main(["check", server.url, "--seed", "7"])
        mails = server.outbox.messages()
        secrets |= {m.mail.token for m in mails if m.mail.token}
        users = server.users()
    return Whole(code, said.getvalue(), here, state, users, secrets)


_KEYS = re.compile(r'"(?:\w*password|auth_token|token|access|refresh)"\s*:\s*"([^"\\]{8,})"')


def _listening(patch: pytest.MonkeyPatch) -> set[str]:
    """The secrets that go over the wire, in a set that grows: found by an eye of its own."""
    secrets: set[str] = set()
    original = Journal.exchange

    def exchange(
        self: Journal, id_: int, call: Call, reply: Reply | None, *more: Any, **named: Any
    ) -> None:
        for name, value in call.headers.items():
            if name == "Authorization":
                secrets.update(value.partition(" ")[2:])
            if name == "Cookie":
                secrets.update(pair.partition("=")[2] for pair in value.split("; "))
        secrets.update(_KEYS.findall(call.body.decode("utf-8", "replace")))
        if reply is not None:
            if reply.status < 400:
                secrets.update(_KEYS.findall(reply.text))
            secrets.update(reply.cookies.values())
        original(self, id_, call, reply, *more, **named)

    patch.setattr(Journal, "exchange", exchange)
    return secrets


# --- an undisturbed run -----------------------------------------------------------------------


def test_a_correct_target_passes(whole):
    assert whole.exit == 0, whole.shown
    assert "PASS (must): " in whole.shown
    footer = whole.run.footer
    assert footer is not None
    assert (footer.exit, footer.leftovers, footer.stopped) == (0, (), None)
    assert footer.accounts > 8
    assert footer.mails > 20


def test_a_whole_run_costs_the_target_at_most_a_hundred_and_eighty_password_hashes(whole):
    assert 100 < whole.run.footer.password_computations <= 180


@pytest.mark.parametrize(
    "profile",
    ["document", "hypersaas", "djoser", "pasted", "revoking", "session-first", "sessions", "sessions-kept",
     "usernames"],
)  # fmt: skip
def test_a_fast_run_costs_the_target_at_most_forty_password_hashes(check, profile):
    file = PROFILES / f"{profile}.yaml"
    result = check("--fast", "--profile", str(file) if file.exists() else profile)
    assert result.exit == 0, result.out
    assert 20 < result.run.footer.password_computations <= 40


def test_every_requirement_has_an_outcome_that_says_why(whole):
    undecided = [v for v in verdicts(whole.run) if v.outcome is Outcome.ERROR]
    assert undecided == []
    unexplained = [
        v.requirement.id
        for v in verdicts(whole.run)
        if v.outcome is not Outcome.PASS and not v.message
    ]
    assert unexplained == []


def test_nothing_is_left_on_the_target(whole):
    assert whole.users == []


def test_nothing_is_written_but_the_report(whole):
    assert [path.name for path in whole.here.iterdir()] == ["authspec-report"]
    assert {path.name for path in whole.report.iterdir()} == {
        "results.jsonl", "report.html", "junit.xml",
    }  # fmt: skip
    assert not [path for path in whole.state.rglob("*") if path.is_file()]


def test_no_secret_of_the_run_is_in_anything_that_it_wrote_or_said(whole):
    # weak passwords are no secrets: the account's own address, those that everybody has
    weak = {word for word in whole.secrets if "@" in word or word in _COMMON}
    secrets = {secret for secret in whole.secrets - weak if len(secret) >= 8}
    assert len(secrets) > 100
    written = {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in whole.report.iterdir()
    }
    written["the terminal"] = whole.shown
    found = {
        (secret, name) for secret in secrets for name, text in written.items() if secret in text
    }
    assert found == set()


def test_each_line_of_the_results_is_of_the_published_format(whole):
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    lines = (whole.report / "results.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["type"] == "header"
    assert json.loads(lines[-1])["type"] == "footer"
    for line in (lines[0], *lines[1:400:20], lines[-1]):
        schema.validate(json.loads(line))


def test_every_failure_shows_its_exchanges(whole):
    run = whole.run
    bare = [
        result.requirement
        for result in run.results
        if result.outcome is Outcome.FAIL and not result.exchanges
    ]
    assert bare == []


def test_every_requirement_of_the_catalogue_is_in_the_file(whole):
    assert [line.id for line in whole.run.header.requirements] == list(
        load_catalogue().requirements
    )


# --- runs of other kinds ----------------------------------------------------------------------


def test_a_wrong_target_fails_with_the_requirement_the_exchange_and_a_curl_line(check):
    result = check("--quirk", "created-as-200", "--only", "REG-001,REG-010")
    assert result.exit == 1
    assert "REG-001 (must) A valid registration answers 201." in result.out
    assert "curl -i -X POST" in result.out
    assert "FAIL (must): " in result.out


def test_the_same_seed_makes_the_same_choices(check):
    def sent() -> list[tuple[str, str]]:
        """All calls; the clean-up makes several at a time, so their order is not always the same."""
        assert check("--only", "REG-010,REG-020,PWD-001", "--seed", "11").exit == 0
        run = Path("authspec-report/results.jsonl").read_text()
        exchanges = [json.loads(line) for line in run.splitlines() if '"exchange"' in line[:20]]
        return sorted((e["method"], e["url"].split("/", 3)[3]) for e in exchanges)

    assert sent() == sent()


def test_without_a_mailbox_the_rest_is_tested_and_the_gap_announced(check, mock):
    result = check(mock.url, "--mailbox", "none", "--only", "REG-001,REG-010,ACT-001")
    assert result.exit == 0
    assert "open (no mailbox)" in result.out


def test_mails_may_come_by_smtp(check):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with MockServer(smtp=f"127.0.0.1:{port}") as server:
        result = check(
            server.url, "--mailbox", f"smtp://127.0.0.1:{port}", "--only", "ACT-001,RST-002"
        )
    assert result.exit == 0, result.out
    assert server.users() == []


def test_mails_may_be_read_by_mailpits_api(check, mock):
    address = f"mailpit+{mock.url}"
    result = check(mock.url, "--mailbox", address, "--only", "ACT-001,RST-002")
    assert result.exit == 0, result.out
    assert result.run.header.mailbox == address


def test_given_accounts_carry_a_run_without_a_mailbox(check, mock, place):
    mock.put_user("ada@example.com", password="pa55-word-of-ada", is_active=True)
    (place / "authspec.toml").write_text(
        '[[accounts.given]]\nlogin = "ada@example.com"\npassword = "pa55-word-of-ada"\n'
    )
    result = check(mock.url, "--mailbox", "none", "--only", "ME-001,LOG-001")
    assert result.exit in {0, 3}
    assert [user["email"] for user in mock.users()] == ["ada@example.com"]
    written = "".join(path.read_text() for path in result.report.iterdir())
    assert "pa55-word-of-ada" not in written + result.out


def test_headers_of_the_configuration_reach_the_target_and_never_the_report(
    check, mock, place, monkeypatch
):
    monkeypatch.setenv("GATE", "open-sesame")
    (place / "authspec.toml").write_text(
        '[target]\nheaders = {X-Gate = "$GATE", X-Api-Key = "litera1"}\n'
    )
    result = check(mock.url, "--only", "REG-001")
    assert result.exit == 0
    written = "".join(path.read_text() for path in result.report.iterdir())
    assert "open-sesame" not in written
    assert "litera1" not in written
    assert "$SECRET_1" in written


def test_exitfirst_stops_at_the_first_failure_and_says_so(check):
    result = check("--quirk", "created-as-200", "--exitfirst", "--only", "REG-001,REG-010,RST-008")
    assert result.exit == 1
    footer = result.run.footer
    assert footer is not None
    assert footer.stopped == "exitfirst"
    decided = {v.requirement.id: v.outcome for v in verdicts(result.run)}
    assert decided["RST-008"] is Outcome.NOT_RUN


def test_max_seconds_ends_the_run_with_3_and_cleans_up(check, mock):
    result = check(mock.url, "--max-seconds", "2.5")
    assert result.exit in {1, 3}
    footer = result.run.footer
    assert footer is not None
    assert footer.stopped == "max-seconds"
    assert footer.leftovers == ()
    assert mock.users() == []
    assert "stopped: max-seconds" in result.out


def test_the_budget_of_accounts_is_never_exceeded(check, mock, place):
    (place / "authspec.toml").write_text("[limits]\naccounts = 2\n")
    result = check(mock.url, "--only", "REG-001,PWD-001,RST-002,ACT-002")
    footer = result.run.footer
    assert footer is not None
    assert footer.accounts <= 2
    made = [r for r in mock.requests() if r["method"] == "POST" and r["path"].endswith("/users/")]
    assert len([r for r in made if r["status"] == 201]) <= 2
    assert "the budget of 2 accounts is spent" in result.out


def test_the_budget_of_mails_is_never_exceeded(check, mock, place):
    (place / "authspec.toml").write_text("[limits]\nmails = 6\n")
    result = check(mock.url, "--only", "REG-001,ACT-001,ACT-002,RST-001,RST-002,RES-001,PWD-001")
    assert len(mock.outbox) <= 6
    assert "the budget of 6 mails is spent; raise [limits] mails" in result.out
    assert mock.users() == []


# --- waivers ----------------------------------------------------------------------------------

WAIVER = '[waivers.{}]\nfailure = "{}"\nreason = "mended in July"\nuntil = {}\n'


@pytest.mark.parametrize(
    ("failure", "until", "code", "said"),
    [
        ("→ 200, expected 201", "2999-01-01", 0, "1 waived"),
        ("→ 200, expected 201", "2020-01-01", 1, "expired on 2020-01-01"),
        ("→ 500", "2999-01-01", 1, "it failed otherwise"),
    ],
)
def test_a_waiver_lets_one_failure_be_as_long_as_it_holds(check, place, failure, until, code, said):
    (place / "authspec.toml").write_text(WAIVER.format("REG-001", failure, until))
    result = check("--quirk", "created-as-200", "--only", "REG-001,REG-010")
    assert result.exit == code, result.out
    assert said in result.out
    (verdict,) = [v for v in verdicts(result.run) if v.requirement.id == "REG-001"]
    assert verdict.outcome is (Outcome.WAIVED if code == 0 else Outcome.FAIL)


def test_a_waiver_that_nothing_needs_fails_the_run(check, place):
    (place / "waivers.toml").write_text(WAIVER.format("REG-001", "x", "2999-01-01"))
    result = check("--waivers", "waivers.toml", "--only", "REG-001")
    assert result.exit == 1
    assert "The waiver of REG-001 is not needed any more" in result.out


# --- disturbed runs ---------------------------------------------------------------------------


def started(place: Path, *words: str) -> "subprocess.Popen[bytes]":
    """A run in a process of its own, once it has made an account."""
    process = subprocess.Popen(
        [*AUTHSPEC, "check", *words],
        cwd=place,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    results, deadline = place / "authspec-report" / "results.jsonl", time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if results.is_file() and results.read_text(errors="replace").count('"status":201') >= 3:
            return process
        time.sleep(0.01)
    process.kill()
    raise AssertionError("the run does not begin")


def test_ctrl_c_in_the_middle_is_130_with_its_accounts_deleted_and_a_footer(place, mock):
    with started(place, mock.url) as process:
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"")
    run = read_run(place / "authspec-report" / "results.jsonl")
    assert run.footer is not None
    assert (run.footer.exit, run.footer.stopped, run.footer.leftovers) == (130, "interrupted", ())
    assert run.footer.verdict.startswith("INTERRUPTED")
    assert mock.users() == []
    assert (place / "authspec-report" / "report.html").exists()


def test_a_run_that_is_told_to_end_ends_as_by_ctrl_c(place, mock):
    with started(place, mock.url) as process:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert mock.users() == []


def test_a_killed_run_leaves_a_file_that_readers_call_cut_short(place, mock):
    with started(place, mock.url) as process:
        process.kill()
        process.communicate(timeout=60)
    run = read_run(place / "authspec-report" / "results.jsonl")
    assert run.footer is None
    assert run.exchanges
    assert {v.message for v in verdicts(run) if v.outcome is Outcome.NOT_RUN} <= {
        "the run was cut short", "not selected by --only",
    }  # fmt: skip
    assert main(["report", "authspec-report/results.jsonl", "-o", "again"]) in {0, 1, 3}


def test_a_target_that_hangs_in_the_middle_ends_the_run_and_its_clean_up_soon(check, place):
    (place / "authspec.toml").write_text("[limits]\ntimeout = 0.2\n")
    with MockServer() as server:
        server.fault(match={"path": "users/me/"}, hang=True, times=10_000)
        start = time.monotonic()
        result = check(server.url, "--only", "ME-001,ME-002,ME-003,PWD-001,DEL-001,LOG-002")
        assert time.monotonic() - start < 30
    assert result.exit == 3, result.out
    footer = result.run.footer
    assert footer is not None
    assert len(footer.leftovers) == len(server.users())
    if footer.leftovers:
        assert "authspec clean authspec-report/results.jsonl tries again" in result.out


def test_the_callers_own_pytest_settings_do_not_get_in(check, place, monkeypatch):
    (place / "pytest.ini").write_text("[pytest]\naddopts = --nope\n")
    (place / "conftest.py").write_text("raise RuntimeError('not for you')\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--nope")
    assert check("--only", "REG-001").exit == 0
    assert os.environ["PYTEST_ADDOPTS"] == "--nope"
