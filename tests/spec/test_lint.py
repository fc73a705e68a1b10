"""The chain from statement to requirement is closed, and every gap in it is told."""

import shutil
from importlib.resources import as_file, files

import pytest

from authspec_contract.catalogue import load_catalogue
from authspec_contract.lint import broken_links, captured, complaints, examples, parts_complaints
from authspec_contract.oracle import Oracle
from authspec_contract.profile_file import load_profile


@pytest.fixture
def folder(tmp_path):
    with as_file(files("authspec_contract")) as shipped:
        for name in ("statements.yaml", "findings.yaml"):
            shutil.copy(shipped / name, tmp_path)
        for name in ("requirements", "openapi"):
            shutil.copytree(shipped / name, tmp_path / name)
    return tmp_path


def replace(folder, name, old, new):
    file = folder / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_our_own_contract_is_whole():
    assert complaints() == []


def test_every_statement_is_an_element_or_says_why_not():
    elements = {element.statement for element in captured(files("authspec_contract") / "openapi")}
    missing = set(load_catalogue().statements) - elements
    assert all(load_catalogue().statements[id_].untested for id_ in missing)


def test_an_element_of_an_unknown_statement_is_told_with_file_and_line(folder):
    replace(folder, "openapi/paths/me.yaml", "[D-21]", "[D-99]")
    found = [complaint for complaint in broken_links(folder) if "D-99" in complaint]
    assert len(found) == 1
    assert found[0].startswith("openapi/paths/me.yaml:")


def test_a_statement_that_nothing_captures_is_broken_links(folder):
    with (folder / "statements.yaml").open("a") as file:
        file.write("- id: D-48\n  section: s\n  text: Something else.\n")
    found = broken_links(folder)
    assert any("D-48 is captured by no element" in complaint for complaint in found)
    assert any("D-48 is tested by no requirement" in complaint for complaint in found)
    assert all(complaint.startswith("statements.yaml:") for complaint in found)


def test_a_statement_that_says_why_it_is_untested_must_be_untested(folder):
    replace(folder, "statements.yaml", "- id: D-04\n", "- id: D-04\n  untested: no reason\n")
    assert any("D-04 says why it is untested" in complaint for complaint in broken_links(folder))


def test_an_operation_without_requirement_is_broken_links(folder):
    replace(folder, "openapi/paths/root.yaml", "  x-untested:", "  description:")
    assert any("has no requirement" in complaint for complaint in broken_links(folder))


def test_a_requirement_about_an_unknown_path_is_broken_links(folder):
    file = folder / "requirements" / "40-me.yaml"
    file.write_text(file.read_text().replace("GET users/me/", "GET users/you/", 1))
    (found,) = [complaint for complaint in broken_links(folder) if "users/you/" in complaint]
    assert found.startswith("requirements/40-me.yaml:")


def test_a_source_that_nobody_can_look_up_is_broken_links(folder):
    with (folder / "requirements" / "40-me.yaml").open("a") as file:
        file.write(
            "- {id: ME-999, level: may, origin: http, sources: [everybody knows], text: t}\n"
        )
    assert any("ME-999 rests on nothing" in complaint for complaint in broken_links(folder))


def test_a_catalogue_that_does_not_load_is_the_only_complaint(folder):
    (folder / "statements.yaml").write_text("- {id: D-01}\n")
    assert len(complaints(folder)) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("operationId: user_me_update", "operationId: user_me"),
        ("description: The profile of the caller.", "descriptoin: The profile of the caller."),
        ("schemas/answers.yaml#/CurrentUser", "schemas/answers.yaml#/Nobody"),
        ("schemas/answers.yaml#/CurrentUser", "schemas/nothing.yaml#/CurrentUser"),
    ],
    ids=["operationId twice", "misspelt key", "broken pointer", "missing file"],
)
def test_parts_that_are_not_openapi_are_told(folder, old, new):
    replace(folder, "openapi/paths/me.yaml", old, new)
    (found,) = parts_complaints(folder / "openapi")
    assert found.startswith("openapi/openapi.yaml: ")


def test_an_example_that_breaks_its_schema_is_broken_links(folder):
    oracle = Oracle(load_profile("document"))
    schema = oracle.document["components"]["schemas"]["Deletion"]
    schema["examples"] = [{"password": "x"}]
    wrong = [p for p, s, value in examples(oracle.document) if oracle.mismatches(s, value)]
    assert wrong == ["#/components/schemas/Deletion/examples/0"]
