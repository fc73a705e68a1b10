"""Text from a target is made fit to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authspec_reports.markup import element
from authspec_reports.shown import LIMIT, shown, shown_body, shown_line


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_what_is_shown_holds_nothing_that_xml_or_utf8_refuses(text):
    result = shown(text)
    result.encode("utf-8")
    assert all(c in "\t\n" or ord(c) >= 0x20 for c in result)
    assert not any(c in result for c in "\ufffe\uffff\u202e\u200b\x7f\x85")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x00", r"\x00"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\ud800", r"\ud800"),
        ("a\u202eb", r"a\u202eb"),
        ("ünïcödé 漢字 🙂", "ünïcödé 漢字 🙂"),
        ("one\r\ntwo", "one\ntwo"),
    ],
)
def test_the_invisible_becomes_an_escape_and_the_rest_stays(text, expected):
    assert shown(text) == expected


def test_a_line_is_one_line():
    assert shown_line(" a\n\tb\r\nc ") == "a b c"


@pytest.mark.parametrize(
    "body",
    [
        '{"a": 1, "a": 2}',
        '{"price":1.50}',
        '{"n":1e400}',
        "[" * 5_000 + "]" * 5_000,
        "[NaN, 1]  x",
        "not json",
        "5",
    ],
)
def test_a_body_that_indenting_would_change_is_shown_as_it_came(body):
    assert shown_body(body) == body or len(body) > LIMIT


def test_json_is_indented_in_the_order_in_which_it_came():
    assert shown_body('{"b":[1],"a":"ü"}') == '{\n  "b": [\n    1\n  ],\n  "a": "ü"\n}'


def test_a_long_body_is_cut_and_says_by_how_much():
    result = shown_body("x" * (LIMIT + 1234))
    assert result.endswith("… and 1,234 more characters in the results file")
    assert len(result) < LIMIT + 100


def test_an_element_escapes_its_text_and_its_attributes():
    markup = element("a", "<b>", ["&", element("i", "'")], href='"><script>', class_="x", open=True)
    assert markup == (
        '<a href="&quot;&gt;&lt;script&gt;" class="x" open>&lt;b&gt;&amp;<i>&#x27;</i></a>'
    )
