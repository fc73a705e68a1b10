"""From process start to the first 200: the mock beside a bare Starlette application, interleaved.

python benchmarks/start.py --rounds 9 --json start.json
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from processes import bare, first_answer, free_port, mock, running, write_json

GOAL = 1.5


def seconds(command_of: object, path: str) -> float:
    """How long one start takes."""
    port = free_port()
    start = time.perf_counter()
    with running(command_of(port)):  # type: ignore[operator]
        assert first_answer(port, path), f"no answer on {path}"
        return time.perf_counter() - start


def stop_seconds() -> tuple[float, int]:
    """From SIGTERM to the end of the process, and its exit code."""
    port = free_port()
    process = subprocess.Popen(mock(port), stdout=subprocess.DEVNULL)
    assert first_answer(port, "/_mock/health")
    start = time.perf_counter()
    process.terminate()
    code = process.wait(10)
    return time.perf_counter() - start, code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    args, _ = parser.parse_known_args()  # `nox -s bench` gives all the same
    rounds = []
    for number in range(args.rounds + 1):
        pair = {
            "bare Starlette": seconds(bare, "/auth/users/me/"),
            "authspec mock": seconds(mock, "/_mock/health"),
        }
        if number:  # the first one fills the caches
            rounds.append(pair)
    ratios = [pair["authspec mock"] / pair["bare Starlette"] for pair in rounds]
    stops = [stop_seconds() for _ in range(5)]
    print(f"{'from process start to the first 200':<38}{'median s':>10}{'min':>8}{'max':>8}")
    for name in rounds[0]:
        times = [pair[name] for pair in rounds]
        print(f"{name:<38}{statistics.median(times):>10.3f}{min(times):>8.3f}{max(times):>8.3f}")
    ratio = statistics.median(ratios)
    stop = statistics.median(time_ for time_, _ in stops)
    print(f"{'ratio':<38}{ratio:>10.2f}{min(ratios):>8.2f}{max(ratios):>8.2f}  goal {GOAL}")
    codes = sorted({code for _, code in stops})
    print(f"{'SIGTERM to exit':<38}{stop:>10.3f}          exit codes {codes}")
    numbers = {"rounds": rounds, "ratio": ratio, "stop": stop, "codes": codes, "goal": GOAL}
    write_json(args.json, "start", numbers)
    return 0 if ratio <= GOAL and codes == [0] else 1


if __name__ == "__main__":
    sys.exit(main())
