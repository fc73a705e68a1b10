"""`python -m tests.soundness`: the suite against correct deployments, and whether it cries wolf."""

import argparse
import json
import secrets
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .deployments import Deployment, deployments
from .drawn import drawn
from .runs import LONGEST, Row, row_of
from .table import complaints, line, page, summary

DEFAULT_STATE = Path(".cache/soundness.jsonl")


def main() -> int:
    arguments = _parser().parse_args()
    chosen = list(_chosen(arguments))
    if arguments.list:
        for deployment in chosen:
            print(deployment.name)
        return 0
    runs = [
        (deployment, seed, hasher)
        for seed in range(1, max(arguments.seeds, arguments.default_seeds) + 1)
        for deployment in chosen
        for hasher in _hashers(arguments, seed)
    ]
    done = {} if arguments.fresh else _resumed(arguments.state)
    wanted = {_key(deployment, seed, hasher, arguments.mode) for deployment, seed, hasher in runs}
    left = [run for run in runs if _key(*run, arguments.mode) not in done and not arguments.no_runs]
    arguments.state.parent.mkdir(parents=True, exist_ok=True)
    with (
        arguments.state.open("a", encoding="utf-8") as state,
        ThreadPoolExecutor(arguments.jobs) as pool,
    ):
        futures = [pool.submit(row_of, *run, arguments.mode, arguments.longest) for run in left]
        for number, future in enumerate(as_completed(futures), 1):
            row = future.result()
            done[row.key] = row
            state.write(json.dumps(asdict(row)) + "\n")
            state.flush()
            print(f"[{number}/{len(left)}] {line(row)}", *complaints(row), sep="\n", flush=True)
    rows = [done[key] for key in done if key in wanted]
    print(summary(rows))
    if arguments.write:
        arguments.write.write_text(page(chosen, rows), encoding="utf-8")
    return 0 if rows and all(row.sound for row in rows) else 1


def _chosen(arguments: argparse.Namespace) -> Iterator[Deployment]:
    if not arguments.drawn or arguments.only:
        found = deployments()
        unknown = set(arguments.only or ()) - {d.name for d in found}
        if unknown:
            raise SystemExit(f"no deployment is called {', '.join(sorted(unknown))}; see --list")
        yield from (d for d in found if not arguments.only or d.name in arguments.only)
    if arguments.drawn:
        print(f"draw {arguments.draw}")
        yield from (drawn(arguments.draw + number) for number in range(arguments.drawn))


def _hashers(arguments: argparse.Namespace, seed: int) -> list[Any]:
    """Which hashers a seed runs with."""
    fast = ["fast"] if seed <= arguments.seeds else []
    return [*fast, *(["default"] if seed <= arguments.default_seeds else [])]


def _key(deployment: Deployment, seed: int, hasher: str, mode: str) -> str:
    return Row(deployment.name, seed, hasher, mode, sound=False).key


def _resumed(path: Path) -> dict[str, Row]:
    """The rows of earlier runs, but for those that did not run: they are tried again."""
    if not path.is_file():
        return {}
    found = {}
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            raw = json.loads(text)
        except ValueError:
            continue  # a line that a killed run left half written
        row = Row(**{**raw, "failed": tuple(raw["failed"]), "weaker": tuple(raw["weaker"])})
        if row.exit is not None:
            found[row.key] = row
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.soundness", description=__doc__)
    add = parser.add_argument
    add("--only", nargs="*", metavar="NAME", help="deployments of these names")
    add("--seeds", type=int, default=1, help="so many runs of each with a fast hasher")
    add("--default-seeds", type=int, default=0, help="so many with Django's default hasher")
    add("--mode", choices=("default", "fast", "thorough"), default="default")
    add("--drawn", type=int, default=0, metavar="N", help="so many deployments drawn by chance")
    add("--draw", type=int, default=secrets.randbelow(10**6), help="where the drawing begins")
    add("--jobs", type=int, default=2)
    add("--longest", type=float, default=LONGEST, help="seconds after which a run is killed")
    add("--state", type=Path, default=DEFAULT_STATE, help="where finished runs are kept")
    add("--fresh", action="store_true", help="do not resume")
    add("--no-runs", action="store_true", help="only write what is known already")
    add("--write", type=Path, help="write the table there, as Markdown")
    add("--list", action="store_true", help="the names of the deployments, and nothing else")
    return parser


if __name__ == "__main__":
    sys.exit(main())
