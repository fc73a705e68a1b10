"""One worker of a run: a process that takes tests from its parent, one by one, and cleans up after itself.

Exchanges it appends to the results file at once, so that nothing is lost with the parent; results go to
the parent, who writes them down and shows them.
"""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from authspec_conformance.accounts import BLOCK
from authspec_conformance.assembly import assemble, target_options
from authspec_conformance.budget import Budget
from authspec_conformance.client import Client
from authspec_conformance.journal import Journal
from authspec_conformance.mailbox.message import Mailbox, MailMessage
from authspec_conformance.mailbox.opening import open_mailbox
from authspec_conformance.mailbox.shared import Addresses, HandedOn, OwnMails
from authspec_conformance.operations import operations
from authspec_conformance.plugin import SuitePlugin
from authspec_conformance.redaction import Redactor
from authspec_conformance.selection import Selection
from authspec_conformance.settings import Settings
from authspec_conformance.shards import looks_back
from authspec_conformance.target import Target
from authspec_conformance.tested import Tested, carry_out
from authspec_contract.catalogue import Catalogue
from authspec_contract.errors import AuthspecError
from authspec_contract.profile import Profile
from authspec_contract.results import Exchange, Result, ResultsWriter, exchange_line


@dataclass(frozen=True)
class Assignment:
    """What a worker is told at its start."""

    number: int
    """From 1."""
    of: int
    settings: Settings
    """With this worker's share of what is shared out beforehand."""
    profile: Profile
    catalogue: Catalogue
    selection: Selection
    known: frozenset[str]
    run: str
    key: bytes
    mailbox: str
    results: Path
    first_exchange: int


def work(connection: Connection, assignment: Assignment) -> None:
    """The process's whole life."""
    parent = Parent(connection)
    try:
        parent.send("tested", _tested(parent, assignment))
    except AuthspecError as error:
        parent.send("refused", str(error))
    except BaseException as error:
        parent.send("failed", f"{type(error).__name__}: {error}")


class Parent:
    """The other end: answers questions, hands mails on, and tells when to stop.

    Only a stop that the parent asks for, or its death, interrupts a test: Ctrl-C in a terminal reaches
    the workers too, and their clean-up has to go on.
    """

    def __init__(self, connection: Connection) -> None:
        self.mails: SimpleQueue[MailMessage] = SimpleQueue()
        self.stopping = False
        self._testing = False
        self._connection = connection
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._asking, self._sending = threading.Lock(), threading.Lock()
        signal.signal(signal.SIGINT, self._interrupt)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        threading.Thread(target=self._listen, daemon=True, name="parent").start()

    def send(self, kind: str, value: Any) -> None:
        """Tells the parent; who has died is told nothing."""
        try:
            with self._sending:
                self._connection.send((kind, value))
        except OSError:
            self._stop()

    def ask(self, kind: str, value: Any = None) -> Any:
        """The parent's answer; None once it is time to stop."""
        if self.stopping:
            return None
        with self._asking:
            self.send(kind, value)
            return self._answers.get()

    def testing(self, yes: bool) -> None:
        """Whether a stop may break in: while tests run, and not in the clean-up."""
        self._testing = yes
        if yes and self.stopping:
            raise KeyboardInterrupt

    def _listen(self) -> None:
        try:
            while True:
                kind, value = self._connection.recv()
                if kind == "mail":
                    self.mails.put(value)
                elif kind == "answer":
                    self._answers.put(value)
                else:
                    self._stop()
        except (EOFError, OSError):
            self._stop()

    def _stop(self) -> None:
        if self.stopping:
            return
        self.stopping = True
        self._answers.put(None)
        if hasattr(signal, "pthread_kill"):  # breaks into a call that waits; not on Windows
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    def _interrupt(self, *_: object) -> None:
        if self.stopping and self._testing:
            self._testing = False
            raise KeyboardInterrupt


class Turns:
    """Runs the tests that the parent gives out, then those that look back on this worker's own part."""

    def __init__(self, parent: Parent, suite: SuitePlugin) -> None:
        self._parent = parent
        self._suite = suite

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True  # the suite cannot be collected
        turns = {item.nodeid: item for item in session.items if not looks_back(item)}
        self._parent.send("tests", tuple(turns))
        while name := self._parent.ask("next"):
            self._run(turns[name])
            if self._suite.stopped:
                self._parent.send("stopped", self._suite.stopped)
                return True
        if turns and not self._parent.stopping:
            for item in session.items:
                if looks_back(item):
                    self._run(item)
        return True

    def _run(self, item: pytest.Item) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


class _Lines(ResultsWriter):
    """Exchanges go into the common file, each line in one piece; results to the parent."""

    def __init__(self, file: int, parent: Parent) -> None:
        self._file = file
        self._parent = parent

    def exchange(self, exchange: Exchange) -> None:
        # with O_APPEND, lines of several processes do not run into each other (POSIX write)
        os.write(self._file, exchange_line(exchange).encode())

    def result(self, result: Result) -> None:
        self._parent.send("result", result)


def _tested(parent: Parent, given: Assignment) -> Tested:
    redactor = Redactor()
    for secret in given.settings.all_secrets:
        redactor.learn(secret, "SECRET")
    redactor.number_from(given.number * BLOCK)
    numbers = count(given.first_exchange + given.number - 1, given.of)
    file = os.open(given.results, os.O_WRONLY | os.O_APPEND)
    try:
        journal = Journal(_Lines(file, parent), redactor, numbers=numbers)
        target = Target(target_options(given.settings), given.profile, journal, redactor)
        mailbox = _mailbox(parent, given, target.base)
        try:
            return _carried_out(parent, given, Client(target, operations(given.profile)), mailbox)
        finally:
            if mailbox is not None:
                mailbox.close()
    finally:
        os.close(file)


def _carried_out(parent: Parent, given: Assignment, api: Client, mailbox: Mailbox | None) -> Tested:
    limits = given.settings.limits
    context = assemble(
        given.settings,
        api,
        mailbox,
        given.catalogue,
        given.selection,
        run=given.run,
        key=given.key,
        numbers_from=given.number * BLOCK,
        accounts=Budget(limits.accounts, _asking(parent, "accounts")),
        mails=Budget(limits.mails, _asking(parent, "mails")),
        known=given.known,
    )
    return carry_out(
        context,
        lambda result: None,
        loop=lambda suite: Turns(parent, suite),
        testing=parent.testing,
    )


def _asking(parent: Parent, what: str) -> Callable[[int], int]:
    return lambda wanted: parent.ask("more", (what, wanted)) or 0


def _mailbox(parent: Parent, given: Assignment, base: str) -> Mailbox | None:
    settings = given.settings
    mailbox: Mailbox | None
    if given.mailbox.startswith("smtp:"):
        mailbox = HandedOn(given.mailbox, parent.mails)
    else:
        mailbox = open_mailbox(given.mailbox, base=base, ca=settings.ca)
    if mailbox is None:
        return None
    return OwnMails(mailbox, Addresses(settings.address, given.run, BLOCK), given.number)


def share(settings: Settings, number: int, of: int, seconds: float | None) -> Settings:
    """A worker's part of what a run may cost; accounts and mails are asked for as they are needed."""
    limits = settings.limits
    return replace(
        settings,
        max_seconds=seconds,
        given=settings.given[number - 1 :: of] or settings.given,
        limits=replace(limits, rate=limits.rate / of, requests=max(1, limits.requests // of)),
    )
