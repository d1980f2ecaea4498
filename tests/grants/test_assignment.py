"""Who reviews what: the plan by itself, then in the database."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from services.grants.rules.assignment import Candidate, Task, assign

A, B = "neighbourhood_alley", "group_space"


def test_loads_differ_by_at_most_one_and_nobody_gets_an_application_twice() -> None:
    plan = assign([Task(number, A, 3) for number in range(50)], [Candidate(each) for each in range(7)])
    loads = Counter(each.account_id for each in plan.picks)
    assert len(plan.picks) == 150
    assert max(loads.values()) - min(loads.values()) <= 1
    assert len({(each.application_id, each.account_id) for each in plan.picks}) == 150
    assert plan.short == {}


def test_who_knows_the_strand_is_preferred_as_far_as_the_loads_allow() -> None:
    tasks = [Task(number, A if number % 2 else B, 1) for number in range(40)]
    plan = assign(tasks, [Candidate(1, frozenset({A})), Candidate(2, frozenset({B}))])
    assert plan.experts == 40
    assert plan.loads == {1: 20, 2: 20}


def test_a_conflict_is_never_assigned_and_what_nobody_may_review_is_told() -> None:
    tasks = [Task(1, A, 2, frozenset({10, 11})), Task(2, A, 2, frozenset({10}))]
    plan = assign(tasks, [Candidate(10), Candidate(11), Candidate(12)])
    assert {(each.application_id, each.account_id) for each in plan.picks} == {(1, 12), (2, 11), (2, 12)}
    assert plan.short == {1: 1}


def test_conflicts_that_unbalance_the_loads_are_levelled_along_chains() -> None:
    """Reviewer 3 may read only the last applications, which the first pass had given to others."""
    tasks = [Task(number, A, 1, frozenset({3})) for number in range(6)]
    tasks += [Task(number, A, 1, frozenset({1})) for number in range(6, 9)]
    plan = assign(tasks, [Candidate(1), Candidate(2), Candidate(3)])
    assert sorted(plan.loads.values()) == [3, 3, 3]


def test_what_is_assigned_already_counts() -> None:
    plan = assign([Task(number, A, 1) for number in range(4)], [Candidate(1, load=3), Candidate(2), Candidate(3)])
    assert plan.loads == {1: 3, 2: 2, 3: 2}


def test_the_same_seed_gives_the_same_plan() -> None:
    tasks = [Task(number, A, 2) for number in range(30)]
    candidates = [Candidate(each) for each in range(6)]
    assert assign(tasks, candidates, "a") == assign(tasks, candidates, "a")
    assert assign(tasks, candidates, "a") != assign(tasks, candidates, "b")


def test_the_same_two_reviewers_do_not_always_meet() -> None:
    plan = assign([Task(number, A, 2) for number in range(60)], [Candidate(each) for each in range(6)])
    of: dict[int, list[int]] = {}
    for each in plan.picks:
        of.setdefault(each.application_id, []).append(each.account_id)
    assert len({pair for some in of.values() for pair in combinations(sorted(some), 2)}) > 3


@given(
    st.lists(
        st.tuples(st.sampled_from([A, B]), st.integers(1, 3), st.frozensets(st.integers(0, 5), max_size=5)),
        max_size=25,
    ),
    st.lists(st.frozensets(st.sampled_from([A, B])), min_size=1, max_size=6),
)
def test_every_plan_is_whole_free_of_conflicts_and_as_even_as_can_be(
    wanted: list[tuple[str, int, frozenset[int]]], knowing: list[frozenset[str]]
) -> None:
    tasks = [Task(number, strand, needed, barred) for number, (strand, needed, barred) in enumerate(wanted)]
    candidates = [Candidate(each, known) for each, known in enumerate(knowing)]
    plan = assign(tasks, candidates, "seed")
    of: dict[int, set[int]] = {each.application_id: set() for each in tasks}
    for pick in plan.picks:
        assert pick.account_id not in of[pick.application_id]
        of[pick.application_id].add(pick.account_id)
    for task in tasks:
        allowed = {each.account_id for each in candidates} - task.barred
        assert of[task.application_id] <= allowed
        assert len(of[task.application_id]) == min(task.needed, len(allowed))
        assert plan.short.get(task.application_id, 0) == task.needed - len(of[task.application_id])
    assert plan.loads == {each.account_id: sum(each.account_id in some for some in of.values()) for each in candidates}
    for giver, receiver in combinations(plan.loads, 2):  # no single review could move to make it more even
        for more, less in ((giver, receiver), (receiver, giver)):
            if plan.loads[more] - plan.loads[less] >= 2:
                assert not any(
                    more in of[task.application_id] and less not in of[task.application_id] and less not in task.barred
                    for task in tasks
                )
