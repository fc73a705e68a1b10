"""The faulty Djosers: each says what it breaks; that it shows, the kill matrix shows (tests/mutants)."""

from pathlib import Path

import pytest

from authspec_contract.catalogue import load_catalogue
from authspec_contract.facts import facts, failing
from authspec_contract.profile_file import load_profile, shipped_profiles

from .faults import FAULTS, find_fault
from .faults.registry import written_for

PROFILES = Path(__file__).parents[1] / "fidelity" / "profiles"


def test_there_are_enough_faults_and_a_third_of_them_takes_three_calls() -> None:
    slow = [fault for fault in FAULTS.values() if fault.steps >= 3]
    assert len(FAULTS) >= 120
    assert 3 * len(slow) >= len(FAULTS)


def test_every_fault_names_profiles_that_ship_or_that_the_fidelity_tests_have() -> None:
    others = {f"tests/fidelity/profiles/{file.name}" for file in PROFILES.glob("*.yaml")}
    for fault in FAULTS.values():
        assert set(fault.profiles) <= {*shipped_profiles(), *others}, fault.name


def test_every_fault_has_a_sentence_and_says_what_it_breaks() -> None:
    for fault in FAULTS.values():
        assert fault.text.endswith("."), fault.name
        assert ":" in fault.breaks or " " in fault.breaks, fault.name
        assert (fault.patch is None) != (fault.change is None), fault.name


def test_every_fault_of_level_must_names_requirements_that_apply_in_its_first_profile() -> None:
    catalogue = load_catalogue()
    for fault in FAULTS.values():
        known = facts(load_profile(fault.profiles[0]))
        wanted = [catalogue.requirement(id_) for id_ in fault.requirement]
        assert wanted or fault.level != "must", fault.name
        if fault.level == "must":
            applying = [r for r in wanted if failing(r.when, known) is None and r.level == "must"]
            assert applying, fault.name


def test_no_requirement_is_named_for_a_fault_that_is_gone() -> None:
    named = {fault.name for fault in FAULTS.values() if fault.requirement}
    assert named == set(written_for())


def test_an_unknown_fault_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="registers-staff"):
        find_fault("register-staff")
