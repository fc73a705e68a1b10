"""Everything that the tests of one run share; built once by the runner."""

from dataclasses import dataclass
from random import Random

from authspec_conformance.accounts import Ledger
from authspec_conformance.allowance import Allowance
from authspec_conformance.client import Client
from authspec_conformance.journal import Journal
from authspec_conformance.observer import Observer
from authspec_conformance.people import People
from authspec_conformance.postbox import Postbox
from authspec_conformance.redaction import Redactor
from authspec_conformance.selection import Selection
from authspec_conformance.settings import Settings
from authspec_conformance.target import Target
from authspec_contract.catalogue import Catalogue
from authspec_contract.profile import Profile
from authspec_contract.results import Outcome, Result


@dataclass(frozen=True)
class Context:
    """One run."""

    run: str
    seed: int
    settings: Settings
    profile: Profile
    catalogue: Catalogue
    selection: Selection
    target: Target
    api: Client
    """An anonymous caller."""
    people: People
    postbox: Postbox | None
    ledger: Ledger
    journal: Journal
    redactor: Redactor
    observer: Observer
    allowance: Allowance

    known: frozenset[str] = frozenset()
    """Requirements that failed in the baseline already."""

    def counts(self, result: Result) -> bool:
        """Whether a result is a failure that the gate counts."""
        requirement = self.catalogue.requirements[result.requirement]
        return (
            result.outcome is Outcome.FAIL
            and requirement.at_or_above(self.settings.level)
            and requirement.id not in self.known
        )

    def random(self, what: str) -> Random:
        """A source of chance of one's own, the same for the same seed."""
        return Random(f"{self.seed}:{what}")
