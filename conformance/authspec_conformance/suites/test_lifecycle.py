"""The state machine: any sequence of calls by several accounts, held against Djoser in memory."""

import pytest

from authspec_conformance.claims import Claims, requirement
from authspec_conformance.context import Context
from authspec_conformance.errors import Inconclusive
from authspec_conformance.expect import Failure
from authspec_conformance.lifecycle import run_machine
from authspec_conformance.two_sides import Budget, MailFailure
from authspec_contract.results import Outcome

HASHES = {"default": 15, "thorough": 400}
SECONDS = {"default": 20.0, "thorough": 120.0}
ACCOUNTS = {"default": 6, "thorough": 80}


@pytest.mark.default_only
@requirement("SEC-003", "SEC-004")
def test_any_life_is_djosers(claim: Claims, context: Context) -> None:
    """Accounts register, activate, log in, write, change, reset and delete in any order."""
    mode = context.settings.mode
    context.people.ask_for_registration()
    if not context.people.can_make_active:
        raise Inconclusive(
            "it needs fresh active accounts; activation needs a mail, and the run has --mailbox none"
        )
    budget = Budget(
        hashes=context.target.password_computations + HASHES[mode],
        seconds=SECONDS[mode],
        accounts=len(context.ledger.accounts) + ACCOUNTS[mode],
    )
    try:
        run_machine(context, budget)
    except Failure as failure:
        broken = "SEC-004" if isinstance(failure, MailFailure) else "SEC-003"
        with claim(broken):
            raise
        for id_ in claim.ids:
            claim.decide(id_, Outcome.PASS)
    except Inconclusive as reason:
        if str(reason).startswith("the oracle cannot"):
            for id_ in claim.ids:
                claim.decide(id_, Outcome.NOT_APPLICABLE, str(reason))
            return
        raise
    else:
        for id_ in claim.ids:
            claim.decide(id_, Outcome.PASS)
