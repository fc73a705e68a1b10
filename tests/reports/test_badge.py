"""The badge is an SVG that says what the contract came to."""

from xml.etree import ElementTree as ET

import pytest

from authspec_contract.results import Outcome, Result
from authspec_reports import badge
from tests.reports.sample import full_run, requirement, run_of

LINE = requirement("REG-001")


def run_with(outcome: Outcome, **options):
    return run_of([LINE], [Result("REG-001", "t", outcome)], **options)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (full_run(), "contract broken, hardening 1/2"),
        (run_with(Outcome.PASS), "contract holds"),
        (run_with(Outcome.FAIL), "contract broken"),
        (run_with(Outcome.ERROR), "error of the suite"),
        (run_with(Outcome.INCONCLUSIVE), "nothing tested"),
        (run_with(Outcome.PASS, complete=False), "cut short"),
        (run_with(Outcome.PASS, footer_changes={"stopped": "interrupted"}), "cut short"),
        (
            run_of([LINE, requirement("REG-002")], [Result("REG-001", "t", Outcome.PASS)]),
            "holds as selected",
        ),
        (
            run_of(
                [LINE, requirement("REG-002")],
                [
                    Result("REG-001", "t", Outcome.PASS),
                    Result("REG-002", "t", Outcome.INCONCLUSIVE),
                ],
            ),
            "holds as far as tried",
        ),
    ],
)
def test_the_badge_says_what_the_contract_came_to(run, words):
    root = ET.fromstring(badge.render(run))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("aria-label") == f"authspec: {words}"
    assert int(root.get("width", "0")) > 100
