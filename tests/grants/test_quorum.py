"""The quorum: how many seats it needs, and that nothing is decided without it, whatever happens in the meeting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grants.rules import quorum
from services.grants.rules.definition import QUORUMS


@pytest.mark.parametrize(
    ("seats", "half_more", "half", "two_thirds"),
    [(1, 1, 1, 1), (2, 2, 1, 2), (3, 2, 2, 2), (4, 3, 2, 3), (5, 3, 3, 4), (6, 4, 3, 4), (7, 4, 4, 5), (9, 5, 5, 6)],
)
def test_how_many_seats_a_quorum_needs(seats, half_more, half, two_thirds):
    assert [quorum.needed(seats, rule) for rule in QUORUMS] == [half_more, half, two_thirds]


@pytest.mark.parametrize(("seats", "rule"), [(0, "more_than_half"), (3, "whoever_is_there")])
def test_a_quorum_of_nothing_is_none(seats, rule):
    with pytest.raises(ValueError, match=r"seats|quorum"):
        quorum.needed(seats, rule)


@given(st.integers(1, 200), st.sampled_from(QUORUMS))
def test_a_quorum_is_the_least_number_that_fits_its_rule(seats, rule):
    fits = {
        "more_than_half": lambda number: 2 * number > seats,
        "at_least_half": lambda number: 2 * number >= seats,
        "at_least_two_thirds": lambda number: 3 * number >= 2 * seats,
    }[rule]
    least = quorum.needed(seats, rule)
    assert fits(least)
    assert not fits(least - 1)
    assert 1 <= least <= seats


accounts = st.sets(st.integers(1, 12))


@given(st.sets(st.integers(1, 12), min_size=1), accounts, accounts, st.sampled_from(QUORUMS))
def test_only_seats_that_are_there_and_not_recused_count(seats, there, recused, rule):
    found = quorum.attendance(seats, there, recused, rule)
    assert found.deciding == len((seats & there) - recused)
    assert found.reached == (found.deciding >= quorum.needed(len(seats), rule))


def test_a_tie_carries_nothing_and_others_votes_do_not_count():
    assert not quorum.tally({1, 2}, {1: "for", 2: "against"}).carried
    assert quorum.tally({1, 2, 3}, {1: "for", 2: "abstain", 3: "abstain"}).carried
    counted = quorum.tally({1, 2}, {1: "for", 2: "recused", 9: "for"})
    assert (counted.votes_for, counted.missing) == (1, 1)
