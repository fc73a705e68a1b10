"""A sample of the mutants that a whole run has seen killed, another one each time: they stay killed."""

import os
import random

import pytest

from ..deployment.environment import unavailable
from .matrix import KILLED, Row
from .runs import Mutant, all_mutants, run

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(unavailable()), reason=str(unavailable())),
]
SEED = int(os.environ.get("MUTANTS_SEED") or random.randrange(10**6))


def sample(kind: str, number: int) -> list[Mutant]:
    """So many mutants of a kind; the seed stands in each test's name, so that a run can be repeated."""
    known = set(KILLED.read_text(encoding="utf-8").split())
    found = [m for m in all_mutants() if m.kind == kind and m.level == "must" and m.key in known]
    return random.Random(SEED).sample(found, number)


@pytest.mark.parametrize(
    "mutant",
    [*sample("fault", 12), *sample("quirk", 6)],
    ids=lambda m: f"seed{SEED}-{m.kind}-{m.name}",
)
def test_the_suite_reports_it(mutant: Mutant) -> None:
    killed = run(mutant)
    assert Row(mutant, killed).killed, (
        f"{mutant.text} Exit {killed.exit}, failed: {killed.failed or 'nothing'}; "
        f"expected one of {mutant.expected or 'any'}. {killed.message}"
    )
