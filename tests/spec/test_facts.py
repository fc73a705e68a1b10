"""Conditions are named, checked, and derived from a profile."""

import pytest

from authspec_contract.errors import ContractError
from authspec_contract.facts import check_condition, fact_names, facts, failing
from authspec_contract.profile_file import load_profile, profile_from_mapping, shipped_profiles


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_profile_decides_every_condition(name):
    assert set(facts(load_profile(name))) == fact_names()


def test_the_printed_settings_send_no_activation_link():
    known = facts(load_profile("hypersaas"))
    assert not known["activation_link"]
    assert known["confirmation_at_registration"]
    assert not known["challenged"]


def test_the_document_has_every_link_and_challenge():
    known = facts(load_profile("document"))
    assert known["activation_link"]
    assert known["reset_link"]
    assert known["challenged"]
    assert known["login_by_email"]


def test_stock_djoser_logs_in_by_username():
    known = facts(load_profile("djoser"))
    assert not known["login_by_email"]
    assert known["email_writable"]
    assert not known["USER_CREATE_PASSWORD_RETYPE"]


def test_without_its_urls_a_scheme_cannot_be_had():
    raw = {"name": "x", "urls": ["users", "token"], "user": {"fields": [], "create": [EMAIL]}}
    known = facts(profile_from_mapping(raw, source="x"))
    assert not known["jwt"]
    assert known["token"]


def test_versions_are_compared_by_number():
    raw = {"name": "x", "versions": {"djoser": "2.10"}, "user": {"create": [EMAIL]}}
    known = facts(profile_from_mapping(raw, source="x"))
    assert known["djoser>=2.3"]
    assert not known["djoser>=3"]


def test_an_unknown_condition_names_its_place_and_the_nearest():
    with pytest.raises(ContractError) as caught:
        check_condition(["SEND_ACTIVATION_MAIL"], where="a.yaml:7")
    assert str(caught.value) == (
        "a.yaml:7 names the unknown condition 'SEND_ACTIVATION_MAIL'; "
        "did you mean 'SEND_ACTIVATION_EMAIL'?"
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ((), None),
        (("a",), None),
        (("b",), "b"),
        (("not b",), None),
        (("a", "not a"), "not a"),
    ],
)
def test_the_first_part_that_does_not_hold_is_told(condition, expected):
    assert failing(condition, {"a": True, "b": False}) == expected


EMAIL = {"name": "email", "type": "email"}
