"""`authspec report` and `authspec compare`: their flags, and what they do."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from authspec_contract.errors import UsageError
from authspec_contract.results import read_run
from authspec_reports import compare_html, text
from authspec_reports.compare import compare, render_markdown, render_text
from authspec_reports.merge import merge
from authspec_reports.sarif import Place
from authspec_reports.summary import summarize
from authspec_reports.write import FORMATS, write_reports, write_text

REPORT_EXAMPLE = """\
example:
  authspec report authspec-report/results.jsonl -o public --format html,badge
  authspec report shard-*/results.jsonl --format text"""
COMPARE_EXAMPLE = """\
example:
  authspec compare djoser-2.2/results.jsonl djoser-2.3/results.jsonl --format html -o compare.html"""


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `authspec report`."""
    parser.description = (
        "Write reports from a results file, or from the files of all shards of one check."
    )
    parser.epilog = REPORT_EXAMPLE
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULTS", help="a results.jsonl")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="folder for the reports (default: beside RESULTS)"
    )  # fmt: skip
    parser.add_argument(
        "--format",
        default="html,junit",
        metavar="NAMES",
        help=f"one or more of {','.join(FORMATS)}, with commas (default: html,junit)",
    )


def run_report(arguments: argparse.Namespace) -> int:
    """Writes the reports and says where they are."""
    files: Sequence[Path] = arguments.results
    run = merge([read_run(file) for file in files])
    formats = [name.strip() for name in arguments.format.split(",") if name.strip()]
    if not formats:
        raise UsageError(f"--format names no format; known are {', '.join(FORMATS)}.")
    folder = arguments.output or files[0].parent
    written = write_reports(run, folder, formats, place=place_in(Path.cwd()))
    if "text" in formats:
        _say(text.render(run))
    else:
        summary = summarize(run)
        _say(f"{summary.headline}: {summary.detail}\n")
        if summary.cut_short:
            _say(f"{summary.cut_short}\n")
    for path in written:
        _say(f"{path}\n")
    return 0


def add_compare_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `authspec compare`."""
    parser.description = (
        "Compare results files: a matrix of requirements by target, and regressions against the "
        "first. Exit 1 where something fails that did not fail in the first."
    )
    parser.epilog = COMPARE_EXAMPLE
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULTS", help="a results.jsonl")
    parser.add_argument("--format", choices=("text", "markdown", "html"), default="text")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="default: standard output"
    )


def run_compare(arguments: argparse.Namespace) -> int:
    """Writes the comparison. 1 where something got worse, else 0."""
    files: Sequence[Path] = arguments.results
    if len(files) < 2:
        raise UsageError("compare takes two results files or more; the first is the base.")
    comparison = compare([read_run(file) for file in files], labels_of(files))
    renderers = {"text": render_text, "markdown": render_markdown, "html": compare_html.render}
    rendered = renderers[arguments.format](comparison)
    if arguments.output is None:
        _say(rendered)
    else:
        write_text(arguments.output, rendered)
        _say(f"{len(comparison.regressions)} regressions; {arguments.output}\n")
    return 1 if comparison.regressions else 0


def labels_of(files: Sequence[Path]) -> tuple[str, ...]:
    """What tells the files' paths apart: the parts that they do not all share."""
    parts = [file.resolve().parts for file in files]
    if len(set(parts)) < len(parts):
        return tuple(str(file) for file in files)
    shortest = min(map(len, parts))
    start = next(i for i in range(shortest + 1) if len({p[: i + 1] for p in parts}) > 1)
    ends = range(1, shortest - start + 1)
    end = next((i for i in ends if len({p[-i:] for p in parts}) > 1), 1) - 1
    return tuple("/".join(p[start : len(p) - end]) for p in parts)


def place_in(folder: Path) -> Place | None:
    """The line of a repository that tells authspec of its target; None where there is none."""
    for name, mark in (("authspec.toml", "[target]"), ("pyproject.toml", "[tool.authspec")):
        try:
            lines = (folder / name).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        number = next((n for n, line in enumerate(lines, 1) if line.strip().startswith(mark)), None)
        if number is not None or name == "authspec.toml":
            return Place(name, number or 1)
    return None


def _say(words: str) -> None:
    """To standard output, also where its encoding has no such character."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(words.encode(encoding, "replace").decode(encoding))
