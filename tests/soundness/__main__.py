"""`python -m tests.soundness`: the suite against every correct deployment, and what it says."""

import argparse
import sys
import tempfile
from pathlib import Path

from .deployments import checked, deployments


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soundness", description=__doc__)
    parser.add_argument("--only", nargs="*", help="deployments of these names")
    parser.add_argument("--seeds", type=int, default=1, help="so many runs of each")
    parser.add_argument("--hasher", choices=("fast", "default"), default="fast")
    arguments = parser.parse_args()
    bad = 0
    for deployment in deployments():
        if arguments.only and deployment.name not in arguments.only:
            continue
        for seed in range(1, arguments.seeds + 1):
            deployment.options["hasher"] = arguments.hasher
            with tempfile.TemporaryDirectory(prefix="authspec-sound-") as folder:
                result = checked(deployment, Path(folder) / "report", ["--seed", str(seed)])
            footer = result.run.footer
            good = result.code == 0 and not result.unsound and not result.users
            bad += not good
            print(
                f"{'sound' if good else 'UNSOUND':8} {deployment.name} seed {seed}: "
                f"{footer.verdict if footer else 'cut short'}, {footer.seconds if footer else 0:.0f} s, "
                f"{footer.password_computations if footer else 0} password computations",
                flush=True,
            )
            if not good:
                print(f"{result.told()}\nleft: {result.users}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
