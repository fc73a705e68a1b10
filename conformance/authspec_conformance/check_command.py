"""`authspec check`: from flags to a run, and from a run to the reports."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from authspec_conformance.console import Console
from authspec_conformance.session_login import with_login_page
from authspec_conformance.settings import Mode, Settings, read_settings, read_waivers
from authspec_contract.catalogue import LEVELS, load_catalogue
from authspec_contract.errors import AuthspecError, UsageError
from authspec_contract.facts import facts, failing
from authspec_contract.fields import LONGEST
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile
from authspec_contract.results import Run

EXAMPLE = """examples:
  authspec check                                        the embedded mock, to see how it looks
  authspec check http://127.0.0.1:8000 --profile hypersaas --mailbox file:///tmp/mails
  authspec check https://staging.example.com --profile ours.yaml --mailbox mailpit+http://mail:8025
  authspec check http://127.0.0.1:8000 --workers 2 --baseline main/results.jsonl

exit code: 0 every selected requirement holds · 1 one failed, or a waiver is stale · 2 bad usage or
configuration · 3 the target could not be tested · 4 authspec's own fault · 130 Ctrl-C"""


class EmbeddedMock(Protocol):
    """The mock that `authspec check` starts when it is given no URL."""

    @property
    def url(self) -> str: ...


MOST_WORKERS = 32
StartMock = Callable[[Profile, Sequence[str]], AbstractContextManager[EmbeddedMock]]
WriteReports = Callable[[Run, Path], Sequence[Path]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `authspec check`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLE
    add = parser.add_argument
    add("url", nargs="?", help="the target; without it, an embedded mock is started and checked")
    add("--profile", metavar="NAME|FILE", help="what the deployment is like (default: document)")
    add("--mailbox", metavar="URL", help="mock:, file:///DIR, smtp://HOST:PORT, mailpit+http://…, "
        "maildev+http://…, mailhog+http://…, imap://…, none")  # fmt: skip
    add(
        "--config",
        metavar="FILE",
        type=Path,
        help="authspec.toml, or a pyproject.toml with [tool.authspec]",
    )
    add(
        "--report",
        metavar="DIR",
        type=Path,
        help="where results and reports go (default: authspec-report)",
    )
    add(
        "--level",
        choices=LEVELS,
        help="the weakest requirements that the gate counts (default: must)",
    )
    add("--only", metavar="REQ", action="append", help="only these requirements; may be repeated")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--fast", action="store_true", help="the quick part: few accounts, no races, no net"
    )
    mode.add_argument("--thorough", action="store_true", help="the slow part as well")
    add("--exitfirst", action="store_true", help="stop at the first failure that the gate counts")
    add("--list", action="store_true", help="say what would be tested, and stop")
    add("--seed", metavar="N", type=int, help="make the run's choices the same again")
    add(
        "--workers",
        metavar="N",
        type=int,
        help="so many processes at once; together they keep the run's limits (default: 1)",
    )
    add(
        "--shard",
        metavar="I/N",
        help="only the I-th of N parts of the tests; authspec report joins their results files",
    )
    add(
        "--baseline",
        metavar="RESULTS",
        type=Path,
        help="the results of an earlier run: what failed there already does not fail this one",
    )
    add(
        "--waivers",
        metavar="FILE",
        type=Path,
        help="a TOML file of waivers, beside those of the configuration",
    )
    add(
        "--max-seconds",
        metavar="S",
        type=float,
        help="end the tests after this time; clean-up comes on top",
    )
    add(
        "--quirk",
        metavar="NAME",
        action="append",
        help="without URL: make the embedded mock wrong in this way",
    )


