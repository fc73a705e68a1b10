"""What a test may raise besides AssertionError, and how each is judged."""

from typing import ClassVar

from authspec_contract.errors import AuthspecError
from authspec_contract.results import Outcome

PRECONDITION = "the precondition does not hold: "
"""How a sentence begins that says what had to be there for a requirement to be tried."""


class Inconclusive(AuthspecError):
    """A requirement could not be tried; the sentence says why. Never the target's fault."""

    outcome: ClassVar[Outcome] = Outcome.INCONCLUSIVE


class Closed(Inconclusive):
    """It needs a step that the profile's permissions leave to nobody here."""

    outcome = Outcome.NOT_APPLICABLE


class BudgetSpent(Inconclusive):
    """The run may not make more accounts or cause more mails than its limits allow."""


class TimeUsedUp(Inconclusive):
    """The run's `--max-seconds` are over."""
