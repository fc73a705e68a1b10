"""A check in several processes: one file, one account of what happened, and nothing left, however it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from authspec_conformance.accounts import BLOCK
from authspec_conformance.cli import main
from authspec_conformance.settings import GivenAccount, Limits, Settings
from authspec_conformance.worker import share
from authspec_contract.results import Outcome, Run, read_run
from authspec_contract.verdict import verdicts
from authspec_mock.server import MockServer

AUTHSPEC = [sys.executable, "-c", "from authspec_conformance.cli import console; console()"]
SOME = "REG-001,REG-010,PWD-001,RST-002,ACT-001,ME-001,DEL-001,LOG-001,MAIL-003,HTTP-005"


@pytest.fixture
def mock():
    """A mock of the test's own, reached from other processes."""
    with MockServer() as server:
        yield server


def outcomes(run: Run) -> dict[str, Outcome]:
    return {v.requirement.id: v.outcome for v in verdicts(run)}


def soon(condition: Callable[[], object], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def children(pid: int) -> set[int]:
    """The processes that this one started and that still run."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return {int(word) for word in found.stdout.split()}


# --- an undisturbed run -------------------------------------------------------------------------


def test_two_workers_come_to_what_one_process_comes_to(check, mock):
    alone = outcomes(check(mock.url, "--fast", "--seed", "5").run)
    result = check(mock.url, "--fast", "--seed", "5", "--workers", "2")
    assert result.exit == 0, result.out
    assert ", 2 workers" in result.out
    assert outcomes(result.run) == alone
    assert mock.users() == []


def test_the_file_is_one_run_in_which_no_number_name_or_address_occurs_twice(check, mock):
    result = check(mock.url, "--fast", "--workers", "3")
    text = (result.report / "results.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    kinds = [line["type"] for line in lines]
    assert (kinds[0], kinds[-1]) == ("header", "footer")
    assert (kinds.count("header"), kinds.count("footer")) == (1, 1)
    ids = [line["id"] for line in lines if line["type"] == "exchange"]
    assert len(ids) == len(set(ids))
    made = [
        (exchange.id % 3, json.loads(exchange.request.body)["email"])
        for exchange in result.run.exchanges.values()
        if exchange.status == 201 and exchange.method == "POST"
    ]
    # an address may be registered again, yet only by its own worker
    owners = {(worker, number_in(address) // BLOCK) for worker, address in made}
    assert sorted(block for _, block in owners) == [1, 2, 3]
    footer = result.run.footer
    assert footer is not None
    assert footer.requests >= len(ids)
    assert footer.accounts == len(made)


def test_no_secret_of_any_worker_is_in_what_was_written_or_said(check, mock):
    result = check(mock.url, "--fast", "--workers", "2")
    secrets = {m.mail.token for m in mock.outbox.messages() if m.mail.token}
    assert len(secrets) > 10
    said = result.out + "".join(path.read_text() for path in result.report.iterdir())
    assert "Vq7-" not in said  # so begins every password of the run
    assert not [secret for secret in secrets if secret in said]


def test_each_failure_shows_exchanges_of_its_own_worker(check):
    result = check("--quirk", "created-as-200", "--only", SOME, "--workers", "2")
    assert result.exit == 1
    assert "REG-001 (must) A valid registration answers 201." in result.out
    shown = [r.exchanges for r in result.run.results if r.outcome is Outcome.FAIL and r.exchanges]
    assert shown
    assert all(len({id_ % 2 for id_ in exchanges}) == 1 for exchanges in shown)


def test_mails_that_only_one_process_can_receive_reach_the_worker_that_they_concern(check):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with MockServer(smtp=f"127.0.0.1:{port}") as server:
        box = f"smtp://127.0.0.1:{port}"
        result = check(server.url, "--mailbox", box, "--only", SOME, "--workers", "2")
        assert result.exit == 0, result.out
        assert server.users() == []


def test_more_workers_than_tests_do_no_harm(check, mock):
    result = check(mock.url, "--only", "REG-001", "--workers", "3")
    assert result.exit == 0, result.out
    assert mock.users() == []


def test_where_no_mail_comes_what_looks_back_on_them_stays_open(check):
    result = check("--profile", "djoser", "--only", "HTTP-001,MAIL-003", "--workers", "2")
    assert outcomes(result.run)["MAIL-003"] is Outcome.INCONCLUSIVE


def test_a_shard_may_have_workers(check):
    some = ("--profile", "djoser", "--only", "HTTP-001,ME-001,REG-001,MAIL-003")
    result = check(*some, "--workers", "2", "--shard", "1/2")
    assert result.exit == 0, result.out
    assert ", 2 workers, shard 1/2" in result.out
    assert outcomes(result.run)["MAIL-003"] in {Outcome.PASS, Outcome.NOT_RUN}
    assert [v for v in verdicts(result.run) if v.message == "of another shard, 2/2"]


def test_what_is_shared_out_beforehand_adds_up():
    whole = Settings(limits=Limits(rate=9.0, requests=100), max_seconds=60)
    parts = [share(whole, number, 3, 50.0) for number in (1, 2, 3)]
    assert sum(part.limits.rate for part in parts) == 9.0
    assert sum(part.limits.requests for part in parts) <= 100
    assert {part.max_seconds for part in parts} == {50.0}
    given = tuple(GivenAccount(f"{n}@example.com", "x") for n in range(4))
    logins = [
        [a.login[0] for a in share(replace(whole, given=given), n, 3, None).given]
        for n in (1, 2, 3)
    ]
    assert logins == [["0", "3"], ["1"], ["2"]]


# --- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["accounts = 3", "mails = 12"])
def test_the_budgets_hold_for_all_workers_together(check, mock, place, limit):
    name, _, most = limit.partition(" = ")
    (place / "authspec.toml").write_text(f"[limits]\n{limit}\n")
    result = check(mock.url, "--fast", "--workers", "2")
    made = [r for r in mock.requests() if r["method"] == "POST" and r["path"].endswith("/users/")]
    used = {
        "accounts": sum(r["status"] == 201 for r in made),
        "mails": len(mock.outbox),
    }
    assert 0 < used[name] <= int(most)
    assert f"the budget of {most} {name} is spent; raise [limits] {name}" in result.out
    assert mock.users() == []


def test_exitfirst_ends_the_other_workers_as_well(check):
    result = check("--quirk", "created-as-200", "--exitfirst", "--workers", "2")
    assert result.exit == 1, result.out
    footer = result.run.footer
    assert footer is not None
    assert (footer.stopped, footer.leftovers) == ("exitfirst", ())
    found = verdicts(result.run)
    assert not [v for v in found if "interrupted" in v.message]
    assert sum(v.message == "the run stopped at the first failure" for v in found) > 50


def test_max_seconds_ends_all_workers_and_they_clean_up(check, mock):
    result = check(mock.url, "--max-seconds", "4", "--workers", "2")
    assert result.exit in {1, 3}, result.out
    footer = result.run.footer
    assert footer is not None
    assert (footer.stopped, footer.leftovers) == ("max-seconds", ())
    assert mock.users() == []


@pytest.mark.parametrize("number", ["0", "-1", "33"])
def test_a_number_of_workers_that_cannot_be_is_refused_in_one_sentence(check, number):
    result = check("--workers", number)
    assert result.exit == 2
    assert result.err == f"authspec: --workers is {number}; give a number from 1 to 32.\n"


# --- disturbed runs -----------------------------------------------------------------------------


@pytest.fixture
def started(place: Path, mock: MockServer) -> "subprocess.Popen[bytes]":
    """A run with two workers, once both have made an account."""
    process = subprocess.Popen(
        [*AUTHSPEC, "check", mock.url, "--workers", "2"],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert soon(lambda: len(workers_of(mock.users())) == 2), "the run does not begin"
    return process


def workers_of(users: Sequence[dict[str, object]]) -> set[int]:
    """The workers whose accounts these are."""
    return {number_in(str(user["email"])) // BLOCK for user in users}


def number_in(address: str) -> int:
    return int(address.partition("@")[0].rpartition("-")[2])


def whole_run(place: Path) -> Run:
    return read_run(place / "authspec-report" / "results.jsonl")


@pytest.mark.parametrize("group", [False, True], ids=["to the parent", "to the whole group"])
def test_ctrl_c_lets_every_worker_delete_its_accounts(place, mock, started, group):
    with started as process:
        if group:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"")
    footer = whole_run(place).footer
    assert footer is not None
    assert (footer.exit, footer.stopped, footer.leftovers) == (130, "interrupted", ())
    assert mock.users() == []


def test_workers_whose_parent_is_killed_delete_their_accounts_and_end(place, mock, started):
    workers = children(started.pid)
    with started as process:
        process.kill()
        process.communicate(timeout=60)
    assert soon(lambda: mock.users() == [])
    assert soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    run = whole_run(place)
    assert run.footer is None
    assert any(exchange.method == "DELETE" for exchange in run.exchanges.values())


def test_what_a_killed_group_left_is_cleaned_from_its_file(place, mock, started):
    with started as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
    assert mock.users()
    assert whole_run(place).footer is None
    assert main(["clean", "authspec-report/results.jsonl"]) == 0
    assert mock.users() == []


def test_a_worker_that_dies_ends_the_run_as_our_fault_and_its_accounts_are_listed(
    place, mock, started
):
    victim = max(children(started.pid))
    with started as process:
        os.kill(victim, signal.SIGKILL)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert b"of 2 ended unexpectedly (exit code -9); its test is not decided" in said
    footer = whole_run(place).footer
    assert footer is not None
    left = {str(user["email"]) for user in mock.users()}
    assert left <= set(footer.leftovers)
    assert main(["clean", "authspec-report/results.jsonl"]) == 0
    assert mock.users() == []
