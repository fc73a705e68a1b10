"""`authspec spec` and `authspec review` write what they say and end with the right code."""

import argparse

import pytest
import yaml

from authspec_contract import review_command, spec_command
from authspec_contract.errors import UsageError
from authspec_contract.openapi import effective
from authspec_contract.profile_file import load_profile


def run(module, *arguments):
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return module.run(parser.parse_args(arguments))


def test_bundle_prints_the_contract(capsys):
    assert run(spec_command, "bundle", "--profile", "djoser") == 0
    assert yaml.safe_load(capsys.readouterr().out) == effective(load_profile("djoser"))


def test_html_is_written_into_a_new_folder(tmp_path, capsys):
    file = tmp_path / "new" / "contract.html"
    assert run(spec_command, "html", "-o", str(file)) == 0
    assert str(file) in capsys.readouterr().out
    page = file.read_text()
    assert "/auth/users/set_email/" in page
    assert "src=" not in page


def test_lint_says_that_the_contract_is_whole(capsys):
    assert run(spec_command, "lint") == 0
    assert "whole" in capsys.readouterr().out


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        run(spec_command, "html", "-o", str(tmp_path / "file" / "contract.html"))


def test_review_writes_a_page_and_markdown(tmp_path, capsys):
    assert run(review_command, "-o", str(tmp_path / "review")) == 0
    assert "findings about" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "review").iterdir()} == {"review.html", "review.md"}
