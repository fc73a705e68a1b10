"""The pytest plugin of a run: gives the tests their fixtures, and writes down what each claim came to."""

import time
from collections.abc import Callable, Generator
from functools import partial

import pytest

from authspec_conformance.claims import Claims
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.errors import Inconclusive, TimeUsedUp
from authspec_conformance.journal import UNWRITABLE
from authspec_conformance.lock_out import LockOut
from authspec_conformance.people import People
from authspec_conformance.postbox import Postbox
from authspec_conformance.shards import looks_back
from authspec_contract.errors import TargetError
from authspec_contract.profile import Profile
from authspec_contract.results import Outcome, Result

_CLAIMS = pytest.StashKey[Claims]()
_STARTED = pytest.StashKey[float]()
_MODES = {
    "fast": {"fast"},
    "default": {"fast", "default"},
    "thorough": {"fast", "default", "thorough"},
}
GIVE_UP = 3
"""So many tests in a row without any answer, and the target counts as gone."""

Listener = Callable[[Result], None]


class SuitePlugin:
    """Registered with pytest for one run."""

    def __init__(self, context: Context, listener: Listener) -> None:
        self.context = context
        self._listener = listener
        self._silent = 0
        self._lock_out = LockOut(context.people)
        self.stopped: str | None = None
        self.errors: list[str] = []
        """Our own faults, each in one line."""

    # --- fixtures -----------------------------------------------------------------------------

    @pytest.fixture(scope="session", name="context")
    def _context(self) -> Context:
        return self.context

    @pytest.fixture(scope="session")
    def profile(self) -> Profile:
        return self.context.profile

    @pytest.fixture(scope="session")
    def api(self) -> Client:
        return self.context.api

    @pytest.fixture(scope="session")
    def people(self) -> People:
        return self.context.people

    @pytest.fixture
    def postbox(self) -> Postbox:
        return self.context.people.postbox

    @pytest.fixture
    def claim(self, request: pytest.FixtureRequest) -> Claims:
        claims: Claims = request.node.stash[_CLAIMS]
        return claims

    # --- collection ---------------------------------------------------------------------------

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers", "requirement(*ids): the requirements that a test decides"
        )
        config.addinivalue_line("markers", "thorough: only with --thorough")
        config.addinivalue_line("markers", "default_only: not with --fast")

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keeps the tests of wanted requirements, in the order of their files."""
        kept = [item for item in items if self._concerns(item)]
        dropped = [item for item in items if item not in kept]
        items[:] = sorted(kept, key=_place)
        if dropped:
            config.hook.pytest_deselected(items=dropped)

    def _concerns(self, item: pytest.Item) -> bool:
        allowed = _MODES[self.context.settings.mode]
        needed = "thorough" if item.get_closest_marker("thorough") else "fast"
        if item.get_closest_marker("default_only"):
            needed = "default"
        if needed not in allowed:
            return False
        return any(self.context.selection.wants(id_) for id_ in requirements_of(item))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file of the suite that cannot be imported is our fault, and must not look like Ctrl-C."""
        if report.failed:
            self.errors.append(f"{report.nodeid or 'the suite'} cannot be collected")
            self.stopped = "error"

    # --- one test -----------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        ids = requirements_of(item)
        wanted = {id_: self.context.selection.wants(id_) for id_ in ids}
        item.stash[_STARTED] = time.monotonic()
        item.stash[_CLAIMS] = Claims(ids, wanted, partial(self._decide, item))
        with self.context.journal.scene():
            try:
                return (yield)
            finally:
                claims = item.stash[_CLAIMS]
                blameless = self._blameless(claims)
                self.context.people.take_back(
                    intact=claims.ended and blameless, blameless=blameless
                )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when in {"setup", "call"}:
            self._finish(item, call)
        return report

    def _finish(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        claims = item.stash[_CLAIMS]
        error = call.excinfo.value if call.excinfo else None
        if error is None:
            if call.when == "call":
                claims.ended = True
                self._passed(item, claims)
            return
        outcome, message = self._judge(item, error, call.when == "setup")
        undecided = sorted(claims.open)
        if outcome is Outcome.FAIL and len(claims.ids) > 1:
            # outside of any claim, a broken expectation is a precondition of those that are left
            outcome = Outcome.INCONCLUSIVE
        for id_ in undecided:
            claims.open.discard(id_)
            self._decide(item, id_, outcome, message, error)
        if outcome is Outcome.ERROR:
            self.errors.append(f"{item.name}: {message}")

    def _blameless(self, claims: Claims) -> bool:
        """Whether nothing went wrong in the story; what stock Djoser does wrong is in the story."""
        requirements = self.context.catalogue.requirements
        return not any(requirements[i].level == "must" for i in claims.broken)

    def _passed(self, item: pytest.Item, claims: Claims) -> None:
        """A test of one requirement passes as a whole; one of several has claimed each of them."""
        if len(claims.ids) == 1 or not claims.open:
            for id_ in sorted(claims.open):
                self._decide(item, id_, Outcome.PASS, "")
            return
        if self.context.people.frugal:
            return  # what it left out is not run; the runner says so
        for id_ in sorted(claims.open):
            self._decide(item, id_, Outcome.ERROR, f"the test ended without deciding {id_}")
            self.errors.append(f"{item.name} ended without deciding {id_}")

    def _judge(self, item: pytest.Item, error: BaseException, setup: bool) -> tuple[Outcome, str]:
        if isinstance(error, TimeUsedUp):
            self._stop(item, "max-seconds")
            return Outcome.INCONCLUSIVE, str(error)
        if isinstance(error, Inconclusive):
            return error.outcome, str(error)
        if isinstance(error, TargetError):
            self._silent += 1
            if self._silent >= GIVE_UP:
                self._stop(item, "target-gone")
            return Outcome.INCONCLUSIVE, str(error)
        if isinstance(error, AssertionError):
            return (Outcome.INCONCLUSIVE if setup else Outcome.FAIL), _first_line(error)
        if isinstance(error, KeyboardInterrupt):
            return Outcome.INCONCLUSIVE, "the run was interrupted"
        if isinstance(error, _MISREAD):
            # the answer was not of the shape that the story goes on with; what is wrong with it is
            # decided by the claim that looks at it
            return (
                Outcome.INCONCLUSIVE,
                f"the target's answers do not allow to go on ({_told(error)})",
            )
        if isinstance(error, BaseExceptionGroup):
            return self._judge(item, error.exceptions[0], setup)
        if type(error).__module__ == "hypothesis.errors" and "Flaky" in type(error).__name__:
            return Outcome.INCONCLUSIVE, "the target answers the same calls now so, now otherwise"
        return Outcome.ERROR, _told(error)

    def _decide(
        self,
        item: pytest.Item,
        id_: str,
        outcome: Outcome,
        message: str,
        failure: BaseException | None = None,
    ) -> None:
        if not self.context.selection.wants(id_):
            return
        if outcome in {Outcome.PASS, Outcome.FAIL}:
            self._silent = 0
        if outcome is Outcome.FAIL and (locked := self._locked_out(id_)):
            outcome, message = Outcome.INCONCLUSIVE, locked
            self._stop(item, "locked-out")
        if outcome is Outcome.INCONCLUSIVE and looks_back(item) and self._is_a_part:
            # there is nothing to look back on here; another part decides it
            outcome = Outcome.NOT_RUN
        result = self.context.journal.result(
            id_,
            _test_name(item),
            outcome,
            message,
            exchanges=self._exchanges(failure) if outcome is not Outcome.PASS else (),
            seconds=time.monotonic() - item.stash[_STARTED],
        )
        self._listener(result)
        if self.context.journal.broken is not None:
            self._stop(item, UNWRITABLE)
        if self.context.settings.exitfirst and self.context.counts(result):
            self._stop(item, "exitfirst")

    def _locked_out(self, id_: str) -> str | None:
        """What speaks against this failure of a `must`; stock Djoser fails recommendations, locked or not."""
        must = self.context.catalogue.requirements[id_].level == "must"
        return self._lock_out.found() if must else None

    @property
    def _is_a_part(self) -> bool:
        settings = self.context.settings
        return settings.workers > 1 or settings.shard != (1, 1)

    def _exchanges(self, failure: BaseException | None) -> tuple[int, ...]:
        """The exchanges that lead to a failure: its own, or the scene's up to the one that shows it."""
        if program := getattr(failure, "program", ()):
            return tuple(program)
        telling: int | None = getattr(failure, "exchange", None)
        recent = self.context.journal.recent()
        if telling is None:
            return recent
        return (*(id_ for id_ in recent if id_ < telling), telling)

    def _stop(self, item: pytest.Item, why: str) -> None:
        self.stopped = self.stopped or why
        item.session.shouldstop = why


def requirements_of(item: pytest.Item) -> tuple[str, ...]:
    """The requirements that a test's decorators name."""
    return tuple(
        dict.fromkeys(id_ for mark in item.iter_markers("requirement") for id_ in mark.args)
    )


_LIFE = (
    "test_registration", "test_activation", "test_login", "test_credentials", "test_session", "test_me",
    "test_password", "test_reset", "test_login_change", "test_deletion",
)  # fmt: skip
"""The order of an account's life: later stories take over accounts that have been through earlier ones."""
_LONG = ("test_lifecycle", "test_net")
"""What makes hundreds of calls comes late: a run that is cut short has decided more."""


def _place(item: pytest.Item) -> tuple[int, int]:
    """Tests in the order of a life, those of other files, long ones; those that look back come last."""
    name = item.path.stem
    if looks_back(item):
        return 3, 0
    if name in _LONG:
        return 2, _LONG.index(name)
    return (0, _LIFE.index(name)) if name in _LIFE else (1, 0)


def _test_name(item: pytest.Item) -> str:
    return item.nodeid.rpartition("/")[2]


_MISREAD = (KeyError, TypeError, AttributeError, IndexError, UnboundLocalError, UnicodeError)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {_first_line(error)}"


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
