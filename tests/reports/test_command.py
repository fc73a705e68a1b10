"""`authspec report` and `authspec compare`, as their flags are read."""

import argparse
from pathlib import Path

import pytest

from authspec_contract.errors import ResultsError, UsageError
from authspec_contract.results import Outcome, Result
from authspec_reports import command
from authspec_reports.sarif import Place
from tests.reports.sample import full_run, lines_of, requirement, run_of


def report(*argv: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_report_arguments(parser)
    return command.run_report(parser.parse_args([str(word) for word in argv]))


def compare(*argv: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_compare_arguments(parser)
    return command.run_compare(parser.parse_args([str(word) for word in argv]))


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "authspec-report" / "results.jsonl"
    path.parent.mkdir()
    path.write_text(lines_of(full_run()), encoding="utf-8")
    return path


@pytest.fixture
def passing(tmp_path):
    run = run_of([requirement("REG-001")], [Result("REG-001", "t", Outcome.PASS)])
    path = tmp_path / "before" / "results.jsonl"
    path.parent.mkdir()
    path.write_text(lines_of(run), encoding="utf-8")
    return path


def test_reports_go_beside_the_results_and_their_paths_are_said(results, capsys):
    assert report(results) == 0
    words = capsys.readouterr().out
    assert words.startswith("The contract is broken: ")
    assert str(results.parent / "report.html") in words
    assert (results.parent / "junit.xml").exists()


def test_format_and_folder_can_be_chosen(results, tmp_path):
    assert report(results, "-o", tmp_path / "public", "--format", "badge, sarif") == 0
    assert sorted(p.name for p in (tmp_path / "public").iterdir()) == ["badge.svg", "report.sarif"]


def test_the_format_text_is_also_printed(results, capsys):
    report(results, "--format", "text")
    assert "all areas" in capsys.readouterr().out


def test_a_run_that_was_cut_short_is_said_to_be(results, capsys):
    results.write_text(lines_of(full_run(complete=False)), encoding="utf-8")
    report(results)
    assert "This run was cut short" in capsys.readouterr().out


@pytest.mark.parametrize("formats", ["", ",", "pdf"])
def test_a_format_that_is_none_is_refused(results, formats):
    with pytest.raises(UsageError):
        report(results, "--format", formats)


def test_a_file_that_is_missing_is_refused():
    with pytest.raises(ResultsError, match="does not exist"):
        report("nowhere.jsonl")


def test_regressions_are_exit_1(passing, results, capsys):
    assert compare(results, results) == 0
    assert compare(passing, results) == 1
    assert "Regressions against the first" in capsys.readouterr().out


def test_one_file_alone_is_no_comparison(results):
    with pytest.raises(UsageError, match="compare takes two results files or more"):
        compare(results)


def test_a_comparison_can_be_written(passing, results, tmp_path, capsys):
    compare(passing, results, "--format", "html", "-o", tmp_path / "compare.html")
    assert (tmp_path / "compare.html").read_text().startswith("<!doctype html>")
    assert "compare.html" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "labels"),
    [
        (["a/results.jsonl", "b/results.jsonl"], ("a", "b")),
        (
            ["m/djoser-2.2/results.jsonl", "m/djoser-2.3/results.jsonl"],
            ("djoser-2.2", "djoser-2.3"),
        ),
        (["one.jsonl", "two.jsonl"], ("one.jsonl", "two.jsonl")),
        (["results.jsonl", "b/results.jsonl"], ("results.jsonl", "b/results.jsonl")),
        (["a/r.jsonl", "a/r.jsonl"], ("a/r.jsonl", "a/r.jsonl")),
        (["a/x/r.jsonl", "b/r.jsonl", "b/y/r.jsonl"], ("a/x", "b", "b/y")),
    ],
)
def test_labels_are_what_tells_the_paths_apart(files, labels):
    assert command.labels_of([Path(file) for file in files]) == labels


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("authspec.toml", "# ours\n[target]\nurl = 'x'\n", Place("authspec.toml", 2)),
        ("authspec.toml", "", Place("authspec.toml", 1)),
        ("pyproject.toml", "[project]\n\n[tool.authspec.target]\n", Place("pyproject.toml", 3)),
        ("pyproject.toml", "[project]\n", None),
    ],
)
def test_alerts_stand_where_the_repository_tells_of_its_target(tmp_path, name, content, place):
    (tmp_path / name).write_text(content)
    assert command.place_in(tmp_path) == place
