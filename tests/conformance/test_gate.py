"""The exit code and the verdict line: which counts where several hold, and what is never 0."""

import pytest

from authspec_conformance.gate import WORDS, exit_code, verdict_line
from authspec_conformance.settings import Settings
from authspec_contract.results import Outcome

from .sample import verdict

PASS, FAIL, OPEN = verdict(Outcome.PASS), verdict(Outcome.FAIL), verdict(Outcome.INCONCLUSIVE, "x")
ERROR, WAIVED = verdict(Outcome.ERROR), verdict(Outcome.WAIVED)
LEFT_OUT = [
    verdict(outcome) for outcome in (Outcome.NOT_APPLICABLE, Outcome.NOT_RUN, Outcome.UNTESTED)
]
NO_MAILBOX = verdict(Outcome.INCONCLUSIVE, "it needs a mailbox, and the run has --mailbox none")


def code(*decided, stopped=None, stale=False, broken=False, **settings):
    return exit_code(decided, Settings(**settings), stopped, stale, broken)


@pytest.mark.parametrize(
    ("decided", "more", "expected"),
    [
        ([PASS], {}, 0),
        ([PASS, WAIVED, *LEFT_OUT], {}, 0),
        ([WAIVED], {}, 0),
        ([PASS, FAIL], {}, 1),
        ([PASS], {"stale": True}, 1),
        ([PASS, OPEN], {}, 3),
        ([PASS], {"stopped": "max-seconds"}, 3),
        ([PASS], {"stopped": "target-gone"}, 3),
        ([PASS, ERROR], {}, 4),
        ([PASS], {"broken": True}, 4),
        ([PASS], {"stopped": "error"}, 4),
        ([PASS], {"stopped": "interrupted"}, 130),
    ],
)
def test_each_case_has_its_code(decided, more, expected):
    assert code(*decided, **more) == expected


@pytest.mark.parametrize(
    ("decided", "more", "expected"),
    [
        ([ERROR, FAIL, OPEN], {"stopped": "interrupted", "stale": True}, 4),
        ([FAIL, OPEN], {"stopped": "interrupted", "stale": True}, 130),
        ([FAIL, OPEN], {"stopped": "max-seconds"}, 1),
        ([PASS, OPEN], {"stale": True}, 1),
        ([FAIL], {"stopped": "exitfirst"}, 1),
    ],
)
def test_where_several_hold_4_goes_before_130_before_1_before_3(decided, more, expected):
    assert code(*decided, **more) == expected


@pytest.mark.parametrize("decided", [[], LEFT_OUT, [NO_MAILBOX]])
def test_where_nothing_was_tested_it_is_3_and_never_0(decided):
    assert code(*decided, mailbox="none") == 3


def test_what_mailbox_none_announced_stays_open_without_harm():
    assert code(PASS, NO_MAILBOX, mailbox="none") == 0
    assert code(PASS, NO_MAILBOX, mailbox="file:///mails") == 3
    assert code(PASS, NO_MAILBOX, OPEN, mailbox="none") == 3


def test_only_the_chosen_level_and_the_stricter_ones_count():
    weaker = verdict(Outcome.FAIL, level="should")
    assert code(PASS, weaker) == 0
    assert code(PASS, weaker, level="should") == 1
    assert code(verdict(Outcome.PASS, level="should")) == 3


def line(*decided, stopped=None, complaints=(), without_mailbox=False, **settings):
    given = Settings(**settings)
    number = exit_code(decided, given, stopped, bool(complaints), False)
    return verdict_line(number, decided, given, stopped, complaints, without_mailbox)


def test_the_line_begins_with_the_word_of_the_exit_code():
    assert line(PASS) == "PASS (must): 1 pass, 0 fail"
    assert line(PASS, FAIL).startswith("FAIL (must): 1 pass, 1 fail")
    assert line(PASS, OPEN).startswith("OPEN (must): 1 pass, 0 fail, 1 open")
    assert line(PASS, ERROR).startswith("ERROR")
    assert line(PASS, stopped="interrupted").startswith("INTERRUPTED")
    assert set(WORDS) == {0, 1, 3, 4, 130}


def test_the_line_says_what_was_left_open_waived_or_stale():
    said = line(
        PASS, WAIVED, NO_MAILBOX, complaints=["x"], without_mailbox=True, mailbox="none",
        stopped="max-seconds",
    )  # fmt: skip
    assert said == (
        "FAIL (must): 1 pass, 0 fail, 1 waived, 1 open (no mailbox), 1 stale waiver, "
        "stopped: max-seconds"
    )


def test_a_line_of_nothing_says_that_nothing_was_tested():
    assert line(*LEFT_OUT) == "OPEN (must): 0 pass, 0 fail, nothing of this level was tested"
