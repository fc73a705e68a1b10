"""Answers are held against the contract: the right ones pass, each kind of wrong one is told."""

import json

import pytest
from jsonschema import Draft202012Validator

from authspec_contract.errors import ContractError
from authspec_contract.openapi import operations
from authspec_contract.oracle import Oracle, oracle_of, schema_for, validate_body
from authspec_contract.profile_file import load_profile
from tests.spec.profiles import every_profile

DOCUMENT = load_profile("document")
ME = {"id": 1, "email": "a@example.com", "name": ""}
DETAIL = b'{"detail":"No."}'


@pytest.fixture(scope="module")
def oracle():
    return Oracle(DOCUMENT)


def complaints(oracle, method, path, status, body=b"", **headers):
    return oracle.complaints(method, path, status, body, headers or None)


def test_a_conforming_answer_has_no_complaints(oracle):
    assert complaints(oracle, "GET", "/users/me/", 200, json.dumps(ME).encode()) == []
    assert complaints(oracle, "GET", "/auth/users/me/", 200, json.dumps(ME).encode()) == []
    assert complaints(oracle, "DELETE", "/auth/users/me/?x=1", 204) == []
    assert complaints(oracle, "POST", "/users/", 400, b'["Unable to create account."]') == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"id": "1"}, "is not of type 'integer'"),
        ({"email": "nobody"}, "is not a 'email'"),
        ({"is_staff": False}, "'is_staff' was unexpected"),
        ({"name": None}, "is not of type 'string'"),
        ({"name": "x" * 256}, "is too long"),
    ],
)
def test_a_body_of_another_shape_is_told(oracle, changed, expected):
    (told,) = complaints(oracle, "GET", "/users/me/", 200, json.dumps({**ME, **changed}).encode())
    assert expected in told


def test_a_missing_field_is_told(oracle):
    assert complaints(oracle, "GET", "/users/me/", 200, b'{"id":1,"email":"a@example.com"}') == [
        "$: 'name' is a required property"
    ]


def test_errors_about_foreign_fields_are_told(oracle):
    (told,) = complaints(oracle, "DELETE", "/users/me/", 400, b'{"password":["No."]}')
    assert "fits none of the shapes" in told
    assert "'password' was unexpected" in told


def test_errors_that_are_no_lists_are_told(oracle):
    assert complaints(oracle, "DELETE", "/users/me/", 400, b'{"current_password":"No."}')


def test_a_body_where_none_belongs_is_told(oracle):
    assert complaints(oracle, "POST", "/users/activation/", 204, b"{}") == [
        "The body is '{}'; expected none."
    ]


@pytest.mark.parametrize("body", [b"", b"<h1>Server Error (500)</h1>", b"{", b"\xff"])
def test_a_body_that_is_no_json_is_told(oracle, body):
    (told,) = complaints(oracle, "GET", "/users/me/", 200, body)
    assert told.endswith("expected JSON.")


def test_an_unknown_status_is_told_with_the_known_ones(oracle):
    (told,) = complaints(oracle, "GET", "/users/me/", 500)
    assert told == ("The contract has no 500 for GET /users/me/; it has 200, 401, 405, 406.")


def test_an_unknown_path_is_told(oracle):
    (told,) = complaints(oracle, "GET", "/auth/user/me/", 404)
    assert told.startswith("The contract has no path /auth/user/me/; did you mean")


def test_headers_are_looked_at_in_any_letter_case(oracle):
    assert oracle.complaints("GET", "/users/me/", 401, DETAIL, {"www-authenticate": "Token"}) == []
    assert oracle.complaints("GET", "/users/me/", 401, DETAIL, {"WWW-Authenticate": "Basic"}) == [
        "The header WWW-Authenticate is 'Basic'; expected 'Token'."
    ]
    assert oracle.complaints("GET", "/users/me/", 401, DETAIL, {}) == [
        "The header WWW-Authenticate is missing."
    ]


def test_another_media_type_is_told(oracle):
    headers = {"Content-Type": "text/html; charset=utf-8"}
    told = oracle.complaints("GET", "/users/me/", 200, json.dumps(ME).encode(), headers)
    assert told == ["The media type is text/html; expected application/json."]


def test_a_method_that_the_path_lacks_is_refused_as_the_path_refuses(oracle):
    allow = {"Allow": "POST, OPTIONS"}
    assert oracle.complaints("PUT", "/users/activation/", 405, DETAIL, allow) == []
    assert oracle.complaints("PUT", "/users/activation/", 401, DETAIL) == []
    assert oracle.complaints("PUT", "/users/activation/", 200, b"{}")


def test_a_missing_slash_is_a_redirect(oracle):
    assert oracle.complaints("POST", "/auth/users", 301, b"", {"Location": "/auth/users/"}) == []
    assert oracle.complaints("POST", "/auth/users", 201, b"{}")


def test_an_empty_refusal_is_known_where_there_is_one(oracle):
    pasted = Oracle(load_profile("hypersaas"))
    assert pasted.complaints("POST", "/users/resend_activation/", 400, b"") == []
    assert oracle.complaints("POST", "/users/resend_activation/", 400, b"")


def test_me_is_not_taken_for_a_user_by_id(oracle):
    assert oracle.template("/auth/users/me/") == "/users/me/"
    assert oracle.template("/auth/users/12/") == "/users/{id}/"


def test_head_is_answered_as_get_without_a_body(oracle):
    assert oracle.complaints("HEAD", "/users/", 200, b"") == []


@pytest.mark.parametrize("profile", every_profile(), ids=lambda profile: profile.name)
def test_every_answer_of_every_operation_has_a_schema_that_stands_alone(profile):
    oracle = Oracle(profile)
    for method, path, operation in operations(oracle.document):
        for status in operation["responses"]:
            schema = oracle.schema(method, path, int(status))
            if schema is not None:
                Draft202012Validator.check_schema(schema)


def test_no_content_has_no_schema():
    assert schema_for(DOCUMENT, "DELETE", "/users/me/", 204) is None
    with pytest.raises(ContractError, match="has no 418"):
        schema_for(DOCUMENT, "DELETE", "/users/me/", 418)


def test_the_oracle_of_a_profile_is_made_once():
    assert oracle_of(DOCUMENT) is oracle_of(DOCUMENT)
    assert validate_body(DOCUMENT, "DELETE", "/users/me/", 204, b"") == []


def test_many_profiles_do_not_pile_up():
    for _ in range(3):
        for profile in every_profile():
            assert oracle_of(profile).profile is profile


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("2024-02-29T12:00:00Z", True), ("2024-02-29T17:30:00.123456+05:30", True),
        ("2024-02-29T12:00:00", True), ("2024-02-29 12:00:00", True),
        ("2024-02-29", False), ("2024-02-30T12:00:00Z", False), ("yesterday", False),
    ],
)  # fmt: skip
def test_a_moment_may_lack_its_zone(value, fits):
    schema = {"type": "string", "format": "date-time"}
    assert bool(oracle_of(load_profile("document")).mismatches(schema, value)) is not fits
