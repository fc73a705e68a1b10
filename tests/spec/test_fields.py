"""Values of a file are read one by one, and a wrong one is told in a sentence."""

from dataclasses import dataclass

import pytest

from authspec_contract import fields as f
from authspec_contract.errors import UsageError


@pytest.mark.parametrize(
    ("given", "seconds"),
    [(90, 90.0), (1.5, 1.5), ("30s", 30.0), ("5m", 300.0), ("100h", 360000.0), ("14d", 1209600.0)],
)
def test_a_duration_is_seconds_or_a_number_with_a_unit(given, seconds):
    assert f.seconds(given, "x") == seconds


@pytest.mark.parametrize("given", ["5 weeks", "", "-1", -1, True, None, [5]])
def test_anything_else_is_no_duration(given):
    with pytest.raises(UsageError, match="expected a duration"):
        f.seconds(given, "x")


@pytest.mark.parametrize(
    ("read", "given", "expected"),
    [
        (f.boolean, "yes", "true or false"),
        (f.boolean, 1, "true or false"),
        (f.text, 5, "a text"),
        (f.whole, -1, "a whole number"),
        (f.whole, True, "a whole number"),
        (f.texts, [1], "a list of texts"),
        (f.mapping, [1], "a mapping"),
        (f.mapping, {1: 2}, "a mapping"),
        (f.list_of(f.text), "abc", "a list"),
        (f.one_of("jwt", "token"), "jwr", "did you mean 'jwt'"),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_was_expected(read, given, expected):
    with pytest.raises(UsageError, match=expected) as caught:
        read(given, "some.place")
    assert str(caught.value).startswith("some.place")


def test_one_text_stands_for_a_list_of_one():
    assert f.texts("JWT", "x") == ("JWT",)


@dataclass(frozen=True)
class Pair:
    left: str
    from_: str = ""


READERS = {"left": f.text, "from": f.text}


def test_a_reserved_word_is_read_under_its_name_in_the_file():
    assert f.build(Pair, {"left": "a", "from": "b"}, "x", READERS) == Pair("a", "b")


def test_a_missing_key_is_named():
    with pytest.raises(UsageError, match="x lacks the key 'left'"):
        f.build(Pair, {}, "x", READERS)


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(UsageError, match="unknown key 'lfet'; did you mean 'left'"):
        f.build(Pair, {"lfet": "a"}, "x", READERS)
