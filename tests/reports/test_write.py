"""Reports are written whole, beside each other, and wrong wishes are refused in one sentence."""

import os

import pytest

from authspec_contract.errors import UsageError
from authspec_reports import FORMATS, write_reports
from tests.reports.sample import full_run, hostile_run


def test_every_format_is_written_and_nothing_else(tmp_path):
    written = write_reports(full_run(), tmp_path / "new" / "folder", FORMATS)
    assert [path.name for path in written] == [file for file, _ in FORMATS.values()]
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == sorted(p.name for p in written)


def test_a_hostile_run_is_written_as_utf8(tmp_path):
    for path in write_reports(hostile_run(), tmp_path, FORMATS):
        path.read_bytes().decode("utf-8")


def test_the_default_is_the_page_and_junit(tmp_path):
    assert [p.name for p in write_reports(full_run(), tmp_path)] == ["report.html", "junit.xml"]


def test_the_same_run_gives_the_same_bytes(tmp_path):
    first = [p.read_bytes() for p in write_reports(full_run(), tmp_path, FORMATS)]
    assert first == [p.read_bytes() for p in write_reports(full_run(), tmp_path, FORMATS)]


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(UsageError, match="did you mean 'html'"):
        write_reports(full_run(), tmp_path / "out", ["junit", "htm"])
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        write_reports(full_run(), tmp_path / "file")