def run(
    arguments: argparse.Namespace,
    environment: Mapping[str, str],
    command: Sequence[str],
    *,
    start_mock: StartMock,
    write_reports: WriteReports,
) -> int:
    """Runs the command; gives its exit code. Raises AuthspecError for what it cannot begin."""
    settings = _merged(read_settings(arguments.config, environment), arguments)
    profile = with_login_page(load_profile(settings.profile), settings.login_url)
    if arguments.list and arguments.shard:
        raise UsageError("--list names requirements, and --shard divides tests; leave one out.")
    if arguments.list:
        return _list(settings, profile)
    if settings.url is not None:
        if settings.quirks:
            raise UsageError(
                "--quirk makes the embedded mock wrong; with a URL there is none. Leave one out."
            )
        return _check(settings, profile, command, write_reports)
    if settings.mailbox not in {None, "mock:", "none"}:
        raise UsageError(
            "--mailbox with the embedded mock can only be mock: or none; or give the target's URL."
        )
    with start_mock(profile, settings.quirks) as mock:
        embedded = replace(settings, url=mock.url, mailbox=settings.mailbox or "mock:")
        return _check(embedded, profile, command, write_reports)


def _check(
    settings: Settings, profile: Profile, command: Sequence[str], write_reports: WriteReports
) -> int:
    from authspec_conformance.report_folder import InUse
    from authspec_conformance.runner import RESULTS, check
    from authspec_contract.results import read_run

    console = Console()
    path = settings.report / RESULTS
    before = path.stat().st_mtime_ns if path.is_file() else None
    try:
        finished = check(settings, profile, console, command)
    except InUse:
        raise  # the reports are the other run's to write
    except BaseException:
        # what a broken-off run wrote is still worth reading
        if path.is_file() and path.stat().st_mtime_ns != before and path.stat().st_size:
            with suppress(AuthspecError):  # what broke the run off is what has to be said
                write_reports(read_run(path), settings.report)
        raise
    written = write_reports(finished.run, settings.report)
    console.line(finished.verdict)
    page = next((p for p in written if p.suffix == ".html"), finished.path)
    console.line(f"Report: {page}")
    return finished.exit


def _merged(settings: Settings, arguments: argparse.Namespace) -> Settings:
    """The settings with what the command line says over them."""
    given = {
        name: value
        for name in ("url", "profile", "mailbox", "report", "level", "seed", "max_seconds")
        if (value := getattr(arguments, name)) is not None
    }
    if arguments.max_seconds is not None and not 0 < arguments.max_seconds <= LONGEST:
        raise UsageError("--max-seconds must be more than 0, and no more than centuries.")
    if arguments.only and not any(word.strip(" ,") for word in arguments.only):
        raise UsageError(
            "--only names no requirement; give an id such as REG-003, or leave it out."
        )
    mode: Mode = "fast" if arguments.fast else "thorough" if arguments.thorough else "default"
    waivers = settings.waivers
    if arguments.waivers is not None:
        waivers += read_waivers(arguments.waivers)
    return replace(
        settings,
        **given,
        only=tuple(arguments.only or ()),
        mode=mode,
        exitfirst=arguments.exitfirst,
        quirks=tuple(arguments.quirk or ()),
        waivers=waivers,
        workers=_workers(arguments.workers),
        shard=_shard(arguments.shard),
        baseline=arguments.baseline,
    )


def _workers(number: int | None) -> int:
    if number is not None and not 1 <= number <= MOST_WORKERS:
        raise UsageError(f"--workers is {number}; give a number from 1 to {MOST_WORKERS}.")
    return number or 1


def _shard(word: str | None) -> tuple[int, int]:
    if word is None:
        return 1, 1
    number, slash, of = word.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise UsageError(
            f"--shard is {word!r}; give the part and the number of parts, such as 2/5 for the second "
            "of five."
        )
    return int(number), int(of)


def _list(settings: Settings, profile: Profile) -> int:
    """Prints one line per requirement: what a run with these settings would do with it."""
    from authspec_conformance.selection import select

    console = Console()
    selection = select(
        load_catalogue(), profile, only=settings.only, has_mailbox=settings.mailbox != "none"
    )
    known = facts(profile)
    for requirement in selection.requirements.values():
        outcome = selection.settled.get(requirement.id)
        what = f"{outcome[0]}: {outcome[1]}" if outcome else "test"
        if outcome and failing(requirement.when, known):
            what = outcome[1]
        console.line(f"{requirement.id:9} {requirement.level:7} {requirement.text}  [{what}]")
    console.line(
        f"{len(selection.wanted)} of {len(selection.requirements)} requirements would be tested."
    )
    return 0
