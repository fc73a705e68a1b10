"""A results file is read as it was written, also when it was cut off; a foreign file is refused."""

import io
import json

import pytest

from authspec_contract.errors import ResultsError
from authspec_contract.results import (
    Exchange,
    Footer,
    Header,
    Message,
    Outcome,
    RequirementLine,
    Result,
    ResultsWriter,
    read_run,
)

HEADER = Header(
    run="r1", started="2024-02-29T12:00:00Z", seed=7, command=("authspec", "check"),
    tool={"name": "authspec", "version": "1"}, contract="abc", target={"url": "http://x"},
    profile={"name": "document"}, mailbox="none", level="must", mode="default",
    requirements=(RequirementLine("R-1", "text", "must", "djoser", "area", ("D-01",)),),
)  # fmt: skip
EXCHANGE = Exchange(
    1,
    "GET",
    "http://x/",
    Message({"A": "b"}, "größe \ud800"),
    200,
    Message({}, "{}"),
    0.1,
    "curl x",
)
RESULT = Result("R-1", "test_it", Outcome.PASS, exchanges=(1,))
FOOTER = Footer("2024-02-29T12:01:00Z", 60.0, {"pass": 1}, 0, "All fine.", leftovers=("a@b.c",))


@pytest.fixture
def text():
    stream = io.StringIO()
    writer = ResultsWriter(stream)
    writer.header(HEADER)
    writer.exchange(EXCHANGE)
    writer.result(RESULT)
    writer.footer(FOOTER)
    return stream.getvalue()


def write(tmp_path, text):
    file = tmp_path / "results.jsonl"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_what_was_written_is_read(tmp_path, text):
    run = read_run(write(tmp_path, text))
    assert run.header == HEADER
    assert run.results == (RESULT,)
    assert run.footer == FOOTER
    assert run.exchanges[1].status == 200
    assert run.complete


def test_a_run_without_footer_is_known_as_cut_short(tmp_path, text):
    run = read_run(write(tmp_path, "".join(text.splitlines(keepends=True)[:-1])))
    assert not run.complete
    assert run.results == (RESULT,)


def test_every_place_where_a_run_may_be_killed_leaves_a_readable_file(tmp_path, text):
    whole = text.encode()
    first = whole.index(b"\n") + 1
    for end in range(first, len(whole), 7):
        run = read_run(write(tmp_path, whole[:end]))
        assert run.header == HEADER


@pytest.mark.parametrize(
    "content",
    ["", "{}\n", "hello\n", "[1]\n{}\n", '{"type": "footer"}\n', "\x00\x01\n", "null\n"],
)
def test_a_foreign_file_is_one_sentence(tmp_path, content):
    with pytest.raises(ResultsError) as caught:
        read_run(write(tmp_path, content))
    assert "results" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_line_in_the_middle_is_named(tmp_path, text):
    lines = text.splitlines()
    lines[1] = lines[1][:20]
    with pytest.raises(ResultsError, match=r"results\.jsonl:2 is not a line"):
        read_run(write(tmp_path, "\n".join(lines)))


def test_another_format_is_refused(tmp_path, text):
    head, *rest = text.splitlines()
    head = json.dumps({**json.loads(head), "format": 99})
    with pytest.raises(ResultsError, match="of format 99; this version reads format 1"):
        read_run(write(tmp_path, "\n".join([head, *rest])))


def test_a_missing_file_and_a_folder_are_one_sentence(tmp_path):
    with pytest.raises(ResultsError, match="does not exist"):
        read_run(tmp_path / "none.jsonl")
    with pytest.raises(ResultsError, match="cannot be read"):
        read_run(tmp_path)
