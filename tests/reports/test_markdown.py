"""Markdown for a CI summary: bounded, and nothing in it that a target could have marked up."""

import re

import pytest

from authspec_contract.results import Outcome, Result
from authspec_reports import markdown
from tests.reports.sample import HOSTILE, full_run, hostile_run, requirement, run_of

RUNS = {"full": full_run(), "cut short": full_run(complete=False), "hostile": hostile_run()}


def outside_of_code(text: str) -> str:
    return re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_only_our_own_tags_stand_outside_of_code(run):
    text = outside_of_code(markdown.render(run))
    assert set(re.findall(r"<[^>]*>", text)) <= {
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
    }
    assert "@" not in text
    assert "](" not in text


def test_the_verdict_is_the_headline():
    assert markdown.render(full_run()).startswith("## ❌ authspec: The contract is broken\n")


def test_the_table_has_a_row_per_area_and_their_sum():
    text = markdown.render(full_run())
    assert "| area | pass | fail must | fail should/may | error |" in text
    assert "| registration | 1 | 1 |  |  | 1 |  |  |  |  |" in text
    assert "| **all areas** | **2** | **1** | **1** | **1** | **1** |" in text


@pytest.mark.parametrize("body", ["```", "````\n```", "a `b` c", ""])
def test_backticks_do_not_end_a_block(body):
    first, *_, last = markdown.fenced(body).split("\n")
    assert first == last
    assert first not in body


def test_a_table_cell_cannot_be_left():
    assert "|" not in markdown.inline("a | b\n\nc")
    assert "\n" not in markdown.inline(HOSTILE)


def test_many_failures_are_counted_where_they_do_not_fit():
    lines = [requirement(f"R-{number:04}") for number in range(3000)]
    results = [
        Result(line.id, "t", Outcome.FAIL, "expected 201, found " + "x" * 300) for line in lines
    ]
    text = markdown.render(run_of(lines, results))
    assert len(text) <= markdown.LIMIT
    assert re.search(r"^\d+ more failed; the HTML report", text, re.MULTILINE)


def test_a_run_that_was_cut_short_says_so():
    assert "> **This run was cut short" in markdown.render(full_run(complete=False))
