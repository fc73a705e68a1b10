"""Bodies: JSON, forms, multipart, and everything that is none of them."""

from dataclasses import replace
from typing import Any

import pytest

from authspec_mock.core.media import header_parameters, read_media_type
from authspec_mock.core.multipart import MultipartError, Upload, read_multipart

from .client import PASSWORD, Client

FORM = "application/x-www-form-urlencoded"
PART = b'--x\r\nContent-Disposition: form-data; name="email"%s\r\n\r\na@b.co\r\n--x--\r\n'


def detail(raw: bytes, content_type: str) -> tuple[int, Any]:
    answer = Client().post("users/resend_activation/", raw=raw, content_type=content_type)
    return answer.status, answer.json


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"NaN", "Out of range float values are not JSON compliant: 'NaN'"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (
            b"\xef\xbb\xbf{}",
            "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
        ),
        (b"[" * 100_000, "the value is nested too deeply"),
    ],
)
def test_malformed_json_is_told_in_pythons_words(raw: bytes, message: str) -> None:
    status, body = detail(raw, "application/json")
    assert status == 400
    assert body == {"detail": f"JSON parse error - {message}"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"null", "No data provided"),
        (b"[]", "Invalid data. Expected a dictionary, but got list."),
        (b'"x"', "Invalid data. Expected a dictionary, but got str."),
        (b"1", "Invalid data. Expected a dictionary, but got int."),
        (b"true", "Invalid data. Expected a dictionary, but got bool."),
    ],
)
def test_json_that_is_no_object_is_refused(raw: bytes, message: str) -> None:
    assert detail(raw, "application/json") == (400, {"non_field_errors": [message]})


def test_the_last_of_two_equal_keys_counts() -> None:
    assert detail(b'{"email": "a@b.co", "email": ""}', "application/json") == (
        400,
        {"email": ["This field may not be blank."]},
    )


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/vnd.api+json", "x" * 300])
def test_other_media_types_are_refused(content_type: str) -> None:
    status, body = detail(b"{}", content_type)
    assert status == 415
    assert body == {"detail": f'Unsupported media type "{content_type}" in request.'}


@pytest.mark.parametrize("content_type", ["*/*", "APPLICATION/JSON", "application/*; charset=x"])
def test_a_wildcard_is_read_as_json(content_type: str) -> None:
    assert detail(b'{"email": "a@b.co"}', content_type) == (204, None)


def test_charsets_are_followed_when_they_are_of_text() -> None:
    body = '{"email": "é"}'.encode("utf-16")
    assert detail(body, "application/json; charset=utf-16")[0] == 400
    assert detail(b"{}", "application/json; charset=bz2") == (
        400,
        {"detail": 'Unsupported charset "bz2" in request Content-Type header.'},
    )


def test_an_empty_body_is_an_empty_object_whatever_its_type() -> None:
    assert detail(b"", "text/plain") == (400, {"email": ["This field is required."]})


def test_forms_are_read() -> None:
    client = Client()
    body = f"email=ada%40example.com&password={PASSWORD}&re_password={PASSWORD}".encode()
    answer = client.post("users/", raw=body.replace(b" ", b"+"), content_type=FORM)
    assert answer.json == {"email": "ada@example.com", "id": 1}


def test_multipart_forms_are_read() -> None:
    assert detail(PART % b"", "multipart/form-data; boundary=x") == (204, None)
    upload = detail(PART % b'; filename="a.txt"', "multipart/form-data; boundary=x")
    assert upload == (400, {"email": ["Enter a valid email address."]})


def test_a_file_keeps_the_last_part_of_its_name() -> None:
    form = read_multipart(
        PART % b'; filename="C:\\a\\b.txt"', "multipart/form-data; boundary=x", "utf-8", 100
    )
    assert isinstance(form["email"], Upload)
    assert str(form["email"]).endswith("b.txt")


def test_a_multipart_form_needs_a_boundary() -> None:
    with pytest.raises(MultipartError, match="Invalid boundary in multipart: None"):
        read_multipart(b"", "multipart/form-data", "utf-8", 100)
    status, body = detail(b"x", "multipart/form-data")
    assert body == {"detail": "Multipart form parse error - Invalid boundary in multipart: None"}
    assert status == 400


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b"x" * 101, "application/json"),
        (b"x" * 101, FORM),
        (b"a=1&" * 1001, FORM),
        (PART % (b"x" * 10) + b"x" * 100, "multipart/form-data; boundary=y"),
    ],
)
def test_too_much_is_refused_by_djangos_page(raw: bytes, content_type: str) -> None:
    client = Client()
    django = replace(client.profile.django, DATA_UPLOAD_MAX_MEMORY_SIZE=100)
    if raw.startswith(b"a=1"):
        django = client.profile.django
    client.world.profile = replace(client.profile, django=django)
    answer = client.post("users/", raw=raw, content_type=content_type)
    if content_type.startswith("multipart"):
        assert answer.status == 400
    else:
        assert answer.header("Content-Type") == "text/html; charset=utf-8"
        assert b"<title>Bad Request (400)</title>" in answer.response.body


def test_header_parameters() -> None:
    assert header_parameters("") == ("", {})
    assert header_parameters("A/B") == ("a/b", {})
    assert header_parameters("a/b; C=d;; e") == ("a/b", {"c": "d", "e": ""})
    assert header_parameters('a/b; c="d; e"') == ("a/b", {"c": "d; e"})


@pytest.mark.parametrize(
    ("text", "precedence"),
    [("*/*", 0), ("text/*", 1), ("text/html", 2), ("text/html;q=1", 2), ("text/html;a=1", 3)],
)
def test_media_types_know_how_specific_they_are(text: str, precedence: int) -> None:
    assert read_media_type(text).precedence == precedence
