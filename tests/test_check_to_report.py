"""From `authspec check` on the embedded mock to its reports, as processes; and the same when it is killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from authspec_contract.results import read_run
from authspec_contract.verdict import totals, verdicts

AUTHSPEC = (sys.executable, "-c", "from authspec_conformance.cli import console; console()")


def authspec(*words: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*AUTHSPEC, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def checked(tmp_path_factory) -> Path:
    """The folder in which the embedded mock was checked."""
    folder = tmp_path_factory.mktemp("checked")
    done = authspec("check", "--fast", "--seed", "1", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "authspec-report/report.html" in done.stdout
    return folder


def test_nothing_but_the_report_folder_is_written(checked):
    assert os.listdir(checked) == ["authspec-report"]
    assert sorted(os.listdir(checked / "authspec-report")) == [
        "junit.xml",
        "report.html",
        "results.jsonl",
    ]


def test_every_line_satisfies_the_schema(checked):
    schema = json.loads((files("authspec_contract") / "results.schema.json").read_text())
    validator = Draft202012Validator(schema)
    lines = (checked / "authspec-report" / "results.jsonl").read_bytes().splitlines()
    assert len(lines) > 100
    assert [
        error.message for line in lines for error in validator.iter_errors(json.loads(line))
    ] == []


def test_the_counts_of_footer_and_junit_are_those_of_the_results(checked):
    run = read_run(checked / "authspec-report" / "results.jsonl")
    counted = totals(verdicts(run))
    root = ET.parse(checked / "authspec-report" / "junit.xml").getroot()
    assert run.footer is not None
    assert run.footer.totals == counted
    assert int(root.get("failures", "")) == counted["fail"]
    assert int(root.get("errors", "")) == counted["error"] == 0
    assert int(root.get("tests", "")) == len(run.header.requirements)


def test_nothing_was_left_behind(checked):
    run = read_run(checked / "authspec-report" / "results.jsonl")
    assert run.footer is not None
    assert run.footer.leftovers == ()


def test_a_killed_run_leaves_a_readable_file_that_says_so(tmp_path):
    results = tmp_path / "authspec-report" / "results.jsonl"
    process = started(["check", "--fast"], tmp_path)
    try:
        until(
            lambda: results.exists() and results.read_bytes().count(b'{"type":"result"') > 30,
            process,
        )
    finally:
        process.kill()
        process.wait()
    assert not read_run(results).complete
    done = authspec("report", str(results), folder=tmp_path)
    assert done.returncode == 0
    assert "This run was cut short" in done.stdout
    assert "This run was cut short" in (results.parent / "report.html").read_text(encoding="utf-8")


def started(words: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*AUTHSPEC, *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def until(condition, process, seconds: float = 120) -> None:
    """Waits for the condition; the process must not end before."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline, "it came to nothing"
        time.sleep(0.02)
