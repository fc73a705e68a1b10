"""What a test may raise besides AssertionError, and how each is judged."""

from authspec_contract.errors import AuthspecError


class Inconclusive(AuthspecError):
    """A requirement could not be tried; the sentence says why. Never the target's fault."""


class BudgetSpent(Inconclusive):
    """The run may not make more accounts or cause more mails than its limits allow."""


class TimeUsedUp(Inconclusive):
    """The run's `--max-seconds` are over."""
