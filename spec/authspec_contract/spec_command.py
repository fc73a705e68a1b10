"""The command `authspec spec`: the effective contract in one file, as a page, and the chain checked."""

import argparse
import sys
from pathlib import Path

from authspec_contract.errors import UsageError
from authspec_contract.openapi import bundle, effective
from authspec_contract.openapi_page import page
from authspec_contract.profile_file import load_profile

HELP = "the effective OpenAPI in one file, as a page to read, or the contract's chain checked"
EXAMPLE = "example: authspec spec bundle --profile document -o contract.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `run` reads."""
    parser.epilog = EXAMPLE
    parser.add_argument(
        "action",
        choices=("bundle", "lint", "html"),
        help="bundle: one YAML file; html: one page; lint: check that nothing is missing",
    )
    parser.add_argument(
        "--profile", default="document", help="a shipped name or a file (default: document)"
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="the file to write (default: standard output)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Carries the command out; gives the exit code. Raises UsageError."""
    if arguments.action == "lint":
        return _lint()
    profile = load_profile(arguments.profile)
    text = bundle(profile) if arguments.action == "bundle" else page(effective(profile))
    if arguments.output is None:
        sys.stdout.write(text)
        return 0
    write(arguments.output, text)
    print(f"The contract of profile {profile.name} is in {arguments.output}.")
    return 0


def write(path: Path, text: str) -> None:
    """Writes a file, its folder included. Raises UsageError where that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}; give another -o.") from None


def _lint() -> int:
    from authspec_contract.lint import complaints  # imports the validators, slow ones

    found = complaints()
    for complaint in found:
        print(complaint)
    if found:
        print(f"The contract has {len(found)} gap{'s' if len(found) > 1 else ''}.", file=sys.stderr)
        return 1
    print("The contract is whole: statements, OpenAPI elements and requirements meet.")
    return 0
