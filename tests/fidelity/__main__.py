"""Compares the mock with the real Djoser: `python -m tests.fidelity --steps 20000 --seed 7`."""

import argparse
import secrets
import sys
import time
from dataclasses import replace
from pathlib import Path

from authspec_contract.errors import AuthspecError
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile, shipped_profiles

from ..deployment.environment import (
    REQUIREMENTS,
    EnvironmentMissingError,
    pinned_versions,
)
from ..deployment.server import DeploymentError, RealDjoser
from .compare import known_differences
from .coverage import Coverage
from .sides import HOST, FaceSide, MockSide, RealSide
from .step import Difference, Step
from .walk import Pair

PROFILES = Path(__file__).parent / "profiles"
_WALK = 60
"""How many steps a sequence has; each starts from empty."""


def main() -> int:
    arguments = _parser().parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(10**6)
    try:
        profiles = [load_profile(name) for name in arguments.profile or all_profiles()]
        print(f"seed {seed}, {len(profiles)} profiles", flush=True)
        coverage = Coverage()
        share = max(_WALK, arguments.steps // len(profiles))
        found = sum(
            compare_profile(
                profile,
                share,
                seed,
                coverage,
                most=arguments.most,
                face=arguments.face,
                pins=arguments.pins,
            )
            for profile in profiles
        )
    except (AuthspecError, DeploymentError, EnvironmentMissingError) as error:
        print(error, file=sys.stderr)
        return 2
    print(coverage.report())
    print(f"{found} differences outside the list of known ones (seed {seed})")
    return 1 if found else 0


def all_profiles() -> list[str]:
    """The shipped profiles, then those that switch every setting."""
    return [*shipped_profiles(), *(str(path) for path in sorted(PROFILES.glob("*.yaml")))]


def compare_profile(
    profile: Profile,
    steps: int,
    seed: int,
    coverage: Coverage,
    *,
    most: int = 5,
    face: bool = False,
    pins: Path = REQUIREMENTS,
) -> int:
    """Walks through one profile; prints the differences, and says how many there were."""
    if pins != REQUIREMENTS:
        profile = replace(profile, versions=pinned_versions(pins))
    coverage.add_profile(profile)
    began, seen = time.monotonic(), 0
    kinds: set[str] = set()
    with RealDjoser(profile, requirements=pins) as real:
        side = RealSide(real)
        mock = FaceSide(profile) if face else MockSide(profile)
        pair = Pair(profile, side, mock, known_differences())
        number = 0
        while seen < steps and len(kinds) < most:
            walked, difference = pair.walk(_WALK, seed * 100_003 + number, coverage)
            number += 1
            seen += len(walked)
            if difference is not None and _kind(difference) not in kinds:
                shorter, again = pair.shrunk(walked, difference.points[0])
                if again is None:
                    print(f"{profile.name}: a difference did not come again: {difference.points}")
                    continue
                kinds.add(_kind(difference))
                print(_shown(profile, shorter, again, number), flush=True)
        side.close()
        mock.close()
    spent = time.monotonic() - began
    print(f"{profile.name}: {seen} steps in {spent:.1f} s, {len(kinds)} differences", flush=True)
    return len(kinds)


def _kind(difference: Difference) -> str:
    """What makes two differences the same, roughly."""
    return f"{difference.step.method} {difference.step.path} {difference.points[0][:80]}"


def _shown(profile: Profile, steps: list[Step], difference: Difference, number: int) -> str:
    lines = [f"--- {profile.name}, sequence {number}, {len(steps)} steps:"]
    lines += [step.curl(f"http://{HOST}") for step in steps]
    return "\n".join([*lines, *(f"  {point}" for point in difference.points)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=__doc__)
    parser.add_argument("--steps", type=int, default=2000, help="over all profiles")
    parser.add_argument("--seed", type=int, help="default: a fresh one, printed")
    parser.add_argument("--profile", action="append", help="a name or a file; default: all")
    parser.add_argument("--most", type=int, default=5, help="differences to show per profile")
    parser.add_argument("--face", action="store_true", help="the mock as a server, not its core")
    parser.add_argument(
        "--pins", type=Path, default=REQUIREMENTS, help="such as tests/deployment/versions/…"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
