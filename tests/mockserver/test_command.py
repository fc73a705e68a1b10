"""`authspec mock` as a process."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from authspec_mock.__main__ import main
from authspec_mock.server import MockServer

START = [sys.executable, "-m", "authspec_mock"]


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*START, "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_with_0_within_a_second(
    number: signal.Signals, tmp_path: Path
) -> None:
    port_file = tmp_path / "port"
    process = started("--json", "--port-file", str(port_file))
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready["pid"] == process.pid
    assert ready["profile"] == "document"
    assert ready["url"] == f"http://127.0.0.1:{ready['port']}"
    assert port_file.read_text() == f"{ready['port']}\n"
    with requests.get(f"{ready['url']}/_mock/events", stream=True, timeout=5):
        start = time.monotonic()
        process.send_signal(number)
        output, errors = process.communicate(timeout=5)
        assert time.monotonic() - start < 1
    assert (process.returncode, output, errors) == (0, "", "")


def test_it_prints_one_line_with_the_url() -> None:
    process = started("--profile", "djoser")
    assert process.stdout is not None
    line = process.stdout.readline()
    process.terminate()
    output, _ = process.communicate(timeout=5)
    assert "http://127.0.0.1:" in line
    assert "djoser" in line
    assert output == ""


def test_a_port_in_use_is_one_sentence_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    with MockServer() as server:
        result = subprocess.run(
            [*START, "--port", str(server.port)], capture_output=True, text=True, timeout=20
        )
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "in use" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--profile", "documnt"], "'document'"),
        (["--frontend", "x"], "web address"),
        (["--host", "0.0.0.0"], "--control-token"),
        (["--port", "70000"], "0 to 65535"),
        (["--host", "no.such.host.invalid"], "--host"),
        (["--quirk", "nope"], "quirk"),
        (["--load", "/nowhere.json"], "does not exist"),
        (["--port-file", "/nowhere/at/all"], "--port-file"),
        (["--exec"], "lacks a command"),
        (["wiat"], "wait"),
        (["wait"], "one URL"),
        (["wait", "ftp://x"], "web address"),
        (["--port", "0", "--exec", "--", "no-such-command-here"], "cannot run"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(arguments: list[str], named: str) -> None:
    result = subprocess.run([*START, *arguments], capture_output=True, text=True, timeout=20)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert named in result.stderr


def test_exec_hands_the_url_over_and_the_exit_code_on() -> None:
    script = (
        "import os, sys, urllib.request as u\n"
        "print(u.urlopen(os.environ['AUTHSPEC_MOCK_URL'] + '/_mock/health').status)\n"
        "sys.exit(7)"
    )
    result = subprocess.run(
        [*START, "--port", "0", "--exec", "--", sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (result.returncode, result.stdout) == (7, "200\n")


def test_wait_ends_when_the_mock_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with MockServer() as server:
        assert main(["wait", server.url, "--timeout", "5"]) == 0
    assert "document" in capsys.readouterr().out


def test_wait_gives_up_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wait", "http://127.0.0.1:9", "--timeout", "0.1"]) == 3
    assert "No mock at" in capsys.readouterr().err


def test_the_flags_cost_no_heavy_import() -> None:
    script = (
        "import sys, argparse, authspec_mock.command as c\n"
        "c.add_arguments(argparse.ArgumentParser())\n"
        "heavy = {'starlette', 'uvicorn', 'yaml', 'prance', 'schemathesis', 'pytest', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr


def test_a_running_mock_has_imported_no_checker() -> None:
    script = (
        "import sys\nfrom authspec_mock import MockServer\nimport urllib.request as u\n"
        "with MockServer() as m:\n    for p in ('/_mock/health', '/openapi.json', '/docs', '/'):\n"
        "        u.urlopen(m.url + p).read()\n"
        "heavy = {'prance', 'openapi_spec_validator', 'schemathesis', 'hypothesis', 'pytest'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr


def test_a_signal_while_it_still_starts_ends_it_with_0() -> None:
    process = subprocess.Popen([*START, "--port", "0"], stdout=subprocess.DEVNULL)
    # as early as the handlers can be there: once the interpreter runs our code
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not _handles_term(process.pid):
        time.sleep(0.002)
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0


def _handles_term(pid: int) -> bool:
    if not os.path.isdir("/proc/self"):
        pytest.skip("needs /proc")
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
