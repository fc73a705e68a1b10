"""`python -m authspec_mock`: the mock without the rest of the command line."""

import argparse
import sys

from authspec_mock.command import add_arguments, run


def main(argv: list[str] | None = None) -> int:
    """The exit code of `authspec mock` with these arguments."""
    parser = argparse.ArgumentParser(
        prog="authspec mock", description="Serves a Djoser in memory, with its mails in an inbox."
    )
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
