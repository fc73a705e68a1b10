"""Green on correct deployments: no `must` fails or stays open, and every account is gone afterwards."""

import os
from pathlib import Path
from random import Random

import pytest

from authspec_contract.profile_file import profile_from_mapping

from ..deployment.environment import unavailable
from .deployments import Deployment, deployments
from .drawn import drawn, drawn_profile
from .runs import Row, UnavailableError, checked
from .table import complaints, page, summary

ALWAYS = {
    "document", "hypersaas", "djoser", "document-smtp", "behind-a-proxy", "session-first",
}  # fmt: skip
CHOSEN = [d for d in deployments() if d.name in ALWAYS or os.environ.get("ALL_DEPLOYMENTS")]


@pytest.mark.real
@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
@pytest.mark.parametrize("deployment", CHOSEN, ids=lambda d: d.name)
def test_the_suite_is_green_on_a_correct_djoser(deployment: Deployment, tmp_path: Path) -> None:
    try:
        result = checked(deployment, tmp_path)
    except UnavailableError as error:
        pytest.skip(str(error))
    assert result.code == deployment.exit, result.told()
    assert not result.unsound, result.told()
    assert not result.harmed
    assert result.run.footer is not None
    if not deployment.leaves:
        assert result.users == []
        assert result.run.footer.leftovers == ()


def test_every_deployment_of_the_list_has_a_profile_that_can_be_read() -> None:
    listed = deployments()
    assert len(listed) >= 30
    assert len({deployment.name for deployment in listed}) == len(listed)
    for deployment in listed:
        profile_from_mapping(deployment.raw_profile(), source=deployment.name)


def test_what_is_drawn_is_a_profile_and_the_same_for_the_same_number() -> None:
    for number in range(200):
        raw = drawn_profile(Random(number), "drawn")
        assert raw == drawn_profile(Random(number), "drawn")
        profile_from_mapping(raw, source="drawn")
        assert drawn(number).raw == drawn_profile(Random(number), f"drawn-{number}")


def test_the_page_counts_what_ran_and_names_what_failed() -> None:
    good = Row("document", 1, "fast", "default", True, 0, seconds=20.0, hashes=150, message="PASS")
    bad = Row("djoser", 1, "fast", "default", False, 1, ("REG-001 fail: 500",), message="FAIL")
    skipped = Row("imap", 1, "fast", "default", True, message="skipped: no Dovecot")
    rows = [good, bad, skipped]
    assert "1 of 2 runs sound, on 2 deployments" in summary(rows)
    assert "skipped: no Dovecot" in summary(rows)
    assert complaints(good) == []
    assert complaints(bad) == ["    REG-001 fail: 500"]
    text = page(deployments(), rows)
    assert "| document | profile document | fast | default | 1 | 0 | none | 20 | 150 |" in text
    assert "| djoser | profile djoser | fast | default | 1 | 1 | REG-001 | 0 | 0 |" in text
