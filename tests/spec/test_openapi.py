"""The effective contract is valid for every profile, and says what the profile decides."""

import json
import subprocess
import sys

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from authspec_contract.lint import effective_complaints
from authspec_contract.openapi import bundle, effective, joined, operations
from authspec_contract.profile_file import load_profile, shipped_profiles
from tests.spec.profiles import every_profile, variation

ANNOTATIONS_LEFT = {
    "x-statements", "x-in-document", "x-profile", "x-without-slash", "x-empty-body", "x-untested",
}  # fmt: skip


def schema(document, name):
    return document["components"]["schemas"][name]


def responses(document, method, path):
    return document["paths"][path][method]["responses"]


def annotations(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if str(key).startswith("x-"):
                yield key
            yield from annotations(value)
    elif isinstance(node, list):
        for item in node:
            yield from annotations(item)


def test_the_joined_parts_are_valid_openapi():
    assert list(OpenAPIV31SpecValidator(joined()).iter_errors()) == []


@pytest.mark.parametrize("profile", every_profile(), ids=lambda profile: profile.name)
def test_the_contract_of_every_profile_is_valid_and_so_are_its_examples(profile):
    assert effective_complaints(profile) == []


@pytest.mark.parametrize("profile", every_profile(), ids=lambda profile: profile.name)
def test_no_annotation_is_left_that_was_for_us_alone(profile):
    assert set(annotations(effective(profile))) <= ANNOTATIONS_LEFT


@pytest.mark.parametrize("profile", every_profile(), ids=lambda profile: profile.name)
def test_the_bundle_is_the_contract_as_one_yaml_file(profile):
    text = bundle(profile)
    assert yaml.safe_load(text) == effective(profile)
    assert "&id" not in text


@pytest.mark.parametrize("name", shipped_profiles())
def test_schemathesis_loads_every_operation(name):
    schemathesis = pytest.importorskip("schemathesis")
    document = effective(load_profile(name))
    loaded = schemathesis.openapi.from_dict(document)
    labels = {result.ok().label for result in loaded.get_all_operations()}
    assert len(labels) == len(list(operations(document)))


def test_the_document_is_what_the_document_says():
    document = effective(load_profile("document"))
    assert document["servers"][0]["url"] == "/auth"
    registration = schema(document, "Registration")
    assert registration["required"] == ["email", "password", "re_password"]
    assert list(schema(document, "RegisteredUser")["properties"]) == ["email", "id"]
    assert schema(document, "CurrentUser")["required"] == ["id", "email", "name"]
    assert schema(document, "LoginChange")["required"] == [
        "new_email", "re_new_email", "current_password",
    ]  # fmt: skip
    assert list(responses(document, "post", "/users/activation/")) == [
        "204", "400", "401", "403", "405", "406", "415",
    ]  # fmt: skip


def test_the_printed_settings_drop_what_they_do_not_ask_for():
    document = effective(load_profile("hypersaas"))
    assert "re_password" in schema(document, "Registration")["properties"]
    assert "re_new_password" not in schema(document, "PasswordChange")["properties"]
    assert "re_new_password" not in schema(document, "PasswordResetConfirmation")["required"]
    assert "204" not in responses(document, "post", "/users/resend_activation/")
    assert responses(document, "post", "/users/resend_activation/")["400"]["x-empty-body"] is True
    assert "email" in schema(document, "ProfileChange")["properties"]


def test_a_session_first_turns_401_into_403():
    document = effective(load_profile("hypersaas"))
    assert "401" not in responses(document, "get", "/users/me/")
    assert "403" in responses(document, "get", "/users/me/")
    assert "401" in responses(document, "post", "/jwt/create/")


def test_stock_djoser_names_its_paths_and_fields_by_the_username():
    document = effective(load_profile("djoser"))
    assert "/users/set_email/" not in document["paths"]
    operation = document["paths"]["/users/set_username/"]["post"]
    assert operation["x-in-document"] is False
    assert "x-statements" not in operation
    assert schema(document, "LoginChange")["required"] == ["new_username", "current_password"]
    assert schema(document, "JwtCredentials")["required"] == ["username", "password"]
    assert document["components"]["securitySchemes"]["JWT"]["scheme"] == "bearer"


def test_the_login_field_of_djoser_names_the_fields_and_the_models_the_path():
    document = effective(variation("login-field"))
    assert "/users/set_username/" in document["paths"]
    assert "new_email" in schema(document, "LoginChange")["properties"]
    assert "username" in schema(document, "JwtCredentials")["properties"]
    assert "email" in schema(document, "TokenCredentials")["properties"]


def test_media_types_are_those_of_the_parsers():
    bodies = effective(variation("json-only"))["components"]["requestBodies"]
    assert all(list(body["content"]) == ["application/json"] for body in bodies.values())
    bodies = effective(load_profile("document"))["components"]["requestBodies"]
    assert all(len(body["content"]) == 3 for body in bodies.values())


def test_a_throttled_deployment_may_answer_429_with_its_header():
    document = effective(variation("throttled"))
    assert all("429" in operation["responses"] for _, _, operation in operations(document))
    header = document["components"]["responses"]["TooManyRequests"]["headers"]["Retry-After"]
    assert header["required"] is True
    assert "429" not in responses(effective(load_profile("document")), "post", "/users/")


def test_every_refusal_of_a_method_names_the_methods_that_there_are():
    document = effective(load_profile("document"))
    allow = responses(document, "get", "/users/me/")["405"]["headers"]["Allow"]["schema"]["const"]
    assert allow == "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
    allow = responses(document, "post", "/users/")["405"]["headers"]["Allow"]["schema"]["const"]
    assert allow == "GET, POST, HEAD, OPTIONS"


def test_permissions_decide_who_needs_credentials():
    document = effective(load_profile("document"))
    assert document["paths"]["/users/"]["post"]["security"] == []
    assert "security" not in document["paths"]["/users/me/"]["get"]
    closed = effective(variation("closed"))
    assert "security" not in closed["paths"]["/users/"]["post"]
    assert "403" in responses(closed, "post", "/users/")


def test_only_schemes_of_the_deployment_are_asked_for():
    document = effective(variation("without-logins"))
    assert document["security"] == [{"Session": []}]
    assert not [path for path in document["paths"] if path.startswith(("/jwt", "/token"))]


def test_a_rotating_deployment_answers_a_new_refresh_token():
    assert schema(effective(variation("rotating")), "RenewedJwt")["required"] == [
        "access",
        "refresh",
    ]
    assert schema(effective(load_profile("document")), "RenewedJwt")["required"] == ["access"]


def test_a_root_and_a_deep_prefix_are_servers():
    assert effective(variation("at-the-root"))["servers"][0]["url"] == "/"
    assert effective(variation("telling"))["servers"][0]["url"] == "/api/v1"


@pytest.mark.parametrize("profile", every_profile(), ids=lambda profile: profile.name)
def test_every_component_is_referred_to(profile):
    document = effective(profile)
    text = json.dumps(document)
    for kind in ("schemas", "responses", "requestBodies"):
        assert all(f'"#/components/{kind}/{n}"' in text for n in document["components"][kind])


def test_djoser_3_has_no_root():
    assert "/" not in effective(variation("at-the-root"))["paths"]


def test_fields_have_the_types_of_the_profile():
    properties = schema(effective(variation("many-fields")), "CurrentUser")["properties"]
    assert properties["plan"] == {"enum": ["free", "paid"]}
    times = [{"type": "string", "format": "date-time"}, {"type": "null"}]
    assert properties["seen"] == {"anyOf": times}
    assert properties["born"]["anyOf"][1] == {"type": "null"}
    assert properties["age"] == {"type": "integer"}


def test_the_contract_needs_no_validator():
    code = (
        "import sys\n"
        "from authspec_contract.openapi import bundle\n"
        "from authspec_contract.profile_file import load_profile\n"
        "bundle(load_profile('document'))\n"
        "print([m for m in ('prance', 'jsonschema', 'openapi_spec_validator') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
