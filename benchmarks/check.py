"""How long `authspec check` takes: on the embedded mock, quick and whole, and on a real Djoser with its real hasher.

python benchmarks/check.py [--rounds N] [--only mock mock-fast real real-fast]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from authspec_contract.results import read_run
from tests.deployment.server import RealDjoser

if TYPE_CHECKING:
    from authspec_contract.results import Footer

CLI = "from authspec_conformance.cli import console; console()"
GOALS = {"mock": 60, "mock-fast": 15, "real": 90, "real-fast": 25}
"""Seconds, on two cores that have nothing else to do."""


def check(*arguments: str) -> "tuple[int, Footer]":
    """One run; its exit code and the results file's last line."""
    with tempfile.TemporaryDirectory(prefix="authspec-bench-") as folder:
        command = [sys.executable, "-c", CLI, "check", *arguments, "--report", folder]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, timeout=900, check=False)
        footer = read_run(Path(folder) / "results.jsonl").footer
        assert footer is not None
        return done.returncode, footer


def measured(what: str) -> "tuple[int, Footer]":
    mode = ["--fast"] if what.endswith("-fast") else []
    if what.startswith("mock"):
        return check(*mode)
    with RealDjoser("document", hasher="default", workers=2, threads=2) as real:
        return check(real.url, "--mailbox", f"file://{real.mail_dir}", *mode)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=sorted(GOALS), default=list(GOALS))
    arguments = parser.parse_args()
    print(f"{'run':10}{'seconds':>9}{'goal':>6}{'exit':>6}{'requests':>10}{'hashes':>8}")
    for what in arguments.only:
        runs = [measured(what) for _ in range(arguments.rounds)]
        seconds = median(footer.seconds for _, footer in runs)
        code, footer = runs[-1]
        print(
            f"{what:10}{seconds:9.1f}{GOALS[what]:6}{code:6}"
            f"{footer.requests:10}{footer.password_computations:8}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
