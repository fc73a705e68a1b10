"""YAML is read so that every complaint names the file and the line."""

import pytest

from authspec_contract.errors import UsageError
from authspec_contract.yamlfile import key_lines, parse_yaml, read_yaml


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\na: 2\n", "x.yaml:2: "),
        ("a: [1\nb: 2\n", "x.yaml:2: "),
        ("a: 1\n\tb: 2\n", "x.yaml:2: "),
        ("a: !!python/object:os.system {}\n", "x.yaml:1: "),
        ("a: &x [*y]\n", "x.yaml:1: "),
    ],
    ids=["repeated key", "unclosed list", "tab", "unknown tag", "unknown anchor"],
)
def test_broken_yaml_is_one_sentence_with_file_and_line(text, place):
    with pytest.raises(UsageError) as caught:
        parse_yaml(text, name="x.yaml")
    assert str(caught.value).startswith(f"{place}not valid YAML: ")
    assert "\n" not in str(caught.value)


def test_yaml_that_is_too_deep_is_one_sentence():
    with pytest.raises(UsageError, match=r"x\.yaml"):
        parse_yaml("[" * 30000, name="x.yaml")


def test_a_file_that_does_not_exist_is_one_sentence(tmp_path):
    with pytest.raises(UsageError, match="does not exist; expected a profile"):
        read_yaml(tmp_path / "none.yaml", expected="a profile")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        read_yaml(tmp_path)


def test_a_file_that_is_not_utf8_is_one_sentence(tmp_path):
    file = tmp_path / "latin.yaml"
    file.write_bytes("name: Größe".encode("latin-1"))
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        read_yaml(file)


def test_lines_are_known_by_pointer():
    lines = key_lines("a:\n  b/c: 1\nd:\n- e\n- f: 2\n")
    assert lines["/a/b~1c"] == 2
    assert lines["/d/1/f"] == 5


def test_an_empty_text_has_no_lines():
    assert key_lines("") == {}
