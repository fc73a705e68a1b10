"""Which requirements a run decides: applicable by the profile, asked for by the command line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authspec_conformance.reach import closed
from authspec_contract.catalogue import Catalogue, Requirement
from authspec_contract.errors import UsageError
from authspec_contract.facts import facts, failing
from authspec_contract.profile import Profile
from authspec_contract.results import Outcome


@dataclass(frozen=True)
class Selection:
    """For each requirement: decide it, or the outcome that stands without a test."""

    requirements: Mapping[str, Requirement]
    settled: Mapping[str, tuple[Outcome, str]]
    """Requirement → outcome and message, for those that no test needs to decide."""

    def wants(self, id_: str) -> bool:
        """Whether a test has to decide this requirement."""
        return id_ not in self.settled

    @property
    def wanted(self) -> tuple[Requirement, ...]:
        return tuple(r for r in self.requirements.values() if self.wants(r.id))


def select(
    catalogue: Catalogue, profile: Profile, *, only: Iterable[str], has_mailbox: bool
) -> Selection:
    """The selection for a profile. Raises UsageError for an id that the catalogue does not have,
    and where nothing is left to test."""
    asked = {catalogue.requirement(id_.upper()).id for id_ in _split(only)}
    known = facts(profile)
    settled: dict[str, tuple[Outcome, str]] = {}
    for requirement in catalogue:
        outcome = _without_test(requirement, profile, known, asked, has_mailbox)
        if outcome is not None:
            settled[requirement.id] = outcome
    selection = Selection(catalogue.requirements, settled)
    if not selection.wanted:
        raise UsageError(
            "Nothing is selected: none of these requirements applies to the profile "
            f"{profile.name!r} and can be tested with this mailbox; see authspec check --list."
        )
    return selection


def _split(only: Iterable[str]) -> list[str]:
    return [id_.strip() for item in only for id_ in item.split(",") if id_.strip()]


def _without_test(
    requirement: Requirement,
    profile: Profile,
    known: Mapping[str, bool],
    asked: set[str],
    has_mailbox: bool,
) -> tuple[Outcome, str] | None:
    if asked and requirement.id not in asked:
        return Outcome.NOT_RUN, "not selected by --only"
    if (broken := failing(requirement.when, known)) is not None:
        return Outcome.NOT_APPLICABLE, f"the profile does not have: {broken}"
    if (action := closed(requirement.operation, profile)) is not None:
        return Outcome.NOT_APPLICABLE, f"the profile's permissions close it: {action}"
    if requirement.untested:
        return Outcome.UNTESTED, requirement.untested
    if "mailbox" in requirement.needs and not has_mailbox:
        return Outcome.INCONCLUSIVE, "it needs a mailbox, and the run has --mailbox none"
    return None
