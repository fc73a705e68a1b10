"""The first line of a results file: which run this is, of what, and against what."""

from authspec_conformance.settings import Settings
from authspec_contract import __version__
from authspec_contract.catalogue import Catalogue, Requirement
from authspec_contract.facts import facts
from authspec_contract.profile import Profile
from authspec_contract.results import Header, RequirementLine


def header_of(
    settings: Settings,
    profile: Profile,
    catalogue: Catalogue,
    *,
    run: str,
    started: str,
    command: tuple[str, ...],
    target: str,
    mailbox: str,
) -> Header:
    """The header; `command` and `mailbox` without their secrets."""
    assert settings.seed is not None
    number, of = settings.shard
    return Header(
        run=run,
        started=started,
        seed=settings.seed,
        command=command,
        tool={"name": "authspec", "version": __version__},
        contract=catalogue.hash,
        target={"url": target},
        profile={
            "name": profile.name,
            "source": profile.source,
            "facts": dict(facts(profile)),
        },
        mailbox=mailbox,
        level=settings.level,
        mode=settings.mode,
        requirements=lines_of(catalogue),
        shard=f"{number}/{of}" if of > 1 else None,
    )


def lines_of(catalogue: Catalogue) -> tuple[RequirementLine, ...]:
    """The snapshot of all requirements."""
    return tuple(map(_line, catalogue))


def _line(requirement: Requirement) -> RequirementLine:
    return RequirementLine(
        **{name: getattr(requirement, name) for name in RequirementLine.__dataclass_fields__}
    )
