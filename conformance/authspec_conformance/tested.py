"""Carries out the tests in this process and cleans up after them; says what they came to."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace

from authspec_conformance.accounts import described
from authspec_conformance.context import Context
from authspec_conformance.plugin import Listener, SuitePlugin
from authspec_conformance.session import run_session


@dataclass(frozen=True)
class Tested:
    """What is known when the tests are over, besides their results."""

    stopped: str | None
    """Why they ended before their time."""
    errors: tuple[str, ...]
    """Our own faults, each in one line."""
    leftovers: tuple[str, ...]
    """Accounts that could not be deleted."""
    accounts: int
    mails: int
    mails_due: int
    """How many the calls accounted for."""
    requests: int
    password_computations: int


def carry_out(context: Context, listener: Listener, *, on_clean: Callable[[], None]) -> Tested:
    """Runs the tests, then deletes what they made; `on_clean` is called where nothing is left."""
    plugin = SuitePlugin(context, listener)
    stopped: str | None = None
    try:
        stopped = run_session(plugin, context.seed)
    except KeyboardInterrupt:
        stopped = "interrupted"
    except Exception:
        _clean_up(context, on_clean)
        raise
    leftovers = _clean_up(context, on_clean)
    return Tested(
        stopped=stopped or plugin.stopped,
        errors=tuple(plugin.errors),
        leftovers=leftovers,
        accounts=len(context.ledger.accounts),
        mails=context.postbox.count if context.postbox else 0,
        mails_due=context.allowance.expected,
        requests=context.target.requests,
        password_computations=context.target.password_computations,
    )


def _clean_up(context: Context, on_clean: Callable[[], None]) -> tuple[str, ...]:
    """Deletes what the run made. A second Ctrl-C leaves the rest, and the results file says so."""
    target = context.target
    try:
        # time and budget are over where they are limited; cleaning up is owed all the same
        target.options = replace(target.options, max_seconds=None, max_requests=sys.maxsize)
        target.guard = lambda call: nullcontext()
        left = context.people.delete_all()
        if not left:
            on_clean()
        return described(left)
    except KeyboardInterrupt:
        return described(context.ledger.remaining())
