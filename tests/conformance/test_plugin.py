"""How the suite judges what its tests raise: whose fault it is, and which requirements it decides."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from types import MethodType, SimpleNamespace
from typing import Any

import pytest

from authspec_conformance.context import Context
from authspec_conformance.journal import Journal
from authspec_conformance.plugin import GIVE_UP, SuitePlugin
from authspec_conformance.redaction import Redactor
from authspec_conformance.selection import select
from authspec_conformance.settings import Settings
from authspec_contract.catalogue import load_catalogue
from authspec_contract.results import Outcome, Result, ResultsWriter

from .sample import DOCUMENT

HEAD = """
import pytest
from hypothesis.errors import Flaky, FlakyFailure
from authspec_conformance import expect
from authspec_conformance.claims import requirement
from authspec_conformance.errors import BudgetSpent, Inconclusive, TimeUsedUp
from authspec_contract.errors import TargetError
"""


@dataclass
class Judged:
    """What a small suite came to."""

    stopped: str | None
    errors: Sequence[str]
    results: Sequence[Result] = field(repr=False)

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        return {result.requirement: result.outcome for result in self.results}

    def message(self, id_: str) -> str:
        return next(result.message for result in self.results if result.requirement == id_)


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Judged]:
    """Runs these tests as the runner runs the suite, without a target."""

    def run(
        source: str, *, only: Sequence[str] = (), refused_logins: int = 0, **settings: Any
    ) -> Judged:
        suite = tmp_path / "suite"
        suite.mkdir()
        (suite / "pytest.ini").write_text("[pytest]\n")
        # a name of its own: Python keeps the modules that it has imported
        (suite / f"test_{tmp_path.name}.py").write_text(HEAD + textwrap.dedent(source))
        catalogue = load_catalogue()
        journal = Journal(ResultsWriter(StringIO()), Redactor())
        context = SimpleNamespace(
            journal=journal,
            catalogue=catalogue,
            settings=replace(Settings(), **settings),
            selection=select(catalogue, DOCUMENT, only=only, has_mailbox=True),
            known=frozenset(),
            people=SimpleNamespace(
                take_back=lambda **_: None,
                frugal=False,
                refused_logins=refused_logins,
                open_again=lambda _: [False],
                active=lambda **_: None,
                put_aside=lambda _: None,
                can_log_in=lambda _: False,
            ),
        )
        context.counts = MethodType(Context.counts, context)
        heard: list[Result] = []
        plugin = SuitePlugin(context, heard.append)  # type: ignore[arg-type]
        pytest.main(
            [str(suite), "-c", str(suite / "pytest.ini"), "--rootdir", str(suite), "-p", "no:terminal",
             "--disable-plugin-autoload", "-p", "no:cacheprovider", "--capture=no"],
            plugins=[plugin],
        )  # fmt: skip
        assert heard == journal.results
        return Judged(plugin.stopped, plugin.errors, heard)

    return run


@pytest.mark.parametrize(
    ("raised", "outcome", "message"),
    [
        ("pass", Outcome.PASS, ""),
        ("expect.fail('it is wrong')", Outcome.FAIL, "it is wrong"),
        ("assert 1 == 2, 'plainly'", Outcome.FAIL, "plainly"),
        ("raise Inconclusive('no way in')", Outcome.INCONCLUSIVE, "no way in"),
        ("raise BudgetSpent('all spent')", Outcome.INCONCLUSIVE, "all spent"),
        ("raise TargetError('no answer')", Outcome.INCONCLUSIVE, "no answer"),
        ("raise KeyError('id')", Outcome.INCONCLUSIVE, "do not allow to go on (KeyError: 'id')"),
        ("raise ZeroDivisionError('ours')", Outcome.ERROR, "ZeroDivisionError: ours"),
        ("raise RuntimeError", Outcome.ERROR, "RuntimeError"),
        ("raise Flaky('x')", Outcome.INCONCLUSIVE, "now so, now otherwise"),
        ("raise FlakyFailure('x', [AssertionError('wrong')])", Outcome.FAIL, "wrong"),
    ],
)
def test_each_kind_of_error_has_its_outcome(judge, raised, outcome, message):
    judged = judge(f"""
        @requirement("REG-001")
        def test_one():
            {raised}
    """)
    assert judged.outcomes == {"REG-001": outcome}
    assert message in judged.message("REG-001")
    assert bool(judged.errors) is (outcome is Outcome.ERROR)


def test_a_failure_on_a_target_that_locks_logins_decides_nothing_and_ends_the_run(judge):
    judged = judge(FOUR.format("expect.fail('the account cannot log in')"), refused_logins=3)
    assert judged.outcomes == {"REG-001": Outcome.INCONCLUSIVE}
    assert "the target locks logins" in judged.message("REG-001")
    assert judged.stopped == "locked-out"


def test_a_broken_precondition_is_no_failure(judge):
    judged = judge("""
        @requirement("REG-001")
        def test_one():
            with expect.given("the account can log in"):
                expect.fail("401")
    """)
    assert judged.outcomes == {"REG-001": Outcome.INCONCLUSIVE}
    assert judged.message("REG-001") == (
        "the precondition does not hold: the account can log in (401)"
    )


def test_each_claim_decides_its_own_requirement_and_the_story_goes_on(judge):
    judged = judge("""
        @requirement("REG-001", "REG-002", "REG-003", "REG-004")
        def test_one(claim):
            with claim("REG-001"):
                expect.fail("wrong")
            with claim("REG-002"):
                pass
            with claim("REG-003"):
                raise Inconclusive("not tried")
            claim.skip("REG-004", "not here")
    """)
    assert judged.outcomes == {
        "REG-001": Outcome.FAIL,
        "REG-002": Outcome.PASS,
        "REG-003": Outcome.INCONCLUSIVE,
        "REG-004": Outcome.NOT_APPLICABLE,
    }


def test_what_breaks_outside_of_a_claim_leaves_the_undecided_open(judge):
    judged = judge("""
        @requirement("REG-001", "REG-002")
        def test_one(claim):
            with claim("REG-001"):
                pass
            expect.fail("a step between")
            with claim("REG-002"):
                pass
    """)
    assert judged.outcomes == {"REG-001": Outcome.PASS, "REG-002": Outcome.INCONCLUSIVE}


def test_a_test_that_forgets_a_requirement_is_our_fault(judge):
    judged = judge("""
        @requirement("REG-001", "REG-002")
        def test_one(claim):
            with claim("REG-001"):
                pass
    """)
    assert judged.outcomes["REG-002"] is Outcome.ERROR
    assert judged.errors == ["test_one ended without deciding REG-002"]


def test_a_claim_that_the_test_does_not_announce_is_our_fault(judge):
    judged = judge("""
        @requirement("REG-001")
        def test_one(claim):
            with claim("REG-002"):
                pass
    """)
    assert judged.outcomes == {"REG-001": Outcome.ERROR}


def test_a_fixture_that_breaks_is_a_precondition(judge):
    judged = judge("""
        @pytest.fixture
        def something():
            expect.fail("not made")

        @requirement("REG-001")
        def test_one(something):
            pass
    """)
    assert judged.outcomes == {"REG-001": Outcome.INCONCLUSIVE}


def test_only_what_is_wanted_is_run_and_decided(judge):
    judged = judge(
        """
        @requirement("REG-001", "REG-002")
        def test_one(claim):
            with claim("REG-001"):
                pass
            with claim("REG-002"):
                expect.fail("nobody asked")

        @requirement("REG-003")
        def test_two():
            raise ZeroDivisionError
        """,
        only=["REG-001"],
    )
    assert judged.outcomes == {"REG-001": Outcome.PASS}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("fast", {"REG-001"}),
        ("default", {"REG-001", "REG-002"}),
        ("thorough", {"REG-001", "REG-002", "REG-003"}),
    ],
)
def test_the_mode_chooses_the_tests(judge, mode, expected):
    judged = judge(
        """
        @requirement("REG-001")
        def test_quick(): pass

        @pytest.mark.default_only
        @requirement("REG-002")
        def test_usual(): pass

        @pytest.mark.thorough
        @requirement("REG-003")
        def test_slow(): pass
        """,
        mode=mode,
    )
    assert set(judged.outcomes) == expected


FOUR = """
    @requirement("REG-001")
    def test_1(): {0}

    @requirement("REG-002")
    def test_2(): {0}

    @requirement("REG-003")
    def test_3(): {0}

    @requirement("REG-004")
    def test_4(): {0}
"""


def test_a_target_that_is_silent_several_times_in_a_row_is_given_up(judge):
    judged = judge(FOUR.format("raise TargetError('no answer')"))
    assert judged.stopped == "target-gone"
    assert len(judged.results) == GIVE_UP


def test_time_used_up_stops_the_run(judge):
    judged = judge(FOUR.format("raise TimeUsedUp('over')"))
    assert judged.stopped == "max-seconds"
    assert len(judged.results) == 1


def test_exitfirst_stops_at_a_failure_that_the_gate_counts(judge):
    judged = judge(FOUR.format("expect.fail('wrong')"), exitfirst=True)
    assert judged.stopped == "exitfirst"
    assert len(judged.results) == 1


def test_without_exitfirst_all_failures_are_found(judge):
    judged = judge(FOUR.format("expect.fail('wrong')"))
    assert judged.stopped is None
    assert len(judged.results) == 4


def test_a_file_that_cannot_be_imported_is_our_fault_and_does_not_look_like_ctrl_c(judge):
    judged = judge("import no_such_module")
    assert judged.stopped == "error"
    (error,) = judged.errors
    assert error.endswith(".py cannot be collected")
