"""Deployments whose permissions close registration or deletion: what they leave open is tested."""

from pathlib import Path

import pytest

from authspec_contract.profile_file import load_profile
from authspec_contract.results import Outcome
from authspec_contract.verdict import verdicts
from authspec_mock.server import MockServer

PROFILES = Path(__file__).parent.parent / "fidelity" / "profiles"
STAFF = str(PROFILES / "hidden-staff.yaml")
HOUSE = str(PROFILES / "open-house.yaml")


def given(server: MockServer, place: Path, count: int) -> None:
    """Accounts of the target, named in the configuration."""
    lines = []
    for n in range(count):
        login, password = f"qa-{n}", f"Vq7-gjknqrvwyz{n}"
        server.put_user(login, email=f"{login}@example.com", password=password)
        lines.append(f'{{login = "{login}", password = "{password}"}}')
    (place / "authspec.toml").write_text(f"[accounts]\ngiven = [{', '.join(lines)}]\n")


def test_accounts_of_the_configuration_carry_a_run_that_cannot_register(check, place):
    with MockServer(load_profile(STAFF)) as server:
        given(server, place, 2)
        result = check(server.url, "--profile", STAFF)
        assert result.exit == 0, result.out
        assert {user["username"] for user in server.users()} == {"qa-0", "qa-1"}
    decided = {v.requirement.id: v for v in verdicts(result.run)}
    assert decided["LOG-001"].outcome is Outcome.PASS
    assert decided["PWD-001"].outcome is Outcome.NOT_APPLICABLE
    assert "permissions close that: user_create" in decided["PWD-001"].message


@pytest.mark.parametrize(
    ("count", "said"), [(0, "[accounts] given"), (1, "it needs another account under [accounts]")]
)
def test_without_them_it_is_3_and_says_what_to_configure(check, place, count, said):
    with MockServer(load_profile(STAFF)) as server:
        given(server, place, count)
        result = check(server.url, "--profile", STAFF, "--fast")
    assert result.exit == 3, result.out
    assert said in result.out


def test_what_needs_a_closed_deletion_is_not_applicable_and_the_accounts_are_listed(check):
    with MockServer(load_profile(HOUSE)) as server:
        result = check(server.url, "--profile", HOUSE, "--fast")
        left = {user["username"] for user in server.users()}
    assert result.exit == 0, result.out
    assert "closes deletion (user_delete): the accounts of this run will stay" in result.out
    footer = result.run.footer
    assert footer is not None
    assert set(footer.leftovers) == left
