"""The plain text of a run: a table, the failures, the verdict last."""

from authspec_reports import text
from tests.reports.sample import full_run, hostile_run


def test_the_verdict_stands_last():
    *_, verdict, hardening = text.render(full_run()).splitlines()
    assert verdict.startswith("The contract is broken: 1 of 2 tested must requirements passed")
    assert hardening == "Hardening: 1 of 2 tested recommendations hold."


def test_the_columns_of_the_table_are_in_line():
    head, *rows = text.render(full_run()).split("\n\n")[0].splitlines()
    assert [row.split()[-1] for row in (head, *rows)] == ["all", "3", "3", "4", "10"]
    assert {len(row) for row in (head, *rows)} == {len(head)}


def test_a_failure_shows_its_call_and_its_curl_line():
    rendered = text.render(full_run())
    assert "  POST http://127.0.0.1:8000/auth/users/ -> 201\n  curl -X POST" in rendered


def test_a_run_that_was_cut_short_says_so():
    assert "This run was cut short" in text.render(full_run(complete=False))


def test_a_terminal_gets_no_control_character_from_a_target():
    rendered = text.render(hostile_run())
    assert all(c == "\n" or ord(c) >= 0x20 for c in rendered)
    rendered.encode("utf-8")
