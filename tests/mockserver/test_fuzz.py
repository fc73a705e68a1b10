"""The mock under arbitrary bytes: no 500, no line in its log, no memory kept."""

import os
import random

from .fuzzing import fuzz


def test_arbitrary_requests_never_break_the_mock() -> None:
    seed = int(os.environ.get("AUTHSPEC_FUZZ_SEED", random.SystemRandom().randrange(10**6)))
    size = int(os.environ.get("AUTHSPEC_FUZZ_REQUESTS", "2000"))
    report = fuzz(size, seed)
    print(f"seed {seed}: {report}")
    assert not report.problems, f"seed {seed}: {report.problems[:5]}"
    assert report.sent.total() >= size
