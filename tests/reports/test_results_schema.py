"""The results file's JSON Schema is what the writer writes."""

import json
from dataclasses import fields
from importlib.resources import files
from io import StringIO
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from authspec_contract.errors import ResultsError
from authspec_contract.results import (
    FORMAT,
    Exchange,
    Footer,
    Header,
    Message,
    Outcome,
    RequirementLine,
    Result,
    ResultsWriter,
    Run,
    parse_run,
    read_run,
)
from tests.reports.sample import full_run, hostile_run, lines_of

SCHEMA: dict[str, Any] = json.loads(
    (files("authspec_contract") / "results.schema.json").read_text(encoding="utf-8")
)


def complaints(run: Run) -> list[str]:
    validator = Draft202012Validator(SCHEMA)
    return [
        f"{line[:80]}: {error.message}"
        for line in lines_of(run).splitlines()
        for error in validator.iter_errors(json.loads(line))
    ]


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "run",
    [full_run(), full_run(complete=False), hostile_run()],
    ids=["full", "cut short", "hostile"],
)
def test_every_line_that_is_written_satisfies_the_schema(run):
    assert complaints(run) == []


@pytest.mark.parametrize(
    ("name", "cls", "extra"),
    [
        ("header", Header, {"type"}),
        ("exchange", Exchange, {"type"}),
        ("result", Result, {"type"}),
        ("footer", Footer, {"type"}),
        ("requirement", RequirementLine, set()),
        ("message", Message, set()),
    ],
)
def test_the_schema_names_exactly_the_fields_of_the_types(name, cls, extra):
    definition = SCHEMA["$defs"][name]
    names = {field.name for field in fields(cls)} | extra
    assert set(definition["properties"]) == names
    assert set(definition["required"]) == names
    assert definition["additionalProperties"] is False


def test_the_schema_knows_the_outcomes_and_the_format():
    assert set(SCHEMA["$defs"]["outcome"]["enum"]) == {outcome.value for outcome in Outcome}
    assert SCHEMA["$defs"]["header"]["properties"]["format"] == {"const": FORMAT}


@pytest.mark.parametrize(
    "line",
    [
        {"type": "result"},
        {"type": "else"},
        {"type": "result", "requirement": "A", "test": "", "outcome": "skipped", "message": "",
         "exchanges": [], "seconds": 0},
        {"type": "result", "requirement": "A", "test": "", "outcome": "pass", "message": "",
         "exchanges": [], "seconds": 0, "colour": "red"},
    ],
)  # fmt: skip
def test_the_schema_refuses_other_lines(line):
    assert not Draft202012Validator(SCHEMA).is_valid(line)


@pytest.mark.parametrize("run", [full_run(), full_run(complete=False), hostile_run()])
def test_a_run_is_read_as_it_was_written(run):
    assert parse_run(lines_of(run).split("\n"), name="results.jsonl") == run


def test_a_file_cut_off_anywhere_after_its_header_is_read_as_cut_short(tmp_path):
    text = lines_of(full_run()).replace("known until", "bekannt für … bis").encode()
    path = tmp_path / "results.jsonl"
    start, footer = text.index(b"\n") + 1, text.rindex(b'{"type":"footer"')
    for end in range(start, footer + 1):
        path.write_bytes(text[:end])
        assert not read_run(path).complete


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "has no header line"),
        (b"hello\n", "is not a line of a results file"),
        (b"\xff\xfe\n", "cannot be read as a results file: it is not UTF-8.$"),
        (b"[" * 100_000, "is not a line of a results file"),
        (b"[]\n", "it is no JSON object"),
        (b"{}\n", "it has no type"),
        (b'{"type":"header","format":7}\n', "is of format 7"),
    ],
)
def test_a_file_that_is_no_results_file_is_refused_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "results.jsonl"
    path.write_bytes(content)
    with pytest.raises(ResultsError, match=sentence):
        read_run(path)


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (0, {"started": None}),
        (0, {"level": "most"}),
        (0, {"tool": ["authspec"]}),
        (0, {"command": [1]}),
        (1, {"seconds": "long"}),
        (-1, {"finished": 5}),
        (-1, {"coverage": []}),
        (-1, {"leftovers": [None]}),
    ],
)
def test_a_field_of_another_type_is_refused_and_named(number, change):
    lines = lines_of(full_run()).splitlines()
    lines[number] = json.dumps({**json.loads(lines[number]), **change})
    lines.append(lines[1])  # what stands last may be cut off
    with pytest.raises(ResultsError, match=rf"results.jsonl:\d+ .*its {next(iter(change))} cannot"):
        parse_run(lines, name="results.jsonl")


def test_a_folder_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(ResultsError, match="as a results file: Is a directory"):
        read_run(tmp_path)


def test_a_missing_file_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(ResultsError, match="does not exist"):
        read_run(tmp_path / "results.jsonl")


def test_a_file_that_holds_lone_surrogates_is_utf8():
    stream = StringIO()
    ResultsWriter(stream).header(hostile_run().header)
    assert stream.getvalue().encode("utf-8")
