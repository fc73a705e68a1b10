"""The parts of the OpenAPI are joined into one document, and refused with file and line."""

import shutil
from importlib.resources import as_file, files

import pytest

from authspec_contract.errors import ContractError, UsageError
from authspec_contract.openapi import joined, operations
from authspec_contract.openapi_parts import joined_parts


@pytest.fixture
def folder(tmp_path):
    with as_file(files("authspec_contract") / "openapi") as shipped:
        shutil.copytree(shipped, tmp_path / "openapi")
    return tmp_path / "openapi"


def replace(folder, name, old, new):
    file = folder / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def refusal(folder):
    with pytest.raises(UsageError) as caught:
        joined_parts(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_every_reference_leads_to_a_component_of_the_joined_document():
    document = joined()
    for reference in references(document):
        _, _, kind, name = reference.split("/")
        assert name in document["components"][kind]


def test_every_component_is_used():
    document = joined()
    used = set(references(document)) | {"#/components/schemas/Messages"}  # by x-errors-of
    for kind in ("schemas", "responses", "requestBodies"):
        assert {f"#/components/{kind}/{name}" for name in document["components"][kind]} <= used


def test_every_documented_operation_is_there():
    named = {
        f"{method} {path}"
        for method, path, operation in operations(joined())
        if operation.get("x-in-document", True)
    }
    assert named == {
        "POST /users/", "POST /users/activation/", "POST /users/resend_activation/",
        "GET /users/me/", "PUT /users/me/", "PATCH /users/me/", "DELETE /users/me/",
        "POST /users/set_password/", "POST /users/reset_password/",
        "POST /users/reset_password_confirm/", "POST /users/set_email/",
    }  # fmt: skip


def test_every_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for _, _, operation in operations(joined())]
    assert len(names) == len(set(names))


def test_joining_twice_gives_documents_of_their_own():
    joined()["paths"].clear()
    assert joined()["paths"]


def test_an_unknown_condition_names_its_file_and_line(folder):
    line = replace(
        folder, "schemas/requests.yaml", "[SET_PASSWORD_RETYPE]", "[SET_PASSWORT_RETYPE]"
    )
    assert refusal(folder) == (
        f"openapi/schemas/requests.yaml:{line}: the unknown condition 'SET_PASSWORT_RETYPE'; "
        "did you mean 'SET_PASSWORD_RETYPE'?"
    )


def test_a_reference_to_nothing_names_its_file_and_line(folder):
    line = replace(folder, "paths/me.yaml", "answers.yaml#/CurrentUser", "answers.yaml#/CurentUser")
    assert refusal(folder) == (
        f"openapi/paths/me.yaml:{line}: ../schemas/answers.yaml#/CurentUser refers to nothing; "
        "did you mean 'CurrentUser'?"
    )


def test_a_reference_to_a_missing_file_names_its_file_and_line(folder):
    line = replace(folder, "paths/me.yaml", "schemas/answers.yaml#", "schemas/answer.yaml#")
    assert refusal(folder).startswith(f"openapi/paths/me.yaml:{line}: ")


def test_a_path_without_its_part_names_its_line(folder):
    line = replace(folder, "openapi.yaml", "/users/me/:", "/users/you/:")
    replace(folder, "openapi.yaml", "paths/me.yaml", "paths/you.yaml")
    assert refusal(folder).startswith(
        f"openapi/openapi.yaml:{line}: the path /users/you/ refers to"
    )


def test_an_unknown_annotation_names_the_nearest(folder):
    replace(folder, "paths/me.yaml", "x-permission", "x-permissions")
    assert "unknown annotation x-permissions; did you mean 'x-permission'?" in refusal(folder)


def test_an_unknown_action_of_the_permissions_is_refused(folder):
    replace(folder, "paths/me.yaml", "x-permission: user_delete", "x-permission: user_deletion")
    assert "unknown action 'user_deletion'" in refusal(folder)


def test_a_name_given_in_two_files_is_refused(folder):
    (folder / "schemas" / "more.yaml").write_text("Detail: {type: object}\n")
    assert "Detail stands in openapi/schemas/errors.yaml, too" in refusal(folder)


def test_broken_yaml_names_its_file_and_line(folder):
    (folder / "paths" / "me.yaml").write_text("get:\n  tags: [me\n")
    assert refusal(folder).startswith("openapi/paths/me.yaml:")


def test_parts_without_the_first_one_are_refused(folder):
    (folder / "openapi.yaml").unlink()
    with pytest.raises(ContractError, match=r"lack openapi\.yaml"):
        joined_parts(folder)
