"""`authspec explain` and `check --list`: what a requirement means, and what a run would do with it."""

from authspec_conformance.cli import COMMANDS, main
from authspec_conformance.explain_command import suite_tests
from authspec_contract.catalogue import load_catalogue


def test_it_shows_text_sources_and_tests(capsys):
    assert main(["explain", "reg-001"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("REG-001  must, Registration\nA valid registration answers 201.")
    assert "  operation: POST users/" in out.replace("POST /users/", "POST users/")
    assert "  test: test_registration.py:" in out


def test_several_stand_apart(capsys):
    assert main(["explain", "REG-001", "REG-002"]) == 0
    assert "\n\nREG-002" in capsys.readouterr().out


def test_an_unknown_one_names_the_nearest(capsys):
    assert main(["explain", "REG-01"]) == 2
    assert "did you mean 'REG-0" in capsys.readouterr().err


def test_every_requirement_has_a_test_or_says_why_not():
    covered = {id_ for test in suite_tests() for id_ in test.requirements}
    bare = [r.id for r in load_catalogue() if r.id not in covered and not r.untested]
    assert bare == []


def test_no_test_names_a_requirement_that_does_not_exist():
    known = set(load_catalogue().requirements)
    assert [t.name for t in suite_tests() if not known.issuperset(t.requirements)] == []


def test_every_test_of_the_suite_has_a_sentence():
    assert [test.name for test in suite_tests() if not test.text] == []


def test_the_list_says_what_would_be_tested(capsys):
    assert main(["check", "--list", "--only", "REG-001"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"1 of {len(lines) - 1} requirements would be tested."
    assert next(line for line in lines if "[test]" in line).startswith("REG-001   must ")


def test_every_command_has_help_with_an_example(capsys):
    for command in COMMANDS:
        assert main([command.name, "--help"]) == 0
        out = capsys.readouterr().out
        assert "authspec " + command.name in out.partition("example")[2], command.name


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("authspec ")
