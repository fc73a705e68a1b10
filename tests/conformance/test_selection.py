"""Which requirements a run decides, and why it leaves the others."""

import pytest

from authspec_conformance.selection import select
from authspec_contract.catalogue import load_catalogue
from authspec_contract.errors import UsageError
from authspec_contract.results import Outcome

from .sample import DOCUMENT, USERNAMES

CATALOGUE = load_catalogue()


def chosen(*only: str, profile=DOCUMENT, has_mailbox=True):
    return select(CATALOGUE, profile, only=only, has_mailbox=has_mailbox)


def test_without_a_choice_everything_is_wanted_that_the_profile_has():
    selection = chosen()
    assert len(selection.wanted) > 150
    assert {o for o, _ in selection.settled.values()} <= {Outcome.NOT_APPLICABLE, Outcome.UNTESTED}


def test_a_choice_may_be_repeated_and_separated_by_commas_in_any_case():
    selection = chosen("reg-001, REG-002", "PWD-001")
    assert [requirement.id for requirement in selection.wanted] == ["REG-001", "REG-002", "PWD-001"]
    assert selection.settled["REG-003"] == (Outcome.NOT_RUN, "not selected by --only")


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(UsageError, match="There is no requirement 'REG-999'; did you mean 'REG-"):
        chosen("REG-999")


def test_what_the_profile_does_not_have_is_not_applicable_and_says_why():
    outcome, why = chosen(profile=USERNAMES).settled["ACT-001"]
    assert outcome is Outcome.NOT_APPLICABLE
    assert "the profile does not have: " in why


def test_without_a_mailbox_what_needs_one_is_open_and_says_so():
    selection = chosen(has_mailbox=False)
    open_ = [id_ for id_, (o, _) in selection.settled.items() if o is Outcome.INCONCLUSIVE]
    assert "ACT-001" in open_
    assert "--mailbox none" in selection.settled["ACT-001"][1]


def test_a_choice_of_which_nothing_can_be_tested_is_refused():
    with pytest.raises(UsageError, match="Nothing is selected"):
        chosen("ACT-001", profile=USERNAMES)
    with pytest.raises(UsageError, match="Nothing is selected"):
        chosen("ACT-001", has_mailbox=False)
