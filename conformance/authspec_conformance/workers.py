"""A run's tests in several processes: starts them, gives out the tests, and gathers what they find."""

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from authspec_conformance.accounts import described
from authspec_conformance.budget import Pool
from authspec_conformance.journal import Journal
from authspec_conformance.leftovers import leftovers
from authspec_conformance.mailbox.message import Mailbox
from authspec_conformance.selection import Selection
from authspec_conformance.settings import Settings
from authspec_conformance.shards import dearest_first
from authspec_conformance.target import Target
from authspec_conformance.tested import Tested
from authspec_conformance.worker import Assignment, share, work
from authspec_contract.catalogue import Catalogue
from authspec_contract.errors import TargetError
from authspec_contract.results import Outcome, Result, read_run

_POLL = 0.02
"""Seconds between two looks for mails that are to be handed on."""
_PORTIONS = {"accounts": 4, "mails": 10}


@dataclass
class _Worker:
    """One of the processes, seen from the parent."""

    number: int
    process: SpawnProcess
    connection: Connection
    tested: Tested | None = None
    ready: bool = True
    """Whether it is still there to talk to."""


@dataclass
class Gathered:
    """What became of the workers."""

    tested: list[Tested] = field(default_factory=list)
    stopped: str | None = None
    errors: list[str] = field(default_factory=list)
    refused: str | None = None
    """Why a worker could not begin: the target or the mailbox does not take one more."""
    lost: bool = False
    """Whether a worker ended without saying what it left."""


class Workers:
    """All workers of a run."""

    def __init__(
        self,
        assignments: list[Assignment],
        journal: Journal,
        show: Callable[[Result], None],
        mailbox: Mailbox | None,
    ) -> None:
        """`mailbox`: one that this process alone can read, and whose mails it hands on."""
        self._assignments = assignments
        self._journal = journal
        self._show = show
        self._mailbox = mailbox
        limits = assignments[0].settings.limits
        self._pools = {
            name: Pool(getattr(limits, name), portion) for name, portion in _PORTIONS.items()
        }
        self._workers: list[_Worker] = []
        self._tests: list[str] | None = None
        """Those that nobody has begun."""
        self._late: dict[str, Result] = {}
        """Requirement → what a worker could not decide, looking back on its own part."""
        self._gathered = Gathered()

    def run(self) -> Gathered:
        """Everything from the start of the processes to their end. Ctrl-C lets them clean up; a second
        one ends them."""
        try:
            try:
                self._start()
                self._serve()
            except KeyboardInterrupt:
                self._stop("interrupted")
                self._serve()
        except KeyboardInterrupt:
            self._gathered.lost = True
        finally:
            self._end()
        self._settle_late()
        self._gathered.tested = [w.tested for w in self._workers if w.tested is not None]
        return self._gathered

    # --- their life ---------------------------------------------------------------------------

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        # until a worker has said what Ctrl-C means to it, it is to ignore it; that is inherited
        kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            for assignment in self._assignments:
                ours, theirs = context.Pipe()
                process = context.Process(
                    target=work, args=(theirs, assignment), name=f"authspec-{assignment.number}"
                )
                process.start()
                theirs.close()
                self._workers.append(_Worker(assignment.number, process, ours))
        finally:
            signal.signal(signal.SIGINT, signal.SIG_DFL if kept is None else kept)

    def _serve(self) -> None:
        """Until every worker has said what its tests came to, or is gone."""
        timeout = _POLL if self._mailbox is not None else None
        while active := {w.connection: w for w in self._workers if w.ready}:
            for connection in wait(list(active), timeout):
                assert isinstance(connection, Connection)
                self._hear(active[connection])
            self._hand_mails_on()

    def _stop(self, why: str) -> None:
        if self._gathered.stopped is None:
            self._gathered.stopped = why
            for worker in self._workers:
                self._tell(worker, "stop", why)

    def _end(self) -> None:
        for worker in self._workers:
            if worker.tested is None:
                worker.process.kill()
            worker.connection.close()
            worker.process.join()
            worker.process.close()

    # --- talking ------------------------------------------------------------------------------

    def _hear(self, worker: _Worker) -> None:
        try:
            kind, value = worker.connection.recv()
        except (EOFError, OSError):
            self._lose(worker)
            return
        if kind == "result":
            self._take(value)
        elif kind == "next":
            self._tell(worker, "answer", self._next())
        elif kind == "more":
            what, wanted = value
            self._tell(worker, "answer", self._pools[what].take(wanted))
        elif kind == "tests" and self._tests is None:
            self._tests = dearest_first(value)
        elif kind == "stopped":
            self._stop(value)
        elif kind == "tested":
            worker.tested, worker.ready = value, False
            self._stopped_by(value)
        elif kind == "refused":
            worker.ready = False
            self._gathered.refused = value
            self._stop("not-testable")
        elif kind == "failed":
            self._lose(worker, value)

    def _tell(self, worker: _Worker, kind: str, value: Any) -> None:
        if worker.ready:
            with suppress(OSError):
                worker.connection.send((kind, value))

    def _next(self) -> str | None:
        if self._gathered.stopped is not None or not self._tests:
            return None
        return self._tests.pop(0)

    def _stopped_by(self, tested: Tested) -> None:
        if tested.stopped is not None:
            self._stop(tested.stopped)

    def _lose(self, worker: _Worker, why: str | None = None) -> None:
        """It ended without a word, or by a fault of ours; the run cannot be whole any more."""
        worker.ready = False
        self._gathered.lost = True
        if why is None:
            worker.process.join(timeout=1)
            why = f"exit code {worker.process.exitcode}"
        self._gathered.errors.append(
            f"Worker {worker.number} of {len(self._workers)} ended unexpectedly ({why}); its test is not "
            "decided, and the run was ended."
        )
        self._stop("error")

    def _hand_mails_on(self) -> None:
        if self._mailbox is None:
            return
        for mail in self._mailbox.arrived():
            for worker in self._workers:
                self._tell(worker, "mail", mail)

    # --- results ------------------------------------------------------------------------------

    def _take(self, result: Result) -> None:
        if result.outcome is Outcome.NOT_RUN:
            self._late[result.requirement] = result
        elif self._gathered.stopped == "exitfirst" and result.outcome is Outcome.INCONCLUSIVE:
            pass  # broken off since the answer is known; the run says so of all that is left
        else:
            self._journal.keep(result)
            self._show(result)

    def _settle_late(self) -> None:
        """What nobody could decide, looking back on a part of the run, stays open; or to other shards."""
        whole = self._assignments[0].settings.shard == (1, 1)
        outcome = Outcome.INCONCLUSIVE if whole else Outcome.NOT_RUN
        decided = {result.requirement for result in self._journal.results}
        for id_, late in self._late.items():
            if id_ not in decided:
                result = replace(late, outcome=outcome)
                self._journal.keep(result)
                self._show(result)


