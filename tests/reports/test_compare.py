"""Several runs side by side: what differs, what got worse, and what makes them hard to compare."""

import re

import pytest

from authspec_contract.errors import UsageError
from authspec_contract.results import Outcome, Result, Run
from authspec_reports import compare_html
from authspec_reports.compare import compare, render_markdown, render_text
from tests.reports.sample import HOSTILE, full_run, hostile_run, requirement, run_of
from tests.reports.test_html import Page

LINES = [requirement(f"REG-00{number}") for number in range(1, 6)]


def run_with(*outcomes: Outcome, **options) -> Run:
    results = [
        Result(line.id, "t", outcome, f"message of {line.id}")
        for line, outcome in zip(LINES, outcomes, strict=False)
    ]
    return run_of(LINES[: len(outcomes)], results, **options)


PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
OLD = run_with(PASS, FAIL, PASS, FAIL)
NEW = run_with(FAIL, PASS, OPEN, FAIL, FAIL)


def ids(changes):
    return [(row.requirement.id, number) for row, number in changes]


def test_what_fails_now_and_did_not_before_is_a_regression():
    comparison = compare([OLD, NEW, OLD], ["old", "new", "again"])
    assert ids(comparison.regressions) == [("REG-001", 1), ("REG-005", 1)]


def test_what_passes_now_and_failed_before_is_better():
    assert ids(compare([OLD, NEW], ["old", "new"]).improvements) == [("REG-002", 1)]


def test_equal_runs_have_no_regression_and_no_row_that_differs():
    comparison = compare([OLD, OLD], ["one", "two"])
    assert comparison.regressions == ()
    assert "No requirement came to another outcome." in render_text(comparison)


def test_the_text_shows_the_rows_that_differ_and_names_the_changes():
    text = render_text(compare([OLD, NEW], ["old", "new"]))
    assert re.search(r"^REG-001 +must +pass +fail$", text, re.MULTILINE)
    assert re.search(r"^REG-005 +must +unknown +fail$", text, re.MULTILINE)
    assert not re.search(r"^REG-004", text, re.MULTILINE)
    assert "REG-001 (must) pass -> fail in new: message of REG-001" in text
    assert "Regressions against the first: 2" in text


def test_the_markdown_marks_the_regression():
    text = render_markdown(compare([OLD, NEW], ["old", "new"]))
    assert "2 regressions against the first." in text
    assert "| ✓ pass | **✗ fail** |" in text
    assert "REG-004" not in text
    assert "REG-004" in render_markdown(compare([OLD, NEW], ["old", "new"]), every_row=True)


def test_the_page_holds_the_whole_matrix_and_marks_the_regression():
    text = compare_html.render(compare([OLD, NEW], ["old", "new"]))
    page = Page(text)
    assert {line.id for line in LINES} <= set(page.ids)
    assert text.count("cell regression") == 2
    assert "2 regressions against old" in page.text


@pytest.mark.parametrize("render", [render_text, render_markdown, compare_html.render])
def test_hostile_runs_are_shown_and_not_obeyed(render):
    text = render(compare([hostile_run(), full_run()], [HOSTILE, "other"]))
    assert "\x1b" not in text
    text.encode("utf-8")
    if render is not render_text:
        assert "<script" not in text


def test_another_contract_and_a_run_cut_short_are_remarked():
    other = run_with(PASS, header_changes={"contract": "fedcba"})
    cut = run_with(PASS, complete=False)
    remarks = compare([OLD, other, cut], ["a", "b", "c"]).remarks
    assert remarks[0].startswith("The runs tested against different contracts")
    assert remarks[1].startswith("c: This run was cut short")


def test_without_labels_a_run_is_called_by_profile_and_target():
    assert compare([OLD, NEW]).labels[0] == "document at http://127.0.0.1:8000"


def test_one_run_is_not_compared():
    with pytest.raises(UsageError, match="give two or more"):
        compare([OLD])
