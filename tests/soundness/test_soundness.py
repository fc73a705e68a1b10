"""Green on correct deployments: no `must` fails or stays open, and every account is gone afterwards."""

import os
from pathlib import Path

import pytest

from ..deployment.environment import unavailable
from .deployments import Deployment, checked, deployments

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(unavailable()), reason=str(unavailable())),
]
ALWAYS = {"document", "hypersaas", "djoser", "document-smtp", "hypersaas-smtp"}
CHOSEN = [d for d in deployments() if d.name in ALWAYS or os.environ.get("ALL_DEPLOYMENTS")]


@pytest.mark.parametrize("deployment", CHOSEN, ids=lambda d: d.name)
def test_the_suite_is_green_on_a_correct_djoser(deployment: Deployment, tmp_path: Path) -> None:
    result = checked(deployment, tmp_path / "report")
    assert result.code == 0, result.told()
    assert not result.unsound, result.told()
    assert result.users == []
    assert result.run.footer is not None
    assert result.run.footer.leftovers == ()
