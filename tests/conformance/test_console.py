"""What a person sees: marks while it runs, then a table, then what failed and how to see it again."""

import io

import pytest

from authspec_conformance.console import Console, hardening_line
from authspec_contract.results import (
    Exchange,
    Footer,
    Header,
    Message,
    Outcome,
    RequirementLine,
    Result,
    Run,
)

LEVELS = {"A-1": "must", "A-2": "must", "A-3": "must", "A-4": "must", "S-1": "should"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run_of(*results: Result, level: str = "must") -> Run:
    lines = tuple(
        RequirementLine(i, f"{i} holds.", lv, "djoser", "Area") for i, lv in LEVELS.items()
    )
    header = Header(
        run="r", started="", seed=1, command=(), tool={}, contract="", target={}, profile={},
        mailbox="none", level=level, mode="default", requirements=lines,
    )  # fmt: skip
    exchanges = {
        7: Exchange(
            7, "GET", "http://h/", Message({}, ""), 500, Message({}, ""), 0.1, "curl -i 'http://h/'"
        )
    }
    return Run(header, results, exchanges, Footer("", 1.0, {}, 1, "FAIL"))


def shown(run: Run) -> str:
    stream = io.StringIO()
    Console(stream).summary(run)
    return stream.getvalue()


def test_a_failure_shows_its_requirement_its_message_and_a_line_to_see_it_again():
    text = shown(run_of(Result("A-1", "t", Outcome.FAIL, "found a 500", (7,))))
    assert "A-1 (must) A-1 holds." in text
    assert "found a 500" in text
    assert "curl -i 'http://h/'" in text


def test_the_table_counts_each_area():
    text = shown(run_of(Result("A-1", "t", Outcome.PASS), Result("A-2", "t", Outcome.FAIL, "x")))
    (row,) = [line for line in text.splitlines() if line.startswith("Area")]
    assert row.split() == ["Area", "1", "1", "0", "0", "3"]


def test_requirements_with_the_same_reason_stand_together():
    same = [Result(f"A-{n}", "t", Outcome.INCONCLUSIVE, "no mailbox") for n in (1, 2, 3, 4)]
    text = shown(run_of(*same))
    assert text.count("no mailbox") == 1
    assert "A-1, A-2, A-3, A-4" in text


def test_a_recommendation_that_does_not_hold_is_no_failure_of_the_gate():
    run = run_of(Result("A-1", "t", Outcome.PASS), Result("S-1", "t", Outcome.FAIL, "weaker"))
    text = shown(run)
    assert "Failed:" not in text
    assert "S-1" in text
    assert hardening_line(run) == "Hardening: 0 of 1 recommendations hold."


def test_without_recommendations_there_is_no_score():
    assert hardening_line(run_of()) == ""


def test_marks_break_into_lines_and_a_line_of_text_stands_alone():
    stream = io.StringIO()
    console = Console(stream)
    for _ in range(81):
        console.progress(Result("A-1", "t", Outcome.PASS))
    console.line("done")
    assert stream.getvalue() == "." * 80 + "\n.\ndone\n"


@pytest.mark.parametrize(
    ("outcome", "mark"),
    [
        (Outcome.PASS, "."), (Outcome.FAIL, "F"), (Outcome.ERROR, "E"), (Outcome.INCONCLUSIVE, "?"),
        (Outcome.NOT_APPLICABLE, "-"),
    ],
)  # fmt: skip
def test_each_outcome_has_its_mark(outcome, mark):
    stream = io.StringIO()
    Console(stream).progress(Result("A-1", "t", outcome))
    assert stream.getvalue() == mark


def test_colours_are_for_terminals_alone():
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        Console(stream).progress(Result("A-1", "t", Outcome.FAIL))
    assert "\x1b[" in terminal.getvalue()
    assert "\x1b[" not in file.getvalue()


def test_a_terminal_of_ascii_gets_ascii():
    raw = io.BytesIO()
    console = Console(io.TextIOWrapper(raw, encoding="ascii"))
    console.line("GET / → 500 \ud800")
    assert raw.getvalue() == b"GET / \\u2192 500 \\ud800\n"


def test_a_reader_that_goes_away_does_not_stop_the_run():
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    Console(Gone()).line("x")
