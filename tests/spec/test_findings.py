"""Every finding's evidence holds on a real Djoser."""

import dataclasses
from itertools import groupby

import pytest

from authspec_contract.catalogue import load_catalogue
from tests.deployment.environment import unavailable
from tests.deployment.server import RealDjoser
from tests.spec.evidence import EvidenceError, Player, profile_of

FINDINGS = tuple(load_catalogue().findings.values())


def _deployment(finding):
    return finding.evidence.splitlines()[0]


GROUPS = {k: tuple(g) for k, g in groupby(sorted(FINDINGS, key=_deployment), key=_deployment)}


@pytest.mark.real
@pytest.mark.parametrize("deployment", GROUPS)
def test_every_evidence_holds_on_a_real_djoser(deployment):
    if reason := unavailable():
        pytest.skip(reason)
    findings = GROUPS[deployment]
    told = []
    with RealDjoser(profile_of(findings[0])) as real:
        for finding in findings:
            try:
                Player(real).play(finding)
            except EvidenceError as error:
                told.append(str(error))
    assert told == []


@pytest.mark.real
def test_evidence_that_does_not_hold_is_told_by_its_line():
    if reason := unavailable():
        pytest.skip(reason)
    finding = next(finding for finding in FINDINGS if finding.id == "F-11")
    wrong = dataclasses.replace(finding, evidence=finding.evidence.replace("< 401", "< 200"))
    with RealDjoser(profile_of(wrong)) as real, pytest.raises(EvidenceError, match="F-11: < 200"):
        Player(real).play(wrong)


def test_every_evidence_names_its_deployment():
    assert all(profile_of(finding).name for finding in FINDINGS)
