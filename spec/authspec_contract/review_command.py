"""The command `authspec review`: the spec review as a page and as Markdown."""

import argparse
from pathlib import Path

from authspec_contract.catalogue import load_catalogue
from authspec_contract.profile_file import load_profile, shipped_profiles
from authspec_contract.review import as_html, as_markdown, build_review
from authspec_contract.spec_command import write

HELP = "the review of the source page: each statement, and every contradiction, silence and risk"
EXAMPLE = "example: authspec review -o review"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `run` reads."""
    parser.epilog = EXAMPLE
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("authspec-review"),
        metavar="DIR",
        help="the folder for review.html and review.md (default: authspec-review)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Writes the review; gives the exit code. Raises UsageError."""
    names = sorted(shipped_profiles(), key=lambda name: (name != "document", name))
    review = build_review(load_catalogue(), [load_profile(name) for name in names])
    page = arguments.output / "review.html"
    write(page, as_html(review))
    write(arguments.output / "review.md", as_markdown(review))
    print(f"{len(review.findings)} findings about {len(review.rows)} statements are in {page}.")
    return 0
