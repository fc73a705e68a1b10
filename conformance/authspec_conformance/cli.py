"""The command line `authspec`: the only place that knows all four packages."""

import argparse
import errno
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from authspec_conformance.errors import Inconclusive
from authspec_contract import __version__
from authspec_contract.errors import AuthspecError, TargetError, UsageError

if TYPE_CHECKING:
    from authspec_contract.profile import Profile
    from authspec_contract.results import Run
    from authspec_mock.server import MockServer


def console() -> None:
    """The entry point of the console script; nobody has to read what it prints."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
    if isinstance(sys.stdout, TextIOWrapper):
        # not every terminal has the "…" of a help text
        sys.stdout.reconfigure(errors="backslashreplace")
    if sys.argv[1:2] == ["check"]:
        # a CI job that is cancelled: clean up as after Ctrl-C
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = main()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _no_room(error) or code
        # else Python complains at its end, and exits with 120
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit code. Whatever goes wrong ends in one sentence."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(_parser(words).parse_args(words))
    except SystemExit as stop:  # argparse has said its sentence
        return stop.code if isinstance(stop.code, int) else 2
    except (TargetError, Inconclusive) as error:
        return _sorry(error, 3)
    except AuthspecError as error:
        return _sorry(error, 2)
    except KeyboardInterrupt:
        print("authspec: interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `| head`
        return 0
    except OSError as error:
        return _no_room(error) or _own_fault(error)
    except Exception as error:
        return _own_fault(error)


def _no_room(error: OSError) -> int:
    """Tells of a full disk; 0 where that is not what happened."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return 0
    where = error.filename or "the output"
    return _sorry(UsageError(f"{where} cannot be written ({error.strerror}); make room."), 2)


def _own_fault(error: Exception) -> int:
    print(
        f"authspec: an error of authspec itself, at {_place(error)}: {type(error).__name__}: "
        f"{error}\nPlease report it with the command line.",
        file=sys.stderr,
    )
    return 4


def _sorry(error: AuthspecError, code: int) -> int:
    print(f"authspec: {error}", file=sys.stderr)
    return code


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


@dataclass(frozen=True)
class Command:
    """One subcommand; its module is imported only when it is called, since each costs start-up time."""

    name: str
    help: str
    module: str
    arguments: str = "add_arguments"
    run: str = "run"


COMMANDS = (
    Command("check", "check a deployment, or the embedded mock", "authspec_conformance.check_command"),
    Command("mock", "run the mock server", "authspec_mock.command"),
    Command("probe", "find out which profile a deployment has", "authspec_conformance.probe_command"),
    Command("explain", "say what a requirement means and what decides it", "authspec_conformance.explain_command"),
    Command("clean", "delete what a broken-off run left on its target", "authspec_conformance.clean_command"),
    Command("profile", "make a profile from Django settings", "authspec_conformance.profile_command"),
    Command(
        "report", "make the reports of results files again", "authspec_reports.command",
        "add_report_arguments", "run_report",
    ),
    Command(
        "compare", "hold several results files side by side", "authspec_reports.command",
        "add_compare_arguments", "run_compare",
    ),
    Command("review", "the review of the document", "authspec_contract.review_command"),
    Command("spec", "the effective OpenAPI: bundle, lint, html", "authspec_contract.spec_command"),
)  # fmt: skip


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; of the subcommands, only the one that is called gets its flags."""
    parser = argparse.ArgumentParser(
        prog="authspec",
        description="Checks a Djoser deployment against its contract, and mocks one.",
        epilog="Each command has --help with an example. First steps: authspec check",
    )
    parser.add_argument("--version", action="version", version=f"authspec {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    called = next((word for word in words if not word.startswith("-")), None)
    for command in COMMANDS:
        about = f"{command.help[0].upper()}{command.help[1:]}."
        sub = commands.add_parser(command.name, help=command.help, description=about)
        sub.set_defaults(command=command)
        if command.name == called:
            getattr(import_module(command.module), command.arguments)(sub)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    command: Command = arguments.command
    if command.name == "check":
        return _check(arguments)
    code: int = getattr(import_module(command.module), command.run)(arguments)
    return code


def _check(arguments: argparse.Namespace) -> int:
    from authspec_conformance import check_command
    from authspec_conformance.settings import environment

    def start_mock(profile: "Profile", quirks: Sequence[str]) -> "MockServer":
        from authspec_mock.server import MockServer

        return MockServer(profile=profile, quirks=tuple(quirks))

    def write(run: "Run", folder: Path) -> Sequence[Path]:
        from authspec_reports import write_reports

        return write_reports(run, folder)

    return check_command.run(
        arguments,
        environment(),
        ["authspec", *sys.argv[1:]],
        start_mock=start_mock,
        write_reports=write,
    )
