"""Runs the suite against one target: from settings to a results file and an exit code."""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from authspec_conformance.assembly import assemble, target_options
from authspec_conformance.baseline import Baseline, read_baseline
from authspec_conformance.clean_key import forget_key, new_key
from authspec_conformance.client import Client
from authspec_conformance.closing import closing_lines
from authspec_conformance.console import Console
from authspec_conformance.gate import exit_code, undecided, verdict_line
from authspec_conformance.header import header_of, lines_of
from authspec_conformance.journal import UNWRITABLE, Journal
from authspec_conformance.login import schemes
from authspec_conformance.mailbox.message import Mailbox
from authspec_conformance.mailbox.opening import open_mailbox, shown_url
from authspec_conformance.operations import operations
from authspec_conformance.preflight import Identity, is_mock, preflight
from authspec_conformance.probe.first_sight import first_sight
from authspec_conformance.reach import closed
from authspec_conformance.redaction import Redactor
from authspec_conformance.report_folder import open_results, report_folder, unwritable
from authspec_conformance.selection import Selection, select
from authspec_conformance.settings import Settings, environment
from authspec_conformance.target import Target, base_url
from authspec_conformance.tested import Tested, carry_out
from authspec_conformance.waivers import apply_waivers
from authspec_contract import __version__
from authspec_contract.catalogue import Catalogue, load_catalogue
from authspec_contract.errors import AuthspecError, TargetError, UsageError
from authspec_contract.profile import Profile
from authspec_contract.results import (
    Against,
    Footer,
    Outcome,
    RequirementLine,
    Result,
    ResultsWriter,
    Run,
    read_run,
)
from authspec_contract.verdict import RequirementVerdict, combine, totals

RESULTS = "results.jsonl"


@dataclass(frozen=True)
class Finished:
    """A run that came to its end, and how."""

    run: Run
    exit: int
    verdict: str
    path: Path


def check(
    settings: Settings, profile: Profile, console: Console, command: Sequence[str]
) -> Finished:
    """One run against `settings.url`, written into `settings.report`.

    Raises UsageError and TargetError before anything was tested; from then on every trouble ends in
    a results file with a footer.
    """
    catalogue = load_catalogue()
    settings = _with_seed(settings)
    # read before anything is written: it may be the file that this run writes anew
    baseline = read_baseline(settings.baseline) if settings.baseline is not None else None
    _refuse_contradictions(settings, profile, catalogue)
    folder = report_folder(settings.report)
    redactor = Redactor()
    for secret in settings.all_secrets:
        redactor.learn(secret, "SECRET")
    path = folder / RESULTS
    with open_results(path, shared=settings.workers > 1) as stream:
        journal = Journal(ResultsWriter(stream), redactor)
        setup = _Setup(settings, profile, catalogue, journal, redactor, console, command, baseline)
        return setup.run(path)


def _refuse_contradictions(settings: Settings, profile: Profile, catalogue: Catalogue) -> None:
    """Whatever is wrong with the settings alone is said before anything is written."""
    base_url(settings.url or "", profile.prefix)
    if settings.mailbox is not None:
        shown_url(settings.mailbox)
    select(catalogue, profile, only=settings.only, has_mailbox=settings.mailbox != "none")
    if settings.scheme is not None and settings.scheme not in schemes(profile):
        raise UsageError(
            f"{settings.file}: [login] scheme is {settings.scheme!r}, and the profile "
            f"{profile.name!r} has no login by it; it has {' and '.join(schemes(profile)) or 'none'}."
        )


def _with_seed(settings: Settings) -> Settings:
    return (
        settings if settings.seed is not None else replace(settings, seed=secrets.randbelow(2**31))
    )


