"""What the suite's tests assert: each failure is one sentence, and names its exchange."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from authspec_conformance import expect
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import Reply

from .sample import reply


def said(check: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(expect.Failure) as caught:
        check(*arguments, **named)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def me(status: int = 200, body: Any = None, **headers: str) -> Reply:
    return reply("GET", "users/me/", status, body, headers=headers, exchange=9)


def test_a_status_is_told_with_what_the_body_says():
    assert expect.status(me(204), 200, 204)
    assert said(expect.status, me(400, {"a": ["b"]}), 200, 201) == (
        'GET /auth/users/me/ → 400, expected 200 or 201; it says {"a": ["b"]}'
    )


def test_a_page_of_html_is_not_repeated():
    page = replace(me(500), body=b"<!doctype html><html>" + b"x" * 999)
    assert said(expect.status, page, 200) == "GET /auth/users/me/ → 500, expected 200"


def test_a_failure_carries_the_exchange_that_shows_it():
    with pytest.raises(expect.Failure) as caught:
        expect.status(me(500), 200)
    assert caught.value.exchange == 9


def test_a_failed_precondition_is_inconclusive():
    with (
        pytest.raises(
            Inconclusive, match=r"does not hold: it works \(GET .* → 500, expected 200\)"
        ),
        expect.given("it works"),
    ):
        expect.status(me(500), 200)


def test_an_empty_answer_has_no_body():
    expect.empty(me(204))
    assert "has the body" in said(expect.empty, me(204, {}))


def test_json_has_its_media_type_and_is_json():
    assert expect.is_json(me(200, [1])) == [1]
    assert "has the Content-Type 'text/html'" in said(
        expect.is_json, me(200, {}, **{"Content-Type": "text/html; charset=utf-8"})
    )
    assert "is not JSON" in said(expect.is_json, replace(me(200, {}), body=b"<html>"))
    assert "expected a JSON object" in said(expect.json_object, me(200, [1]))


def test_keys_are_exactly_these():
    assert expect.exactly(me(200, {"a": 1}), ["a"]) == {"a": 1}
    assert "also shows 'b'" in said(expect.exactly, me(200, {"a": 1, "b": 2}), ["a"])
    assert "lacks 'b'" in said(expect.exactly, me(200, {"a": 1}), ["a", "b"])


def test_field_errors_are_lists_of_messages_for_these_fields_alone():
    expect.field_errors(me(400, {"email": ["x"]}), "email")
    assert "also complains of 'b'" in said(
        expect.field_errors, me(400, {"a": ["x"], "b": ["y"]}), "a"
    )
    assert "complains of 'b', expected of 'a'" in said(
        expect.field_errors, me(400, {"b": ["y"]}), "a"
    )
    for messages in ("text", [], [""], [1], {"x": 1}):
        assert "a list of messages" in said(expect.field_errors, me(400, {"a": messages}), "a")


def test_a_complaint_may_stand_beside_others():
    expect.complains_of(me(400, {"a": ["x"], "b": ["y"]}), "a")
    assert "expected of 'c'" in said(expect.complains_of, me(400, {"a": ["x"]}), "c")


def test_a_detail_is_a_text():
    assert expect.detail(me(401, {"detail": "No."}), 401) == "No."
    assert "a text under 'detail'" in said(expect.detail, me(401, {"detail": ["No."]}), 401)


def test_a_refusal_is_any_4xx():
    expect.refused(me(404))
    for status in (200, 302, 500):
        assert "expected a refusal (4xx)" in said(expect.refused, me(status))


def test_a_header_is_there_and_right():
    expect.header(me(405, Allow="GET"), "Allow", lambda v: "GET" in v, "GET")
    assert "has no Allow header, expected GET" in said(
        expect.header, me(405), "Allow", lambda v: True, "GET"
    )
    assert "has Allow: 'POST', expected GET" in said(
        expect.header, me(405, Allow="POST"), "Allow", lambda v: v == "GET", "GET"
    )


def test_equal_values_are_of_the_same_type():
    expect.equal(1, 1, "the id")
    assert said(expect.equal, True, 1, "the id") == "the id is True, expected 1"
    assert said(expect.equal, "a", "b", "the name") == "the name is 'a', expected 'b'"


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (me(404, {"a": 1}), "400 and 404"),
        (me(400, {"a": 2}), '{"a": 1} and {"a": 2}'),
        (me(400, {"a": 1}, **{"X-Reason": "unknown"}), "by the headers 'x-reason'"),
        (replace(me(400, {"a": 1}), cookies={"seen": "1"}), "by the headers 'set-cookie'"),
    ],
)
def test_two_cases_that_can_be_told_apart_are_told(other, told):
    assert told in said(expect.indistinguishable, me(400, {"a": 1}), other, "they")


def test_what_varies_by_itself_tells_no_cases_apart():
    nonce = "Content-Security-Policy"
    first = me(400, {"a": 1}, Date="now", Expires="now", **{"CF-Ray": "a", nonce: "a"})
    second = me(400, {"a": 1}, Date="then", Expires="then", **{"CF-Ray": "b", nonce: "b"})
    expect.indistinguishable(first, second, "they")
