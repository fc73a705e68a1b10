"""`authspec mock`: its flags, and what it does. Imports nothing heavy before it is run."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from authspec_contract.errors import AuthspecError, TargetError, UsageError

if TYPE_CHECKING:
    from authspec_mock.options import Options

DEFAULT_PORT = 8000
EXAMPLE = """examples:
  authspec mock --frontend http://localhost:5173
  authspec mock --port 0 --json
  authspec mock --exec -- npm test
  authspec mock wait http://127.0.0.1:8000 --timeout 10"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `authspec mock`, and its words."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLE
    add = parser.add_argument
    add("--profile", metavar="NAME|FILE", help="what to be like (default: document)")
    add("--host", default="127.0.0.1", help="address to listen on (default: both loopback ones)")
    add("--port", type=int, default=DEFAULT_PORT, help="default: 8000; 0: any that is free")
    add("--port-file", type=Path, metavar="F", help="write the port there when it accepts requests")
    add("--load", type=Path, metavar="FILE", help="start from the JSON of GET /_mock/state")
    add("--frontend", metavar="URL", help="where the links in mails point")
    add("--cors", action="append", default=[], metavar="ORIGIN", help="pages that may read answers")
    add("--allow-host", action="append", default=[], metavar="NAME", help="a further Host header")
    add("--control-token", metavar="T", help="asked of users of the control API")
    add("--smtp", metavar="HOST:PORT", help="hand every mail on to that server too")
    add("--seed", type=int, metavar="N", help="the same ids, tokens and times every time")
    add("--quirk", action="append", default=[], metavar="NAME", help="be wrong in one way")
    add("--json", action="store_true", help="say where it is as one JSON object")
    add(
        "--exec",
        action="store_true",
        help="run CMD with AUTHSPEC_MOCK_URL set, pass its exit code on",
    )
    add("--timeout", type=float, default=30.0, metavar="S", help="of wait; default: 30")
    add("words", nargs="*", metavar="wait URL | -- CMD", help="see the examples")


def run(args: argparse.Namespace) -> int:
    """Carries the command out; its exit code. Whatever goes wrong is said in one sentence."""
    try:
        return _carried_out(args)
    except TargetError as error:
        return _failed(3, str(error))
    except AuthspecError as error:
        return _failed(2, str(error))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return _failed(4, f"It failed itself: {type(error).__name__}: {error}. Please report this.")


def _failed(code: int, sentence: str) -> int:
    print(f"authspec mock: {sentence}", file=sys.stderr)
    return code


def _carried_out(args: argparse.Namespace) -> int:
    words: list[str] = args.words
    if args.exec:
        from authspec_mock.process import run_beside

        return run_beside(_options(args), args.port, words, port_file=args.port_file)
    if words[:1] == ["wait"]:
        return _wait(words[1:], args.timeout)
    if words:
        raise UsageError(
            f"{words[0]!r} means nothing here; write 'wait URL' to wait for a mock, "
            "or --exec -- before a command to run beside one."
        )
    from authspec_mock import process

    process.stop_cleanly_from_now_on()
    return process.serve(_options(args), args.port, port_file=args.port_file, as_json=args.json)


def _wait(urls: list[str], seconds: float) -> int:
    from authspec_mock.waiting import wait_for

    if len(urls) != 1:
        raise UsageError("wait takes one URL, such as wait http://127.0.0.1:8000.")
    if not 0 <= seconds <= 86400:
        raise UsageError(f"--timeout is {seconds:g}; give 0 to 86400 seconds.")
    profile = wait_for(urls[0], seconds)
    print(f"{urls[0]} is up, profile {profile}.")
    return 0


def _options(args: argparse.Namespace) -> "Options":
    from authspec_mock.options import options_from

    return options_from(
        args.profile,
        host=args.host,
        quirks=args.quirk,
        frontend=args.frontend,
        seed=args.seed,
        load=args.load,
        cors=args.cors,
        allow_hosts=args.allow_host,
        control_token=args.control_token,
        smtp=args.smtp,
    )
