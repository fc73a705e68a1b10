"""The shards of one check become one run; different checks do not."""

from dataclasses import replace

import pytest

from authspec_contract.errors import UsageError
from authspec_contract.results import Outcome, Result, Run, parse_run
from authspec_contract.verdict import verdicts
from authspec_reports.merge import merge
from tests.reports.sample import exchange, full_run, lines_of, requirement, run_of

LINES = [requirement("REG-001"), requirement("REG-002"), requirement("REG-003")]


def shard(id_: str, outcome: Outcome, **options) -> Run:
    """A shard that decided one requirement and left the others to the others."""
    rest = [
        Result(line.id, "", Outcome.NOT_RUN, "in another shard") for line in LINES if line.id != id_
    ]
    return run_of(
        LINES,
        [Result(id_, "t", outcome, "found", (1,)), *rest],
        [exchange(1, path=f"/{id_}/")],
        **options,
    )


ONE = shard("REG-001", Outcome.PASS)
TWO = shard("REG-002", Outcome.FAIL)


def test_what_one_shard_decided_counts_though_another_did_not_run_it():
    found = {v.requirement.id: v.outcome for v in verdicts(merge([ONE, TWO]))}
    assert found == {
        "REG-001": Outcome.PASS,
        "REG-002": Outcome.FAIL,
        "REG-003": Outcome.NOT_RUN,
    }


def test_every_result_keeps_its_own_exchanges():
    run = merge([ONE, TWO])
    urls = {
        result.requirement: [run.exchanges[id_].url for id_ in result.exchanges]
        for result in run.results
        if result.exchanges
    }
    assert urls == {
        "REG-001": ["http://127.0.0.1:8000/REG-001/"],
        "REG-002": ["http://127.0.0.1:8000/REG-002/"],
    }


def test_the_footer_adds_up_and_takes_the_worst_exit():
    footer = merge([ONE, TWO]).footer
    assert footer is not None
    assert (footer.exit, footer.requests, footer.totals["fail"], footer.totals["pass"]) == (
        1,
        642,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("exits", "worst"), [((0, 3), 3), ((3, 1), 1), ((1, 130), 130), ((1, 4), 4), ((0, 0), 0)]
)
def test_the_worst_exit_is_by_the_order_of_the_commands(exits, worst):
    runs = [shard("REG-001", Outcome.PASS, footer_changes={"exit": exit_}) for exit_ in exits]
    footer = merge(runs).footer
    assert footer is not None
    assert footer.exit == worst


def test_a_shard_that_was_cut_short_cuts_the_whole_short():
    assert merge([ONE, shard("REG-002", Outcome.PASS, complete=False)]).footer is None


def test_one_file_is_left_as_it_is():
    run = full_run()
    assert merge([run]) is run


def test_a_merged_run_can_be_written_and_read():
    run = merge([ONE, TWO])
    assert parse_run(lines_of(run).split("\n"), name="x") == run


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"contract": "other"}, "contracts"),
        ({"target": {"url": "http://elsewhere"}}, "targets"),
        ({"profile": {"name": "djoser"}}, "profiles"),
    ],
)
def test_runs_of_different_things_are_not_joined(change, word):
    other = replace(TWO, header=replace(TWO.header, **change))
    with pytest.raises(UsageError, match=f"different {word}.*authspec compare"):
        merge([ONE, other])
