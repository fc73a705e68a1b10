"""Results of tests combine to one verdict per requirement, the worst first."""

from authspec_contract.results import Outcome, RequirementLine, Result
from authspec_contract.verdict import WORST_FIRST, combine, gated, hardening, totals


def line(id_, level="must", **more):
    return RequirementLine(id=id_, text="t", level=level, origin="djoser", area="a", **more)


def result(id_, outcome, message=""):
    return Result(id_, f"test_{outcome}", outcome, message)


def test_every_outcome_has_its_place():
    assert set(WORST_FIRST) == set(Outcome)


def test_one_failure_outweighs_many_passes():
    results = [
        result("R", Outcome.PASS),
        result("R", Outcome.FAIL, "no"),
        result("R", Outcome.PASS),
    ]
    (verdict,) = combine([line("R")], results)
    assert (verdict.outcome, verdict.message) == (Outcome.FAIL, "no")
    assert len(verdict.results) == 1


def test_a_pass_does_not_hide_what_could_not_be_tried():
    results = [result("R", Outcome.PASS), result("R", Outcome.INCONCLUSIVE, "no mailbox")]
    (verdict,) = combine([line("R")], results)
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_a_pass_outweighs_a_test_that_does_not_apply():
    results = [result("R", Outcome.NOT_APPLICABLE), result("R", Outcome.PASS)]
    (verdict,) = combine([line("R")], results)
    assert verdict.outcome is Outcome.PASS


def test_without_results_the_reason_is_told():
    untested, selected = combine([line("U", untested="not visible"), line("S")], [])
    assert (untested.outcome, untested.message) == (Outcome.UNTESTED, "not visible")
    assert (selected.outcome, selected.message) == (Outcome.NOT_RUN, "not selected")


def test_a_run_cut_short_says_so():
    (verdict,) = combine([line("S")], [], complete=False)
    assert verdict.message == "the run was cut short"


def test_totals_name_every_outcome_and_count_every_requirement():
    verdicts = combine([line("A"), line("B")], [result("A", Outcome.PASS)])
    assert totals(verdicts)["pass"] == 1
    assert sum(totals(verdicts).values()) == 2
    assert set(totals(verdicts)) == {outcome.value for outcome in Outcome}


def test_hardening_counts_what_was_decided_below_must():
    lines = [line("M"), line("S", "should"), line("T", "should"), line("U", "may")]
    results = [result("M", Outcome.FAIL), result("S", Outcome.PASS), result("T", Outcome.FAIL)]
    assert hardening(combine(lines, results)) == (1, 2)


def test_the_gate_counts_its_level_and_the_stricter_ones():
    verdicts = combine([line("M"), line("S", "should"), line("U", "may")], [])
    assert [v.requirement.id for v in gated(verdicts, "must")] == ["M"]
    assert [v.requirement.id for v in gated(verdicts, "should")] == ["M", "S"]
