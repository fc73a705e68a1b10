"""What a run writes down as it goes: exchanges and results, in order, from any thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Lock

from authspec_conformance.exchange import Call, Reply, recorded
from authspec_conformance.redaction import Redactor
from authspec_contract.results import Exchange, Footer, Header, Outcome, Result, ResultsWriter

UNWRITABLE = "unwritable"
"""Why a run stops whose file takes no more."""
EXCHANGES_PER_RESULT = 20
"""A failure shows at most so many exchanges: the last ones before it."""


class Journal:
    """Numbers the exchanges, remembers which belong to the running test, and keeps results."""

    def __init__(
        self, writer: ResultsWriter, redactor: Redactor, *, numbers: Iterator[int] | None = None
    ) -> None:
        """`numbers`: of the exchanges, where this goes on with a journal that has its header."""
        self._writer = writer
        self._redactor = redactor
        self._lock = Lock()
        self._numbers = count(1) if numbers is None else numbers
        self._shared: list[int] = []
        self._early: list[Exchange] | None = [] if numbers is None else None
        """Exchanges before the header, which is the file's first line; None from then on."""
        self.results: list[Result] = []
        self.broken: str | None = None
        """Why nothing more can be written, as on a full disk."""

    def header(self, header: Header) -> None:
        with self._lock:
            self._write(lambda: self._writer.header(header))
            for line in self._early or ():
                self._exchange(line)
            self._early = None

    def footer(self, footer: Footer) -> None:
        with self._lock:
            self._write(lambda: self._writer.footer(footer))

    def _exchange(self, line: Exchange) -> None:
        self._write(lambda: self._writer.exchange(line))

    def _write(self, line: Callable[[], None]) -> None:
        """A file that takes no more ends the tests and not the clean-up: the run looks at `broken`."""
        if self.broken is not None:
            return
        try:
            line()
        except OSError as error:
            self.broken = error.strerror or str(error)

    def number(self) -> int:
        """The id of the next exchange."""
        with self._lock:
            return next(self._numbers)

    def exchange(
        self, id_: int, call: Call, reply: Reply | None, seconds: float, error: str | None = None
    ) -> None:
        """Keeps one exchange, redacted; `error` says why no reply came."""
        line = recorded(id_, call, reply, seconds, self._redactor, error)
        with self._lock:
            self._shared.append(id_)
            if self._early is not None:
                self._early.append(line)
            else:
                self._exchange(line)

    @contextmanager
    def scene(self) -> Iterator[None]:
        """While one test runs: `recent` gives the exchanges that happened in it."""
        with self._lock:
            kept, self._shared = self._shared, []
        try:
            yield
        finally:
            with self._lock:
                self._shared = kept

    def recent(self) -> tuple[int, ...]:
        """Ids of the scene's exchanges, the last ones, in order."""
        with self._lock:
            return tuple(self._shared[-EXCHANGES_PER_RESULT:])

    def result(
        self,
        requirement: str,
        test: str,
        outcome: Outcome,
        message: str = "",
        *,
        exchanges: tuple[int, ...] = (),
        seconds: float = 0.0,
    ) -> Result:
        """Keeps what a test found out about a requirement; the message is redacted."""
        result = Result(
            requirement, test, outcome, self._redactor.text(message), exchanges, round(seconds, 3)
        )
        self.keep(result)
        return result

    def keep(self, result: Result) -> None:
        """Writes down a result that is redacted already."""
        with self._lock:
            self.results.append(result)
            self._write(lambda: self._writer.result(result))
