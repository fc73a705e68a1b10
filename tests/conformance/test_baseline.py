"""A run held against an earlier one: what is new fails it, what was known does not, and each is said."""

from dataclasses import replace
from pathlib import Path

import pytest

from authspec_conformance.baseline import read_baseline
from authspec_conformance.gate import exit_code, verdict_line
from authspec_conformance.settings import Settings
from authspec_contract.results import Outcome, Result, ResultsWriter, Run, read_run
from tests.reports.sample import lines_of, requirement, run_of

from .sample import verdict

ONE, TWO, THREE = (requirement(f"REG-00{n}") for n in (1, 2, 3))


def kept(path: Path, *outcomes: Outcome, **changes: object) -> Path:
    """The results file of a run in which REG-001, REG-002 … came to these outcomes."""
    lines = (ONE, TWO, THREE)[: len(outcomes)]
    results = [
        Result(line.id, "t", outcome, "found")
        for line, outcome in zip(lines, outcomes, strict=True)
    ]
    path.write_text(lines_of(run_of(lines, results, **changes)))
    return path


# --- what counts --------------------------------------------------------------------------------


def test_new_known_and_fixed_are_by_requirement(tmp_path):
    path = kept(tmp_path / "b.jsonl", Outcome.FAIL, Outcome.FAIL, Outcome.PASS)
    now = [
        verdict(outcome, id_=id_)
        for id_, outcome in (
            ("REG-001", Outcome.FAIL), ("REG-002", Outcome.PASS), ("REG-003", Outcome.FAIL),
        )
    ]  # fmt: skip
    against = read_baseline(path).against(now, ())
    assert (against.known, against.fixed, against.new) == (("REG-001",), ("REG-002",), ("REG-003",))


@pytest.mark.parametrize("then", [Outcome.WAIVED, Outcome.INCONCLUSIVE, Outcome.ERROR])
def test_what_did_not_fail_there_is_new_however_little_it_passed(tmp_path, then):
    path = kept(tmp_path / "b.jsonl", then)
    assert read_baseline(path).against([verdict(Outcome.FAIL)], ()).new == ("REG-001",)


@pytest.mark.parametrize(
    ("decided", "known", "code"),
    [
        ([Outcome.FAIL, Outcome.PASS], {"R-0"}, 0),
        ([Outcome.FAIL], {"R-0"}, 0),
        ([Outcome.FAIL, Outcome.FAIL], {"R-0"}, 1),
        ([Outcome.FAIL, Outcome.INCONCLUSIVE], {"R-0"}, 3),
        ([Outcome.FAIL, Outcome.INCONCLUSIVE], {"R-0", "R-1"}, 3),
        ([Outcome.FAIL, Outcome.ERROR], {"R-0", "R-1"}, 4),
    ],
)
def test_the_gate_lets_known_failures_be_and_nothing_else(decided, known, code):
    found = [verdict(outcome, id_=f"R-{n}") for n, outcome in enumerate(decided)]
    assert exit_code(found, Settings(), None, False, False, known) == code


def test_the_verdict_counts_the_known_failures():
    found = [verdict(Outcome.FAIL), verdict(Outcome.PASS)]
    said = verdict_line(0, found, Settings(), None, (), False, {"REG-001"})
    assert said == "PASS (must): 1 pass, 1 fail (1 known from the baseline)"


# --- whole runs ---------------------------------------------------------------------------------

WRONG = ("--quirk", "created-as-200", "--only", "REG-001,REG-010")


def test_a_failure_of_the_baseline_does_not_fail_the_run_and_stays_a_failure(check):
    assert check(*WRONG).exit == 1
    # the file that this run writes anew
    result = check(*WRONG, "--baseline", "authspec-report/results.jsonl", "--exitfirst")
    assert result.exit == 0, result.out
    assert "0 new failures, 1 known, 0 fixed." in result.out
    assert "PASS (must): 1 pass, 1 fail (1 known from the baseline)" in result.out
    footer = result.run.footer
    assert footer is not None
    assert footer.baseline is not None
    assert (footer.stopped, footer.baseline.known) == (None, ("REG-001",))
    page = (result.report / "report.html").read_text()
    assert "Since the baseline" in page


def test_a_new_failure_fails_the_run_and_a_mended_one_is_named(check):
    some = ("--only", "REG-001,REG-010")
    assert check(*some, "--report", "good").exit == 0
    result = check(*WRONG, "--baseline", "good/results.jsonl")
    assert result.exit == 1
    assert "1 new failure, 0 known, 0 fixed." in result.out
    result = check(*some, "--baseline", "authspec-report/results.jsonl")
    assert result.exit == 0
    assert "Fixed: REG-001" in result.out


def test_workers_know_the_baseline_too(check):
    assert check(*WRONG).exit == 1
    flags = ("--baseline", "authspec-report/results.jsonl", "--workers", "2", "--exitfirst")
    result = check(*WRONG, *flags)
    assert result.exit == 0, result.out
    assert result.run.footer is not None
    assert result.run.footer.stopped is None


def test_a_baseline_of_another_contract_or_profile_is_said_in_one_line_each(check, place):
    check("--only", "REG-001")
    path = place / "authspec-report" / "results.jsonl"
    run = read_run(path)
    changed = replace(run.header, contract="0123", profile={**run.header.profile, "name": "ours"})
    rewritten(place / "other.jsonl", replace(run, header=changed))
    result = check("--only", "REG-001", "--baseline", "other.jsonl")
    assert result.exit == 0
    assert "was made by another contract (0123, now " in result.out
    assert "is of the profile ours, and this run of document." in result.out
    assert result.run.footer is not None
    assert result.run.footer.baseline is not None
    assert len(result.run.footer.baseline.remarks) == 2


def rewritten(path: Path, run: Run) -> None:
    with path.open("w") as stream:
        writer = ResultsWriter(stream)
        writer.header(run.header)
        assert run.footer is not None
        writer.footer(run.footer)


# --- baselines that are none --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "does not exist"),
        ("hello\n", "is not a line of a results file"),
        ("", "has no header line"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_refused_before_anything_is_tested(
    check, place, content, sentence
):
    if content is not None:
        (place / "b.jsonl").write_text(content)
    result = check("--baseline", "b.jsonl", "--only", "REG-001")
    assert result.exit == 2
    assert sentence in result.err
    assert result.err.count("\n") == 1
    assert not result.report.exists()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"complete": False}, "cut short"),
        ({"footer_changes": {"stopped": "max-seconds"}}, "stopped before its end (max-seconds)"),
    ],
)
def test_a_baseline_that_was_cut_short_is_refused(check, place, changes, why):
    kept(place / "b.jsonl", Outcome.PASS, **changes)
    result = check("--baseline", "b.jsonl", "--only", "REG-001")
    assert result.exit == 2
    assert f"is of a run that was {why}" in result.err
