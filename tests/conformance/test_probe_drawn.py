"""A probe of deployments that nobody thought of: what it claims is right, and the rest it cannot tell."""

import secrets
from dataclasses import fields
from random import Random

import pytest
import yaml

from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.output import declared_value, differences, settled
from authspec_conformance.probe.probing import Probed
from authspec_conformance.probe_command import probe_deployment
from authspec_conformance.settings import Limits, Settings
from authspec_contract.profile import DjoserSettings, Profile
from authspec_contract.profile_file import profile_from_text
from authspec_mock import MockServer
from tests.deployment.environment import unavailable
from tests.deployment.server import RealDjoser
from tests.soundness.drawn import drawn_profile

AT_LEAST = 12
"""Settings that a probe has to tell."""
FLAGS = [f"djoser.{field.name}" for field in fields(DjoserSettings) if field.type in (bool, "bool")]
ALIKE = {"djoser.PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND", "djoser.USERNAME_RESET_SHOW_EMAIL_NOT_FOUND"}
"""Djoser treats the two alike, so either stands for both."""


def drawn(number: int, **changes: object) -> Profile:
    tree = {**drawn_profile(Random(number), f"drawn-{number}"), **changes}
    return profile_from_text(yaml.safe_dump(tree), source=f"the number {number}")


def settings(url: str, mailbox: str | None = None) -> Settings:
    return Settings(url=url, mailbox=mailbox, limits=Limits(mail_wait=5))


def judge(probed: Probed, profile: Profile) -> None:
    assert list(differences(probed.findings, profile)) == []
    assert wrong_flags(probed.findings, profile) == []
    found = settled(probed.findings).values()
    assert sum(finding.told for finding in found) >= AT_LEAST
    assert all(finding.evidence for finding in found)


def wrong_flags(findings: Findings, profile: Profile) -> list[str]:
    """Booleans that were told to be what they are not; here no comparison of meaning is let pass."""
    found = settled(findings)
    return [
        name
        for name in FLAGS
        if name not in ALIKE
        and found[name].told
        and found[name].value != declared_value(profile, name)
    ]


@pytest.mark.parametrize("number", range(12))
def test_what_it_claims_of_a_drawn_deployment_is_right(number: int) -> None:
    profile = drawn(number, language="en")
    with MockServer(profile) as mock:
        probed = probe_deployment(settings(mock.url + profile.prefix))
        judge(probed, profile)
        assert (probed.left, mock.users()) == ((), [])


@pytest.mark.real
@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
@pytest.mark.parametrize("number", [*range(20, 31), 391842, None])
def test_what_it_claims_of_a_drawn_real_djoser_is_right(number: int | None) -> None:
    number = secrets.randbelow(2**20) if number is None else number
    print(f"number {number}")
    profile = drawn(number)
    with RealDjoser(profile) as real:
        mailbox = f"file://{real.mail_dir}"
        probed = probe_deployment(settings(real.url + profile.prefix, mailbox))
        judge(probed, profile)
        assert (probed.left, real.users()) == ((), [])
