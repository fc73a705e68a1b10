"""A check in parts: which tests each takes, what it says of the others', and what they come to together."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from authspec_conformance.cli import main
from authspec_conformance.explain_command import suite_tests
from authspec_conformance.shards import COSTS, ORDINARY, cost, shards
from authspec_contract.results import Outcome, Run, read_run
from authspec_contract.verdict import verdicts
from authspec_reports.merge import merge

NAMES = [f"test_x.py::{name}" for name in [*COSTS, *(f"test_{n}" for n in range(20))]]


def outcomes(run: Run) -> dict[str, Outcome]:
    return {v.requirement.id: v.outcome for v in verdicts(run)}


# --- the division -------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [1, 2, 3, 5, 8])
def test_every_test_is_in_exactly_one_shard(of):
    parts = shards(NAMES, of)
    assert len(parts) == of
    assert sorted(test for part in parts for test in part) == sorted(NAMES)


@pytest.mark.parametrize("of", [2, 3, 5])
def test_the_shards_cost_about_the_same(of):
    loads = [sum(map(cost, part)) for part in shards(NAMES, of)]
    assert max(loads) - min(loads) <= max(COSTS.values()) / 2


def test_the_same_tests_are_always_divided_alike():
    assert shards(NAMES, 3) == shards(list(NAMES), 3)


def test_the_cases_of_one_test_function_cost_the_same():
    assert cost("test_a.py::test_any_life_is_djosers[a::b]") == COSTS["test_any_life_is_djosers"]
    assert cost("test_a.py::test_something_else") == ORDINARY


def test_each_dear_test_is_one_of_the_suite():
    assert set(COSTS) <= {test.name for test in suite_tests()}


# --- whole runs ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The results of a whole run, and of the same in two shards; each on a server of its own."""
    folder = tmp_path_factory.mktemp("shards")
    names = {"whole": [], "one": ["--shard", "1/2"], "two": ["--shard", "2/2"]}
    cli = "from authspec_conformance.cli import console; console()"
    for name, flags in names.items():
        command = [sys.executable, "-c", cli, "check", "--fast", "--seed", "1", *flags]
        subprocess.run(
            [*command, "--report", name],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )
    return [folder / name / "results.jsonl" for name in names]


def test_two_shards_together_come_to_what_a_whole_run_comes_to(parts):
    whole, one, two = map(read_run, parts)
    both = merge([one, two])
    assert outcomes(both) == outcomes(whole)
    assert both.footer is not None
    assert whole.footer is not None
    assert (both.footer.exit, both.footer.totals) == (0, whole.footer.totals)


def test_a_shard_says_of_each_requirement_that_it_has_no_test_of_where_that_is(parts):
    _, one, two = map(read_run, parts)
    assert (one.header.shard, two.header.shard) == ("1/2", "2/2")
    for run, other in ((one, "2/2"), (two, "1/2")):
        left = [v for v in verdicts(run) if v.message == f"of another shard, {other}"]
        assert len(left) > 40
        assert {v.outcome for v in left} == {Outcome.NOT_RUN}


def test_every_shard_looks_back_on_its_own_exchanges(parts):
    for run in map(read_run, parts[1:]):
        assert outcomes(run)["HTTP-005"] is Outcome.PASS


def test_the_report_of_all_shards_is_made_of_their_files(parts, place, capsys):
    assert main(["report", *map(str, parts[1:]), "-o", "public", "--format", "html,junit"]) == 0
    assert "tested must requirements passed" in capsys.readouterr().out
    assert (place / "public" / "report.html").is_file()


def test_a_missing_shard_leaves_the_report_without_a_verdict_and_is_named(parts, place, capsys):
    shutil.copy(parts[1], place / "one.jsonl")
    text = (place / "one.jsonl").read_text().replace('"shard":"1/2"', '"shard":"1/3"')
    (place / "one.jsonl").write_text(text)
    text = parts[2].read_text().replace('"shard":"2/2"', '"shard":"2/3"')
    (place / "two.jsonl").write_text(text)
    assert main(["report", "one.jsonl", "two.jsonl", "-o", "public"]) == 0
    assert "the results of shard 3/3 are missing" in capsys.readouterr().out


@pytest.mark.parametrize(("one", "another"), [(1, 1), (0, 1)])
def test_files_that_are_not_the_parts_of_one_check_are_refused(parts, capsys, one, another):
    assert main(["report", str(parts[one]), str(parts[another])]) == 2
    said = capsys.readouterr().err
    assert "not the parts of one check" in said or "different targets" in said
    assert said.count("\n") == 1


# --- bad values ---------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "2", "0/2", "3/2", "a/b", "1/0", "-1/2", "1/2/3"])
def test_what_is_no_part_of_a_whole_is_refused_in_one_sentence(check, word):
    result = check(f"--shard={word}")
    assert result.exit == 2
    assert f"--shard is {word!r}; give the part and the number of parts" in result.err
    assert result.err.count("\n") == 1


def test_a_shard_for_which_no_test_is_left_is_bad_usage(check: Callable[..., object]) -> None:
    result = check("--only", "REG-001", "--shard", "9/9")
    assert result.exit == 2
    assert "Nothing is selected: there are fewer tests than shards" in result.err


def test_a_waiver_is_not_called_needless_by_a_shard_that_decides_a_part_of_it(check, place):
    (place / "authspec.toml").write_text(
        '[waivers.HTTP-005]\nfailure = "x"\nreason = "y"\nuntil = 2999-01-01\n'
    )
    some = ("--only", "HTTP-005,REG-001,ACT-001")
    result = check(*some, "--shard", "1/2")
    assert (result.exit, outcomes(result.run)["HTTP-005"]) == (0, Outcome.PASS), result.out
    assert "is not needed any more" in check(*some).out


def test_a_list_is_not_divided(check):
    result = check("--list", "--shard", "1/2")
    assert result.exit == 2
    assert "leave one out" in result.err
