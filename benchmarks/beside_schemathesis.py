"""How many faults of one sample `authspec check` reports, and how many plain `schemathesis run` in the same time.

Both get the same faulty Djosers, the same contract and, schemathesis for each fault, the seconds that
the check took. Schemathesis calls with the credentials of a fresh account; what it reports of the
correct Djoser is its baseline, so that only what is new counts as found.

python benchmarks/beside_schemathesis.py [--faults N] [--seed N] [--fast] [--json FILE]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random, randrange
from secrets import token_hex

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from processes import write_json

from tests.deployment.faults import FAULTS
from tests.deployment.server import RealDjoser
from tests.mutants.runs import LONGEST

CLI = "from authspec_conformance.cli import console; console()"
SCHEMATHESIS = (sys.executable, "-m", "schemathesis.cli")
PROFILE = "document"
CONTROL = "none: correct"
BASELINES = 2
"""Runs on the correct Djoser whose failures do not count: each seed finds some of its own."""
LONGER = 3
"""Times as long as the others, so that these runs come to every phase."""


Failure = tuple[str, str]
"""Which check of schemathesis' failed, and on which operation."""


@dataclass(frozen=True)
class Row:
    """One fault and who reported it."""

    fault: str
    steps: int
    """After how many calls it shows."""
    check: bool
    schemathesis: bool
    seconds: float
    """Of the check; schemathesis had as many."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--seed", type=int, default=randrange(10**6))
    parser.add_argument("--fast", action="store_true", help="the check's quick part, and its time")
    parser.add_argument("--json", type=Path, help="put the numbers into this file")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    mode = ["--fast"] if arguments.fast else []
    with tempfile.TemporaryDirectory(prefix="authspec-beside-") as folder:
        rows = measured(
            sample(arguments.faults, arguments.seed), arguments.seed, Path(folder), mode
        )
    table(rows)
    write_json(arguments.json, "beside_schemathesis", [asdict(row) for row in rows])
    return 0


def sample(count: int, seed: int) -> list[str]:
    """Faults of the contract in the profile, drawn by chance."""
    names = sorted(f.name for f in FAULTS.values() if PROFILE in f.profiles and f.level == "must")
    return Random(seed).sample(names, min(count, len(names)))


def measured(faults: Sequence[str], seed: int, folder: Path, mode: Sequence[str]) -> list[Row]:
    contract = folder / "contract.yaml"
    subprocess.run(
        [sys.executable, "-c", CLI, "spec", "bundle", "--profile", PROFILE, "-o", str(contract)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    known: set[Failure] = set()
    with RealDjoser(PROFILE, workers=2, threads=2) as correct:
        _, seconds = checked(correct, folder, mode)
        for number in range(1, BASELINES + 1):
            known |= failures(correct, contract, LONGER * seconds, seed + number)
    rows = []
    for name in (CONTROL, *faults):
        wrong = [] if name == CONTROL else [name]
        with RealDjoser(PROFILE, faults=wrong, workers=2, threads=2) as faulty:
            reported, seconds = checked(faulty, folder, mode)
        with RealDjoser(PROFILE, faults=wrong, workers=2, threads=2) as faulty:
            new = failures(faulty, contract, seconds, seed) - known
        steps = FAULTS[name].steps if wrong else 0
        rows.append(Row(name, steps, reported, bool(new), round(seconds, 1)))
        print(f"  {rows[-1]} {sorted(new)[:3]}", flush=True)
    return rows


def checked(real: RealDjoser, folder: Path, mode: Sequence[str]) -> tuple[bool, float]:
    """Whether `authspec check` fails, and its seconds."""
    command = [
        sys.executable, "-c", CLI, "check", real.url, "--profile", PROFILE,
        "--mailbox", f"file://{real.mail_dir}", "--report", str(folder / "report"), *mode,
    ]  # fmt: skip
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, timeout=LONGEST, check=False)
    return done.returncode == 1, time.monotonic() - began


def failures(real: RealDjoser, contract: Path, seconds: float, seed: int) -> set[Failure]:
    """What `schemathesis run` reports."""
    report = contract.with_name("schemathesis.json")
    report.unlink(missing_ok=True)
    command = [
        *SCHEMATHESIS, "run", str(contract), "--url", f"{real.url}/auth", "--max-time",
        str(max(1, round(seconds))), "--seed", str(seed), "-H", f"Authorization: JWT {login(real)}",
        "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip
    subprocess.run(
        command, stdout=subprocess.DEVNULL, timeout=3 * LONGEST, check=False, cwd=contract.parent
    )
    found = json.loads(report.read_text(encoding="utf-8"))["failures"]
    return {(kind["type"], operation) for kind in found for operation in kind["operations"]}


def login(real: RealDjoser) -> str:
    """An access token of a fresh account; empty where the fault keeps it from one."""
    body = {"email": f"plain-{token_hex(4)}@example.com", "password": "Vq7-gjknqrvwyzgj"}
    real.make_user(**body)
    request = urllib.request.Request(
        f"{real.url}/auth/jwt/create/",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return str(json.load(reply)["access"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def table(rows: Sequence[Row]) -> None:
    """Who found what, as Markdown."""
    print("| faults | in the sample | authspec check | schemathesis run |")
    print("|---|---|---|---|")
    wrong = [row for row in rows if row.fault != CONTROL]
    several = [row for row in wrong if row.steps >= 3]
    groups = {
        "all": wrong,
        "that show after three or more calls": several,
        "none, and reported all the same": [row for row in rows if row.fault == CONTROL],
    }
    for what, some in groups.items():
        by_check, by_other = sum(r.check for r in some), sum(r.schemathesis for r in some)
        print(f"| {what} | {len(some)} | {by_check} | {by_other} |")


if __name__ == "__main__":
    sys.exit(main())