class _Setup:
    """The steps of one run, in their order."""

    def __init__(
        self,
        settings: Settings,
        profile: Profile,
        catalogue: Catalogue,
        journal: Journal,
        redactor: Redactor,
        console: Console,
        command: Sequence[str],
        baseline: Baseline | None = None,
    ) -> None:
        self.settings = settings
        self.profile = profile
        self.catalogue = catalogue
        self.journal = journal
        self.redactor = redactor
        self.console = console
        self.command = command
        self.started = time.monotonic()
        self.run_id = secrets.token_hex(4)
        self.ended = False
        """Whether the results file has its footer."""
        self.baseline = baseline
        self.known = baseline.failed if baseline is not None else frozenset()
        """Requirements that failed in the baseline already."""
        self.note: str | None = None
        """What explains many failures at once."""
        self.target = Target(target_options(settings), profile, journal, redactor)
        self.api = Client(self.target, operations(profile))

    def run(self, path: Path) -> Finished:
        mailbox: Mailbox | None = None
        began = False
        try:
            url = self._mailbox_url()
            selection = select(
                self.catalogue,
                self.profile,
                only=self.settings.only,
                has_mailbox=url != "none",
            )
            self._header(shown_url(url), selection)
            began = True
            mailbox = open_mailbox(url, base=self.target.base, ca=self.settings.ca)
            identity = preflight(self.api, self.profile)
            self.note = identity.note
            self._first_line(mailbox, identity)
            self._announce()
            return self._test(path, mailbox, selection)
        except BaseException as error:
            if began and not self.ended:
                self._broken_off(error)
            raise
        finally:
            if mailbox is not None:
                mailbox.close()

    # --- before -------------------------------------------------------------------------------

    def _mailbox_url(self) -> str:
        if self.settings.mailbox is not None:
            return self.settings.mailbox
        return "mock:" if is_mock(self.api) else "none"

    def _header(self, mailbox: str, selection: Selection) -> None:
        words = tuple(_without_user(self.redactor.text(word)) for word in self.command)
        self.journal.header(
            header_of(
                self.settings,
                self.profile,
                self.catalogue,
                run=self.run_id,
                started=_now(),
                command=words,
                target=self.target.base,
                mailbox=mailbox,
            )
        )
        for id_, (outcome, message) in selection.settled.items():
            if outcome not in {Outcome.NOT_RUN, Outcome.UNTESTED}:
                self.journal.result(id_, "", outcome, message)

    def _first_line(self, mailbox: Mailbox | None, identity: Identity) -> None:
        server = " (an authspec mock)" if identity.is_mock else ""
        box = mailbox.url if mailbox else "none: requirements that need a mail stay open"
        self.console.line(
            f"authspec {__version__} checks {self.target.base}{server}, profile {self.profile.name}, "
            f"mailbox {box}, seed {self.settings.seed}{self._part()}"
        )
        for remark in self._remarks():
            self.console.line(remark)

    def _part(self) -> str:
        """What is not usual about how this run goes about its tests."""
        workers, (number, of) = self.settings.workers, self.settings.shard
        return (f", {workers} workers" if workers > 1 else "") + (
            f", shard {number}/{of}" if of > 1 else ""
        )

    def _announce(self) -> None:
        """What the profile brings with it, and where the target does not look as it says."""
        name = self.profile.name
        self.target.on_long_wait = lambda seconds: self.console.line(
            f"\nThe target limits the rate of requests, and asks to wait for {seconds:.0f} s. The run does so "
            "each time; --max-seconds bounds it, and a higher limit on the target shortens it."
        )
        if action := closed("DELETE users/me/", self.profile):
            self.console.line(
                f"The profile {name} closes deletion ({action}): the accounts of this run will stay on "
                "the target; they are listed at the end."
            )
        if seen := first_sight(self.target, self.profile, self.settings.address):
            more = f" and {len(seen) - 2} more" if len(seen) > 2 else ""
            self.console.line(
                f"The target does not look as the profile {name} says: {'; '.join(seen[:2])}{more}. See "
                f"authspec probe {self.settings.url} --profile {self.settings.profile}."
            )

    # --- the tests ----------------------------------------------------------------------------

    def _test(self, path: Path, mailbox: Mailbox | None, selection: Selection) -> Finished:
        key = new_key(self.run_id, environment())
        if self.settings.workers > 1:
            tested = self._test_in_workers(path, mailbox, selection, key)
        else:
            tested = self._test_here(mailbox, selection, key)
        if tested.empty:
            number, of = self.settings.shard
            raise UsageError(
                f"Nothing is selected: there are fewer tests than shards, and none for shard {number}/{of}; "
                "take fewer shards."
            )
        return self._end(path, tested, selection, mailbox)

    def _test_here(self, mailbox: Mailbox | None, selection: Selection, key: bytes) -> Tested:
        context = assemble(
            self.settings,
            self.api,
            mailbox,
            self.catalogue,
            selection,
            run=self.run_id,
            key=key,
            known=self.known,
        )
        return carry_out(
            context, self._progress, on_clean=lambda: forget_key(self.run_id, environment())
        )

    def _test_in_workers(
        self, path: Path, mailbox: Mailbox | None, selection: Selection, key: bytes
    ) -> Tested:
        from authspec_conformance.workers import run_in_workers  # late: only where there are some

        tested = run_in_workers(
            self.settings,
            self.target,
            mailbox,
            self.catalogue,
            selection,
            run=self.run_id,
            key=key,
            known=self.known,
            results=path,
            show=self._progress,
        )
        if not tested.leftovers:
            forget_key(self.run_id, environment())
        return tested

    def _progress(self, result: Result) -> None:
        requirement = self.catalogue.requirements[result.requirement]
        counts = requirement.at_or_above(self.settings.level) and requirement.id not in self.known
        self.console.progress(result, counts=counts)

    # --- the end ------------------------------------------------------------------------------

    def _end(
        self, path: Path, tested: Tested, selection: Selection, mailbox: Mailbox | None
    ) -> Finished:
        if tested.stopped == UNWRITABLE or self.journal.broken is not None:
            if tested.leftovers:
                self.console.line(f"Accounts that are left: {', '.join(tested.leftovers)}")
            raise unwritable(path, self.journal.broken or "a worker could not")
        lines = lines_of(self.catalogue)
        reached = {result.requirement for result in self.journal.results}
        for id_, outcome, why in undecided(
            selection.wanted, reached, self.settings, tested.stopped, tested.elsewhere
        ):
            self.journal.result(id_, "", outcome, why)
        decided = combine(lines, self.journal.results)
        today = datetime.now(UTC).date()
        waivers = apply_waivers(self.settings.waivers, decided, today, partly=tested.elsewhere)
        if waivers.waived:
            decided = self._waive(lines, waivers.waived)
        code = exit_code(
            decided,
            self.settings,
            tested.stopped,
            bool(waivers.complaints),
            bool(tested.errors),
            self.known,
        )
        verdict = verdict_line(
            code,
            decided,
            self.settings,
            tested.stopped,
            waivers.complaints,
            mailbox is None,
            self.known,
        )
        self._footer(
            code,
            verdict,
            decided,
            leftovers=tested.leftovers,
            accounts=tested.accounts,
            mails=tested.mails,
            stopped=tested.stopped,
            requests=tested.requests,
            password_computations=tested.password_computations,
            baseline=self._against(decided),
        )
        run = read_run(path)
        self.console.summary(run)
        self.console.line()
        for line in closing_lines(
            run,
            tested,
            results=self.settings.report / RESULTS,
            note=self.note,
            mailbox=mailbox.url if mailbox is not None else None,
            complaints=waivers.complaints,
        ):
            self.console.line(line)
        return Finished(run, code, verdict, path)

    def _waive(
        self, lines: tuple[RequirementLine, ...], waived: tuple[Result, ...]
    ) -> tuple[RequirementVerdict, ...]:
        for result in waived:
            self.journal.result(
                result.requirement,
                result.test,
                Outcome.WAIVED,
                result.message,
                exchanges=result.exchanges,
            )
        return combine(lines, self.journal.results)

    def _against(self, decided: Sequence[RequirementVerdict]) -> Against | None:
        if self.baseline is None:
            return None
        return self.baseline.against(decided, self._remarks())

    def _remarks(self) -> tuple[str, ...]:
        if self.baseline is None:
            return ()
        return self.baseline.remarks(self.catalogue.hash, self.profile.name)

    def _broken_off(self, error: BaseException) -> None:
        """Nothing, or not all, could be tested; the results file says why."""
        if isinstance(error, KeyboardInterrupt):
            code, verdict, stopped = 130, "the run was interrupted", "interrupted"
        elif isinstance(error, AuthspecError):
            code = 3 if isinstance(error, TargetError) else 2
            verdict, stopped = str(error), "not-testable"
        else:
            code, stopped = 4, "error"
            verdict = f"an error of authspec itself: {type(error).__name__}: {error}"
        self._footer(
            code,
            self.redactor.text(verdict),
            combine(lines_of(self.catalogue), self.journal.results),
            stopped=stopped,
        )

    def _footer(
        self, code: int, verdict: str, decided: Sequence[RequirementVerdict], **more: Any
    ) -> None:
        self.ended = True
        made = {
            "requests": self.target.requests,
            "password_computations": self.target.password_computations,
        }
        self.journal.footer(
            Footer(
                finished=_now(),
                seconds=round(time.monotonic() - self.started, 2),
                totals=totals(decided),
                exit=code,
                verdict=verdict,
                **{**made, **more},
            )
        )


def _without_user(word: str) -> str:
    """A word of the command line; a URL in it has no user and no password."""
    return re.sub(r"(?<=://)[^/\s]*@", "", word)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
