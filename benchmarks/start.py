"""From process start to the first 200: the mock beside a bare Starlette application, interleaved.

python benchmarks/start.py --rounds 9 --json start.json
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from processes import bare, first_answer, free_port, mock, running, write_json

GOAL = 1.3


@dataclass(frozen=True)
class Start:
    """What one start took."""

    wall: float
    cpu: float
    """Processor time of the whole short life: steadier than the clock on a busy machine."""


def started(command_of: Callable[[int], list[str]], path: str) -> Start:
    port = free_port()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    with running(command_of(port)):
        assert first_answer(port, path), f"no answer on {path}"
        wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Start(wall, cpu)


def stop_seconds() -> tuple[float, int]:
    """From SIGTERM to the end of the process, and its exit code."""
    port = free_port()
    process = subprocess.Popen(mock(port), stdout=subprocess.DEVNULL)
    assert first_answer(port, "/_mock/health")
    start = time.perf_counter()
    process.terminate()
    code = process.wait(10)
    return time.perf_counter() - start, code


def show(rounds: list[dict[str, Start]]) -> float:
    """Prints the table; the ratio of the wall times."""
    print(f"{'process start to the first 200':<34}{'median s':>10}{'min':>8}{'max':>8}{'CPU s':>8}")
    for name in rounds[0]:
        walls = [pair[name].wall for pair in rounds]
        cpu = statistics.median(pair[name].cpu for pair in rounds)
        cells = f"{statistics.median(walls):>10.3f}{min(walls):>8.3f}{max(walls):>8.3f}{cpu:>8.3f}"
        print(f"{name:<34}{cells}")
    walls = [pair["authspec mock"].wall / pair["bare Starlette"].wall for pair in rounds]
    cpus = [pair["authspec mock"].cpu / pair["bare Starlette"].cpu for pair in rounds]
    ratio = statistics.median(walls)
    cells = f"{ratio:>10.2f}{min(walls):>8.2f}{max(walls):>8.2f}{statistics.median(cpus):>8.2f}"
    print(f"{'ratio':<34}{cells}  goal {GOAL}")
    return ratio


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    args, _ = parser.parse_known_args()  # `nox -s bench` gives all the same
    rounds = []
    for number in range(args.rounds + 1):
        pair = {
            "bare Starlette": started(bare, "/auth/users/me/"),
            "authspec mock": started(mock, "/_mock/health"),
        }
        if number:  # the first one fills the caches
            rounds.append(pair)
    stops = [stop_seconds() for _ in range(5)]
    ratio = show(rounds)
    stop = statistics.median(time_ for time_, _ in stops)
    codes = sorted({code for _, code in stops})
    print(f"{'SIGTERM to exit':<34}{stop:>10.3f}          exit codes {codes}")
    numbers = {
        "rounds": [{name: asdict(start) for name, start in pair.items()} for pair in rounds],
        **{"ratio": ratio, "stop": stop, "codes": codes, "goal": GOAL},
    }
    write_json(args.json, "start", numbers)
    return 0 if ratio <= GOAL and codes == [0] else 1


if __name__ == "__main__":
    sys.exit(main())
