"""Behind a proxy that drops the bodies of DELETE nobody can delete an account; that is said, and no false alarm."""

import pytest

from authspec_contract.results import Outcome
from authspec_contract.verdict import verdicts
from tests.deployment.front import Front, Manners

DELETION = "DEL-001,DEL-003,HTTP-001,HTTP-002,REG-001"


@pytest.mark.parametrize(("announced", "code"), [(False, 3), (True, 0)])
def test_deletion_stays_open_and_what_is_left_is_listed(check, mock, place, announced, code):
    if announced:
        (place / "authspec.toml").write_text("[target]\ndelete_bodies = false\n")
    with Front(mock.url, Manners(drop_delete_bodies=True)) as front:
        result = check(front.url, "--mailbox", f"mailpit+{mock.url}", "--only", DELETION)
    assert result.exit == code, result.out
    outcomes = {v.requirement.id: v.outcome for v in verdicts(result.run)}
    assert outcomes["DEL-001"] is Outcome.INCONCLUSIVE
    assert outcomes["HTTP-001"] is Outcome.PASS
    assert "the body of a DELETE does not reach the target" in result.out
    assert "could not be deleted" in result.out
    assert result.run.footer is not None
    assert set(result.run.footer.leftovers) == {user["email"] for user in mock.users()} != set()


def test_a_djoser_that_deletes_wrongly_is_no_proxy(check):
    result = check("--quirk", "delete-without-password", "--only", DELETION)
    assert result.exit in {0, 1}
    assert "does not reach the target" not in result.out


def test_a_proxy_that_passes_bodies_on_changes_nothing(check, mock):
    with Front(mock.url, Manners(chunked=True, lower_case=True)) as front:
        result = check(front.url, "--mailbox", f"mailpit+{mock.url}", "--only", DELETION)
    assert result.exit == 0, result.out
    assert mock.users() == []
