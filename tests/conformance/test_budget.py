"""A budget is never exceeded, whoever uses it up."""

from authspec_conformance.budget import Budget, Pool


def test_a_budget_of_ones_own_allows_as_many_as_it_has():
    budget = Budget(2)
    assert [budget.allows(n) for n in (1, 2, 3)] == [True, True, False]


def test_budgets_of_one_pool_are_together_no_more_than_it_has():
    pool = Pool(10, 4)
    first, second = Budget(10, pool.take), Budget(10, pool.take)
    used = {first: 0, second: 0}
    for budget in [first, second] * 10:
        if budget.allows(used[budget] + 1):
            used[budget] += 1
    assert sum(used.values()) == 10


def test_who_needs_more_gets_what_is_left():
    pool = Pool(10, 4)
    first, second = Budget(10, pool.take), Budget(10, pool.take)
    assert first.allows(1)
    assert second.allows(6)
    assert not second.allows(7)


def test_few_questions_are_asked():
    asked: list[int] = []
    pool = Pool(100, 10)

    def more(wanted: int) -> int:
        asked.append(wanted)
        return pool.take(wanted)

    budget = Budget(100, more)
    assert all(budget.allows(n) for n in range(1, 21))
    assert len(asked) == 2
