"""The command line `authspec`: the only place that knows all four packages."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from authspec_conformance import check_command
from authspec_conformance.settings import environment
from authspec_contract import __version__
from authspec_contract.errors import AuthspecError, TargetError
from authspec_contract.profile import Profile
from authspec_contract.results import Run

Handler = Callable[[argparse.Namespace], int]


def console() -> None:
    """The entry point of the console script."""
    sys.exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit code. Whatever goes wrong ends in one sentence."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = _parser().parse_args(words)
        handler: Handler = arguments.handler
        return handler(arguments)
    except SystemExit as stop:  # argparse has said its sentence
        return stop.code if isinstance(stop.code, int) else 2
    except TargetError as error:
        return _sorry(error, 3)
    except AuthspecError as error:
        return _sorry(error, 2)
    except KeyboardInterrupt:
        print("authspec: interrupted.", file=sys.stderr)
        return 130
    except Exception as error:
        where = _place(error)
        print(
            f"authspec: an error of authspec itself, at {where}: {type(error).__name__}: {error}\n"
            "Please report it with the command line.",
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="authspec",
        description="Checks a Djoser deployment against its contract, and mocks one.",
        epilog="Each command has --help with an example. First steps: authspec check",
    )
    parser.add_argument("--version", action="version", version=f"authspec {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add(
        commands,
        "check",
        "check a deployment, or the embedded mock",
        check_command.add_arguments,
        _check,
    )
    _add(commands, "mock", "run the mock server", _mock_arguments, _mock)
    _add(
        commands,
        "explain",
        "say what a requirement means and which tests decide it",
        _explain_arguments,
        _explain,
    )
    _add(commands, "report", "make the reports of a results file again", _report_arguments, _report)
    _add(
        commands, "compare", "hold several results files side by side", _compare_arguments, _compare
    )
    _add(commands, "review", "the review of the document", _review_arguments, _review)
    _add(commands, "spec", "the effective OpenAPI: bundle, lint, html", _spec_arguments, _spec)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    help_: str,
    add_arguments: Callable[[argparse.ArgumentParser], None],
    handler: Handler,
) -> None:
    """Mounts a command; its own flags are read, and its module imported, only when it is called."""
    parser = commands.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
    parser.set_defaults(handler=handler)
    add_arguments(parser)


# --- check ------------------------------------------------------------------------------------------


def _check(arguments: argparse.Namespace) -> int:
    return check_command.run(
        arguments,
        environment(),
        ["authspec", *sys.argv[1:]],
        start_mock=_start_mock,
        write_reports=_write_reports,
    )


def _start_mock(profile: Profile, quirks: Sequence[str]) -> check_command.EmbeddedMock:
    from authspec_mock import MockServer

    return MockServer(profile=profile, quirks=tuple(quirks))


def _write_reports(run: Run, folder: Path) -> Sequence[Path]:
    from authspec_reports import write_reports

    return write_reports(run, folder)


# --- the others -------------------------------------------------------------------------------------


def _mock_arguments(parser: argparse.ArgumentParser) -> None:
    from authspec_mock import command

    command.add_arguments(parser)


def _mock(arguments: argparse.Namespace) -> int:
    from authspec_mock import command

    return command.run(arguments)


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    from authspec_reports import command

    command.add_report_arguments(parser)


def _report(arguments: argparse.Namespace) -> int:
    from authspec_reports import command

    return command.run_report(arguments)


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    from authspec_reports import command

    command.add_compare_arguments(parser)


def _compare(arguments: argparse.Namespace) -> int:
    from authspec_reports import command

    return command.run_compare(arguments)


def _review_arguments(parser: argparse.ArgumentParser) -> None:
    from authspec_contract import review_command

    review_command.add_arguments(parser)


def _review(arguments: argparse.Namespace) -> int:
    from authspec_contract import review_command

    return review_command.run(arguments)


def _spec_arguments(parser: argparse.ArgumentParser) -> None:
    from authspec_contract import spec_command

    spec_command.add_arguments(parser)


def _spec(arguments: argparse.Namespace) -> int:
    from authspec_contract import spec_command

    return spec_command.run(arguments)


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    from authspec_conformance import explain_command

    explain_command.add_arguments(parser)


def _explain(arguments: argparse.Namespace) -> int:
    from authspec_conformance import explain_command

    return explain_command.run(arguments)
