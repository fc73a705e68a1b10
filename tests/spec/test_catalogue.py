"""The catalogue loads whole, and refuses what contradicts itself with file and line."""

import pytest

from authspec_contract.catalogue import LEVELS, load_catalogue, read_catalogue
from authspec_contract.errors import ContractError, UsageError

STATEMENTS = "- {id: D-01, section: s, text: t}\n"
REQUIREMENTS = (
    "# Registration\n- {id: REG-001, level: must, origin: document, sources: [D-01], text: t}\n"
)
FINDINGS = (
    "- {id: F-01, kind: risk, title: t, text: t, statements: [D-01], requirements: [REG-001], "
    "evidence: e}\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "requirements").mkdir()
    (tmp_path / "statements.yaml").write_text(STATEMENTS)
    (tmp_path / "findings.yaml").write_text(FINDINGS)
    (tmp_path / "requirements" / "10-registration.yaml").write_text(REQUIREMENTS)
    return tmp_path


def refusal(folder):
    with pytest.raises(ContractError) as caught:
        read_catalogue(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_our_own_catalogue_loads():
    catalogue = load_catalogue()
    assert len(catalogue.statements) > 40
    assert len(catalogue.requirements) > 200
    assert len(catalogue.findings) > 20


def test_our_own_ids_count_up_without_a_gap():
    catalogue = load_catalogue()
    assert list(catalogue.statements) == [
        f"D-{n:02}" for n in range(1, len(catalogue.statements) + 1)
    ]
    assert list(catalogue.findings) == [f"F-{n:02}" for n in range(1, len(catalogue.findings) + 1)]


def test_a_requirement_knows_its_file_and_line(folder):
    requirement = read_catalogue(folder).requirement("REG-001")
    assert (requirement.file, requirement.line) == ("requirements/10-registration.yaml", 2)
    assert requirement.area == "Registration"


def test_a_requirement_is_found_in_small_letters_only_by_its_nearest_name(folder):
    with pytest.raises(
        UsageError, match="There is no requirement 'REG-01'; did you mean 'REG-001'"
    ):
        read_catalogue(folder).requirement("REG-01")


def test_must_is_at_or_above_every_level():
    requirement = next(r for r in load_catalogue() if r.level == "must")
    assert all(requirement.at_or_above(level) for level in LEVELS)


def test_the_hash_changes_with_the_text(folder):
    before = read_catalogue(folder).hash
    (folder / "statements.yaml").write_text(STATEMENTS.replace("text: t", "text: u"))
    assert read_catalogue(folder).hash != before


@pytest.mark.parametrize(
    ("file", "line", "expected"),
    [
        ("statements.yaml", STATEMENTS, "D-01 is given twice"),
        ("findings.yaml", FINDINGS, "F-01 is given twice"),
        ("requirements/10-registration.yaml", REQUIREMENTS, "REG-001 is given twice"),
        (
            "statements.yaml",
            "- {id: D-02, txt: t}\n",
            "statements.yaml:2 has the unknown key 'txt'",
        ),
        ("statements.yaml", "- {id: D-02, text: t}\n", "statements.yaml:2 lacks the key 'section'"),
        (
            "statements.yaml",
            "- {id: D-02, text: t, section: s, when: [SEND_MAIL]}\n",
            "statements.yaml:2 names the unknown condition 'SEND_MAIL'",
        ),
        (
            "requirements/10-registration.yaml",
            "- {id: REG-002, level: must, origin: document, sources: [D-09], text: t}\n",
            "requirements/10-registration.yaml:3: REG-002 rests on D-09",
        ),
        (
            "requirements/10-registration.yaml",
            "- {id: REG-002, level: must, origin: document, sources: [RFC 9110], text: t}\n",
            "names no statement",
        ),
        (
            "requirements/10-registration.yaml",
            "- {id: REG-002, level: shall, origin: djoser, sources: [], text: t}\n",
            "10-registration.yaml:3.level is 'shall'",
        ),
        (
            "requirements/10-registration.yaml",
            "- {id: REG-002, level: must, origin: djoser, sources: [], text: t, needs: [mail]}\n",
            "did you mean 'mailbox'",
        ),
        (
            "findings.yaml",
            "- {id: F-02, kind: risk, title: t, text: t, statements: [D-07], evidence: e}\n",
            "F-02 refers to D-07",
        ),
        (
            "findings.yaml",
            "- {id: F-02, kind: bug, title: t, text: t, statements: [], evidence: e}\n",
            "kind is 'bug'",
        ),
    ],
)
def test_a_contradiction_is_one_sentence(folder, file, line, expected):
    path = folder / file
    path.write_text(path.read_text() + line)
    assert expected in refusal(folder)


def test_a_finding_that_names_an_unknown_requirement_is_refused(folder):
    (folder / "findings.yaml").write_text(FINDINGS.replace("REG-001", "REG-100"))
    assert "F-01 refers to REG-100; did you mean 'REG-001'?" in refusal(folder)


def test_a_file_that_is_no_list_is_refused(folder):
    (folder / "statements.yaml").write_text("id: D-01\n")
    assert "statements.yaml holds no list" in refusal(folder)


def test_broken_yaml_is_refused_with_its_line(folder):
    (folder / "findings.yaml").write_text("- id: F-01\n  kind: [risk\n")
    with pytest.raises(UsageError, match=r"findings\.yaml:\d+: not valid YAML"):
        read_catalogue(folder)
