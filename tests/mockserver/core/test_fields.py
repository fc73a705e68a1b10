"""What each field type takes, and what it says of the rest."""

from typing import Any

import pytest

from authspec_mock.core import fields as f
from authspec_mock.core.email_rule import is_email
from authspec_mock.core.multipart import FormData

TEXT = f.Text("x", checks=(f.at_most(5), *f.PLAIN_CHECKS))
EMAIL = f.Email("x", checks=f.EMAIL_CHECKS)
BLANK, NULL = "This field may not be blank.", "This field may not be null."


def run(field: f.Field, value: Any) -> Any:
    """The clean value, or the messages as a list."""
    try:
        return field.run(value, False, None)
    except f.BadField as bad:
        return bad.messages


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (" ab ", "ab"),
        (5, "5"),
        (1.5, "1.5"),
        (True, ["Not a valid string."]),
        ([], ["Not a valid string."]),
        ({"a": 1}, ["Not a valid string."]),
        (None, [NULL]),
        ("", [BLANK]),
        (" \t", [BLANK]),
        (f.EMPTY, ["This field is required."]),
        ("abcdef", ["Ensure this field has no more than 5 characters."]),
        ("a\0b", ["Null characters are not allowed."]),
        ("\ud800", ["Surrogate characters are not allowed: U+D800."]),
    ],
)
def test_text(value: Any, result: Any) -> None:
    assert run(TEXT, value) == result


def test_complaints_come_in_drfs_order() -> None:
    assert run(TEXT, "\0\ud800xxxx") == [
        "Ensure this field has no more than 5 characters.",
        "Null characters are not allowed.",
        "Surrogate characters are not allowed: U+D800.",
    ]


def test_an_address_of_the_wrong_type_is_no_address() -> None:
    assert run(EMAIL, []) == ["Enter a valid email address."]
    assert run(EMAIL, 5) == ["Enter a valid email address."]
    assert run(EMAIL, " a@b.co ") == "a@b.co"


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("a@b.co", True),
        ("a@localhost", True),
        ("a@b", False),
        ("a b@c.de", False),
        ('"a b"@c.de', False),
        ('"ab"@c.de', True),
        ("ä@b.co", False),
        ("a@exämple.com", True),
        ("a@[127.0.0.1]", True),
        ("a@[1.2.3]", False),
        ("a@b.c", False),
        ("a@-b.co", False),
        ("a@b.co.", False),
        ("a@b@c.de", False),
        ("@b.co", False),
        ("a" * 320 + "@b.co", False),
    ],
)
def test_addresses(address: str, good: bool) -> None:
    assert is_email(address) is good


@pytest.mark.parametrize(
    ("field", "value", "result"),
    [
        (f.Integer("x"), "7", 7),
        (f.Integer("x"), "7.0 ", 7),
        (f.Integer("x"), 7.0, 7),
        (f.Integer("x"), "7.5", ["A valid integer is required."]),
        (f.Integer("x"), True, ["A valid integer is required."]),
        (f.Integer("x"), "9" * 1001, ["String value too large."]),
        (f.Boolean("x"), "YES", True),
        (f.Boolean("x"), 0, False),
        (f.Boolean("x"), [], ["Must be a valid boolean."]),
        (f.Boolean("x"), None, [NULL]),
        (f.Boolean("x", allow_null=True), "null", None),
        (f.Uuid("x"), "A" * 32, "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"),
        (f.Uuid("x"), "zz", ["Must be a valid UUID."]),
        (f.Date("x"), "2020-1-5", "2020-01-05"),
        (
            f.Date("x"),
            "2020-02-30",
            ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."],
        ),
        (f.DateTime("x"), "2020-02-28T10:00:00+02:00", "2020-02-28T08:00:00Z"),
        (f.DateTime("x"), "2020-2-8 7:05", "2020-02-08T07:05:00Z"),
        (
            f.DateTime("x"),
            7,
            [
                "Datetime has wrong format. Use one of these formats instead: "
                "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
            ],
        ),
    ],
)
def test_other_types(field: f.Field, value: Any, result: Any) -> None:
    found = run(field, value)
    assert (found, type(found)) == (result, type(result))


def test_a_choice_quotes_what_it_does_not_know() -> None:
    field = f.Choice("x", allow_blank=True)
    field.choices = ("red", "7")
    assert [run(field, value) for value in ("red", 7, "", "blue")] == [
        "red",
        "7",
        "",
        ['"blue" is not a valid choice.'],
    ]


@pytest.mark.parametrize(
    ("field", "form", "value"),
    [
        (f.Text("x"), {"x": ""}, ""),
        (f.Text("x", required=False), {"x": ""}, f.EMPTY),
        (f.Text("x", required=False, allow_blank=True), {"x": ""}, ""),
        (f.Text("x", allow_null=True), {"x": ""}, None),
        (f.Text("x"), {}, f.EMPTY),
        (f.Boolean("x"), {}, False),
        (f.Boolean("x", allow_null=True), {}, None),
    ],
)
def test_a_blank_in_a_form_may_mean_nothing(field: f.Field, form: Any, value: Any) -> None:
    assert field.value_in(FormData(form), False) is value or value == ""


def test_a_partial_form_leaves_a_missing_boolean_alone() -> None:
    assert f.Boolean("x").value_in(FormData(), True) is f.EMPTY


def test_user_names_are_letters_digits_and_five_signs() -> None:
    assert f.valid_username("a.b@c+d-e_é", None) is None
    assert f.valid_username("a b", None) is not None
