"""`python -m tests.matrix`: checks every combination of versions, and prints the comparison as Markdown."""

import argparse
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from authspec_contract.profile_file import load_profile
from authspec_contract.results import Run, read_run
from authspec_reports.compare import compare, render_markdown

from ..deployment.environment import REQUIREMENTS
from ..deployment.server import RealDjoser
from ..soundness.runs import check_command

HERE = Path(__file__).parent
PINS = HERE.parent / "deployment" / "versions"


@dataclass(frozen=True)
class Combination:
    """One line of versions.yaml."""

    name: str
    versions: dict[str, str]
    requirements: Path


def combinations() -> list[Combination]:
    """Every line of versions.yaml."""
    raw: list[dict[str, Any]] = yaml.safe_load((HERE / "versions.yaml").read_text(encoding="utf-8"))
    return [
        Combination(
            line["name"],
            line["versions"],
            PINS / line["pins"] if "pins" in line else REQUIREMENTS,
        )
        for line in raw
    ]


def run(combination: Combination, profile_name: str, folder: Path) -> tuple[int, Run]:
    """The suite against one combination; the exit code and the results."""
    folder.mkdir(parents=True, exist_ok=True)
    shipped = files("authspec_contract") / "profiles" / f"{profile_name}.yaml"
    raw = {**yaml.safe_load(shipped.read_text(encoding="utf-8")), "versions": combination.versions}
    file = folder / "profile.yaml"
    file.write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    with RealDjoser(
        load_profile(str(file)), workers=2, threads=2, requirements=combination.requirements
    ) as real:
        done = check_command(real.url, str(file), f"file://{real.mail_dir}", folder)
    return done.returncode, read_run(folder / "results.jsonl")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    parser.add_argument("--profile", default="document")
    parser.add_argument("--only", nargs="*", help="combinations whose name contains one of these")
    parser.add_argument("--folder", type=Path, default=Path(".cache/matrix"))
    parser.add_argument("--write", type=Path, help="write the comparison there")
    arguments = parser.parse_args()
    runs, labels, bad = [], [], 0
    for combination in combinations():
        if arguments.only and not any(word in combination.name for word in arguments.only):
            continue
        folder = arguments.folder / combination.name.replace(" ", "-")
        code, result = run(combination, arguments.profile, folder)
        bad += code != 0
        verdict = result.footer.verdict if result.footer else "cut short"
        print(f"exit {code}  {combination.name}: {verdict}", flush=True)
        runs.append(result)
        labels.append(combination.name)
    if len(runs) < 2:
        return 1 if bad else 0
    page = render_markdown(compare(runs, labels))
    print(page)
    if arguments.write:
        arguments.write.write_text(page, encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