def run_in_workers(
    settings: Settings,
    target: Target,
    mailbox: Mailbox | None,
    catalogue: Catalogue,
    selection: Selection,
    *,
    run: str,
    key: bytes,
    known: frozenset[str],
    results: Path,
    show: Callable[[Result], None],
) -> Tested:
    """Runs the tests in `settings.workers` processes; `mailbox` is this process's own.

    They append their exchanges to `results`, where the header stands already. Raises TargetError
    where the target's mailbox does not serve so many.
    """
    left = None if target.seconds_left == float("inf") else max(0.01, target.seconds_left)
    address = mailbox.url if mailbox is not None else "none"
    first = target.journal.number()
    assignments = [
        Assignment(
            number=number,
            of=settings.workers,
            settings=share(settings, number, settings.workers, left),
            profile=target.profile,
            catalogue=catalogue,
            selection=selection,
            known=known,
            run=run,
            key=key,
            mailbox=settings.mailbox or address,
            results=results.absolute(),
            first_exchange=first,
        )
        for number in range(1, settings.workers + 1)
    ]
    handed_on = mailbox if address.startswith("smtp:") else None
    found = Workers(assignments, target.journal, show, handed_on).run()
    if found.refused is not None:
        raise TargetError(f"{found.refused} With fewer --workers it may go.")
    unsaid: tuple[str, ...] = ()
    if found.lost:
        # what a process that is gone would have said stands in its exchanges
        books = leftovers(read_run(results), target.profile, settings.address, None)
        unsaid = described(books.accounts)
    return _gathered(found, unsaid, target)


def _gathered(found: Gathered, unsaid: Sequence[str], target: Target) -> Tested:
    """The workers' parts as one, and what this process did before."""
    parts = found.tested
    listed = dict.fromkeys([*(name for part in parts for name in part.leftovers), *unsaid])
    return Tested(
        stopped=found.stopped,
        errors=(*found.errors, *(error for part in parts for error in part.errors)),
        broken=tuple(found.errors),
        leftovers=tuple(listed),
        accounts=sum(part.accounts for part in parts),
        mails=sum(part.mails for part in parts),
        mails_due=sum(part.mails_due for part in parts),
        requests=target.requests + sum(part.requests for part in parts),
        password_computations=target.password_computations
        + sum(part.password_computations for part in parts),
        elsewhere={id_: shard for part in parts for id_, shard in part.elsewhere.items()},
        empty=any(part.empty for part in parts),
    )
