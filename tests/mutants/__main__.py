"""`python -m tests.mutants`: runs the suite against every mutant and prints the kill matrix."""

import argparse
import json
import random
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .matrix import KILLED, Row, page, rows, stock_reds, summary
from .runs import Killed, Mutant, all_mutants, machine_made, run

DEFAULT_STATE = Path(".cache/mutants.jsonl")


def main() -> int:
    arguments = _parser().parse_args()
    chosen = _chosen(arguments)
    done = {} if arguments.fresh else _resumed(arguments.state)
    left = [mutant for mutant in chosen if mutant.key not in done and not arguments.no_runs]
    mode = [f"--{arguments.mode}"] if arguments.mode != "default" else []
    arguments.state.parent.mkdir(parents=True, exist_ok=True)
    with (
        arguments.state.open("a", encoding="utf-8") as state,
        ThreadPoolExecutor(arguments.jobs) as pool,
    ):
        futures = {pool.submit(run, mutant, mode): mutant for mutant in left}
        for number, future in enumerate(as_completed(futures), 1):
            killed = future.result()
            done[killed.key] = killed
            state.write(json.dumps(killed.as_json()) + "\n")
            state.flush()
            print(f"[{number}/{len(left)}] {_line(futures[future], killed)}", flush=True)
    matrix = rows(chosen, done)
    stock = stock_reds(done)
    print(summary(matrix, stock))
    if arguments.write:
        arguments.write.write_text(page(matrix, stock), encoding="utf-8")
        KILLED.write_text(
            "".join(f"{row.mutant.key}\n" for row in matrix if row.killed), encoding="utf-8"
        )
    return 0 if all(row.killed for row in matrix) else 1


def _line(mutant: Mutant, killed: Killed) -> str:
    row = Row(mutant, killed)
    word = "stock" if mutant.kind == "stock" else "killed" if row.killed else "SURVIVED"
    by = ", ".join((*killed.failed, *killed.weaker)[:6]) or killed.message
    return f"{word:8} {mutant.kind} {mutant.name} ({mutant.profile}, exit {killed.exit}, {killed.seconds:.0f} s): {by}"


def _chosen(arguments: argparse.Namespace) -> list[Mutant]:
    made = machine_made() if arguments.kind == "source" else all_mutants()
    found = [m for m in made if arguments.kind in {m.kind, "all"} or m.kind == "stock"]
    if arguments.only:
        found = [m for m in found if any(word in m.name for word in arguments.only)]
    if arguments.sample:
        print(f"seed {arguments.seed}")
        found = [m for m in found if m.kind != "stock"]
        found = random.Random(arguments.seed).sample(found, min(arguments.sample, len(found)))
    return found


def _resumed(path: Path) -> dict[str, Killed]:
    if not path.is_file():
        return {}
    return {killed.key: killed for killed in _read(path.read_text(encoding="utf-8").splitlines())}


def _read(lines: Iterable[str]) -> Iterable[Killed]:
    for line in lines:
        raw = json.loads(line)
        yield Killed(**{**raw, "failed": tuple(raw["failed"]), "weaker": tuple(raw["weaker"])})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--kind", choices=("all", "fault", "quirk", "source"), default="all")
    parser.add_argument("--only", nargs="*", help="mutants whose name contains one of these words")
    parser.add_argument("--sample", type=int, help="so many of them, by chance")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--mode", choices=("default", "fast", "thorough"), default="default")
    parser.add_argument(
        "--state", type=Path, default=DEFAULT_STATE, help="where finished runs are kept"
    )
    parser.add_argument("--no-runs", action="store_true", help="only write what is known already")
    parser.add_argument("--fresh", action="store_true", help="do not resume")
    parser.add_argument(
        "--write", type=Path, help="write the matrix as Markdown, and killed.txt beside this file"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
