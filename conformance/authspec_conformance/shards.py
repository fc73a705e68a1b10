"""Which tests a shard of a run takes: an even share of what they cost, the same for the same tests."""

from collections.abc import Mapping, Sequence

import pytest

COSTS: Mapping[str, int] = {
    "test_any_life_is_djosers": 17,
    "test_an_account_is_deleted": 15,
    "test_a_newcomer_signs_up": 11,
    "test_a_password_is_changed_twice": 11,
    "test_a_password_is_reset_twice": 11,
    "test_generated_calls": 10,
    "test_a_race_for_one_reset_link": 9,
    "test_two_newcomers_activate": 9,
    "test_a_login_is_registered_once": 8,
    "test_links_of_two_accounts": 7,
    "test_a_login_is_changed_twice": 7,
    "test_a_registration_takes_no_rights": 6,
    "test_a_long_password_with_odd_characters_works": 6,
    "test_refused_password_changes": 6,
    "test_a_newcomer_asks_for_the_mail_again": 5,
    "test_a_race_for_one_login": 4,
    "test_login_by_token": 3,
    "test_an_inactive_account_can_do_nothing": 2,
}
"""Test function → about how many seconds it takes on a Djoser with Django's own hasher; for the dear ones."""
ORDINARY = 1


def cost(test: str) -> int:
    """What a test costs, by the name that pytest gives it."""
    return COSTS.get(test.partition("[")[0].rpartition("::")[2], ORDINARY)


def dearest_first(tests: Sequence[str]) -> list[str]:
    """So that no dear test begins last, while everybody else is done; else in the given order."""
    return sorted(tests, key=lambda test: -cost(test))


def shards(tests: Sequence[str], of: int) -> list[list[str]]:
    """The tests in so many parts: the dearest first, each to the part that has least to do."""
    parts: list[list[str]] = [[] for _ in range(of)]
    loads = [0] * of
    for test in dearest_first(tests):
        least = loads.index(min(loads))
        parts[least].append(test)
        loads[least] += cost(test)
    return parts


def looks_back(item: pytest.Item) -> bool:
    """Whether the test is about the whole run: every shard and every worker has its own of it."""
    return item.get_closest_marker("last") is not None


class ShardPlugin:
    """Leaves the tests of the other shards out."""

    def __init__(self, number: int, of: int) -> None:
        self._number = number
        self._of = of
        self.elsewhere: dict[str, int] = {}
        """Requirement → a shard that decides it too, or alone."""
        self.empty = False
        """Whether there are tests, and none for this shard."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """After the selection: what is left is divided."""
        from authspec_conformance.plugin import requirements_of

        divided = [item for item in items if not looks_back(item)]
        parts = shards([item.nodeid for item in divided], self._of)
        place = {test: number for number, part in enumerate(parts, 1) for test in part}
        theirs = [item for item in divided if place[item.nodeid] != self._number]
        self.empty = bool(divided) and len(theirs) == len(divided)
        for item in theirs:
            self.elsewhere |= dict.fromkeys(requirements_of(item), place[item.nodeid])
        for item in items if theirs else ():
            if looks_back(item):
                self.elsewhere |= dict.fromkeys(requirements_of(item), place[theirs[0].nodeid])
        items[:] = [] if self.empty else [item for item in items if item not in theirs]
        if theirs:
            config.hook.pytest_deselected(items=theirs)
