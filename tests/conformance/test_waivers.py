"""A waiver lets one failure be, for a reason and until a day; a stale one fails the run."""

from dataclasses import replace
from datetime import date

import pytest

from authspec_conformance.settings import Waiver
from authspec_conformance.waivers import apply_waivers
from authspec_contract.results import Outcome, Result
from authspec_contract.verdict import RequirementVerdict, combine

from .sample import requirement, verdict

TODAY = date(2030, 6, 1)
WAIVER = Waiver("REG-001", "expected 400", "mended in July", date(2030, 7, 1))
FAILED = verdict(Outcome.FAIL, "POST users/ → 201, expected 400")


def complaints(waiver: Waiver, decided: RequirementVerdict = FAILED) -> str:
    report = apply_waivers([waiver], [decided], TODAY)
    return " ".join(report.complaints)


def test_the_failure_that_it_expects_is_waived_with_its_reason():
    report = apply_waivers([WAIVER], [FAILED], TODAY)
    (result,) = report.waived
    assert result.outcome is Outcome.WAIVED
    assert result.message == "mended in July: POST users/ → 201, expected 400"
    assert report.complaints == ()


def test_on_its_last_day_it_still_holds():
    assert complaints(replace(WAIVER, until=TODAY)) == ""
    assert "expired on 2030-05-31" in complaints(replace(WAIVER, until=date(2030, 5, 31)))


def test_another_failure_is_not_waived():
    other = verdict(Outcome.FAIL, "POST users/ → 500")
    assert "it failed otherwise: POST users/ → 500" in complaints(WAIVER, other)


def test_a_requirement_that_passes_needs_no_waiver():
    assert "not needed any more" in complaints(WAIVER, verdict(Outcome.PASS))


def test_a_requirement_that_does_not_exist_is_complained_of():
    assert "does not exist" in complaints(replace(WAIVER, requirement="REG-999"))


@pytest.mark.parametrize("outcome", [Outcome.NOT_APPLICABLE, Outcome.UNTESTED])
def test_a_waiver_that_can_never_be_used_is_complained_of(outcome):
    assert f"is not used: the requirement is {outcome}" in complaints(WAIVER, verdict(outcome))


@pytest.mark.parametrize("outcome", [Outcome.NOT_RUN, Outcome.INCONCLUSIVE, Outcome.ERROR])
def test_a_run_that_could_not_tell_does_not_complain(outcome):
    assert complaints(WAIVER, verdict(outcome)) == ""


def test_of_two_failures_only_the_expected_one_is_waived_and_the_requirement_stays_failed():
    failures = [Result("REG-001", "t", Outcome.FAIL, m) for m in ("expected 400", "a 500")]
    (decided,) = combine([requirement()], failures)
    report = apply_waivers([WAIVER], [decided], TODAY)
    (again,) = combine([requirement()], [*failures, *report.waived])
    assert (again.outcome, again.message) == (Outcome.FAIL, "a 500")


def test_whoever_reads_the_failure_and_its_waiver_sees_a_waived_requirement():
    report = apply_waivers([WAIVER], [FAILED], TODAY)
    (again,) = combine([requirement()], [*FAILED.results, *report.waived])
    assert again.outcome is Outcome.WAIVED
