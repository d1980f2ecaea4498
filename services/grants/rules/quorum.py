"""The quorum (정족수) of the subsidy committee, and what carries. Pure.

A committee's meeting needs the programme's part of its seats there; whoever is recused from an item is not there for
it, though their seat counts. What is proposed is carried when more vote for it than against; a tie carries nothing and
nobody has a second vote.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

CHOICES = ("for", "against", "abstain")


def needed(seats: int, rule: str) -> int:
    """How many of the seats have to be there. `rule` is one of `definition.QUORUMS`. Raises ValueError."""
    if seats < 1:
        raise ValueError("a committee without seats decides nothing")
    if rule == "more_than_half":
        return seats // 2 + 1
    if rule == "at_least_half":
        return (seats + 1) // 2
    if rule == "at_least_two_thirds":
        return (2 * seats + 2) // 3
    raise ValueError(f"unknown quorum: {rule}")


@dataclass(frozen=True)
class Attendance:
    """Who may decide on one item at one moment. `recused` are those of the present that are kept from it."""

    seats: int
    present: int
    recused: int
    quorum: int

    @property
    def deciding(self) -> int:
        return self.present - self.recused

    @property
    def reached(self) -> bool:
        return self.deciding >= self.quorum


@dataclass(frozen=True)
class Tally:
    """What those who may decide have voted; `missing` have not yet."""

    votes_for: int = 0
    votes_against: int = 0
    abstained: int = 0
    missing: int = 0

    @property
    def carried(self) -> bool:
        return self.votes_for > self.votes_against


def attendance(seats: Collection[int], there: Collection[int], recused: Collection[int], rule: str) -> Attendance:
    """The attendance for an item, of members by their accounts; who has no seat does not count."""
    present = set(seats) & set(there)
    return Attendance(len(set(seats)), len(present), len(present & set(recused)), needed(len(set(seats)), rule))


def tally(voters: Collection[int], votes: Mapping[int, str]) -> Tally:
    """The votes of those who may decide; a vote of anybody else does not count."""
    cast = [votes.get(each) for each in set(voters)]
    counted = {choice: cast.count(choice) for choice in CHOICES}
    return Tally(counted["for"], counted["against"], counted["abstain"], len(cast) - sum(counted.values()))
