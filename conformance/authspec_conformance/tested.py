"""Carries out the tests in this process and cleans up after them; says what they came to."""

import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from authspec_conformance.accounts import described
from authspec_conformance.clean_up import delete_all
from authspec_conformance.context import Context
from authspec_conformance.plugin import Listener, SuitePlugin
from authspec_conformance.session import run_session
from authspec_conformance.shards import ShardPlugin


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
    """How many the calls accounted for, to addresses of accounts."""
    requests: int
    password_computations: int
    broken: tuple[str, ...] = ()
    """Those of the errors that no result tells of."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """Requirement → another shard that has a test of it."""
    empty: bool = False
    """Whether there are tests, and none for this shard."""


def carry_out(
    context: Context,
    listener: Listener,
    *,
    on_clean: Callable[[], None] = lambda: None,
    loop: Callable[[SuitePlugin], object] | None = None,
    testing: Callable[[bool], None] = lambda yes: None,
) -> Tested:
    """Runs the tests, then deletes what they made.

    `on_clean` is called where nothing is left, `testing` before and after the tests; `loop` makes a
    plugin that chooses what comes next.
    """
    plugin = SuitePlugin(context, listener)
    shard = ShardPlugin(*context.settings.shard)
    others = [shard] if loop is None else [shard, loop(plugin)]
    stopped: str | None = None
    try:
        testing(True)
        stopped = run_session(plugin, context.seed, *others)
        testing(False)
    except KeyboardInterrupt:
        stopped = "interrupted"
    except Exception:
        testing(False)
        _clean_up(context, on_clean)
        raise
    leftovers = _clean_up(context, on_clean)
    return Tested(
        stopped=stopped or plugin.stopped,
        errors=tuple(plugin.errors),
        leftovers=leftovers,
        accounts=len(context.ledger.accounts),
        mails=context.postbox.count if context.postbox else 0,
        mails_due=context.allowance.due(a.email for a in context.ledger.accounts),
        requests=context.target.requests,
        password_computations=context.target.password_computations,
        elsewhere=shard.elsewhere,
        empty=shard.empty,
    )


def _clean_up(context: Context, on_clean: Callable[[], None]) -> tuple[str, ...]:
    """Deletes what the run made. A second Ctrl-C leaves the rest, and the results file says so."""
    target = context.target
    try:
        # time and budget are over where they are limited; cleaning up is owed all the same
        target.options = replace(target.options, max_seconds=None, max_requests=sys.maxsize)
        target.guard = lambda call: nullcontext()
        left = delete_all(context.people)
        if not left:
            on_clean()
        return described(left)
    except KeyboardInterrupt:
        return described(context.ledger.remaining())
