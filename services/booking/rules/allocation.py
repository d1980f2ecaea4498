"""The season allocation: who gets which weekly time. OR-Tools' CP-SAT proposes it, staff may edit it.

What it optimises, each step within what the steps before it reached:

1. Groups served: as many groups as possible get a time at all (a group of weight 2 counts as two).
2. Fairness: the more of its wanted hours a group has, the less one more time of it counts. A group that has the share
   s of what it wanted counts weight × (1 − (1 − s)²), so that the hours go first to who has least of what it wanted.
3. Preference: the options that groups named first (the sum of weight × rank is least), then the earlier start.

Never broken: no atom twice at a time, capacity, at most as many times as wanted, one time for each option. What staff
set by hand (pinned) stays, what they took away (forbidden) is not given again. The same input gives the same result:
one worker, a fixed seed, input in the order of its numbers, and a limit in CP-SAT's deterministic time. When that limit
ends a step the best result so far is taken and the step is not called proven.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from services.booking.rules.weekly import (
    MOST_TIMES,
    Placement,
    Room,
    Rules,
    Time,
    Wish,
    answered,
    exclude,
    gap_of,
    padded,
    starts,
    unfit,
)

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

STEPS = ("served", "fairness", "preference")
WHOLE = 420**2
"""Fairness points of a wish fully met: a number that n² divides for every n up to MOST_TIMES."""
LATEST = 24 * 60
MOST_GROUPS = 1000
SEED = 20201124
WALL = 6
"""The limit by the clock is so many times the deterministic one; it is only there for a machine that hangs."""


@dataclass(frozen=True)
class Candidate:
    """A placement that a wish could have, and by which of its options (0 is the one it likes best)."""

    placement: Placement
    rank: int
    late: int


@dataclass(frozen=True)
class Proposal:
    """The placements in order; `proven` says for each of STEPS whether nothing better exists; `score` has the steps'
    sums (the preference's is a cost)."""

    placements: tuple[Placement, ...]
    proven: Mapping[str, bool]
    score: tuple[int, int, int]


def propose(
    rooms: Iterable[Room],
    wishes: Iterable[Wish],
    rules: Rules | None = None,
    *,
    pinned: Iterable[Placement] = (),
    forbidden: Iterable[Placement] = (),
    limit: float = 20.0,
) -> Proposal:
    """The best allocation found; `limit` in CP-SAT's deterministic time, about seconds. Pins that clash with one
    another are kept all the same: `weekly.clashes` names them."""
    rules = rules or Rules()
    by_id = {room.id: room for room in sorted(rooms, key=lambda room: room.id)}
    wanted = sorted(wishes, key=lambda wish: wish.id)
    fixed = sorted(set(pinned))
    found = candidates(by_id, wanted, rules, fixed, forbidden)
    chosen, proven = _solve(by_id, wanted, rules, fixed, found, limit)
    chosen = _fill(by_id, wanted, rules, fixed, found, chosen)
    placed = tuple(sorted([*fixed, *(each.placement for each in chosen)]))
    return Proposal(placed, proven, score(wanted, fixed, chosen))


def candidates(
    rooms: Mapping[int, Room],
    wishes: Sequence[Wish],
    rules: Rules,
    pinned: Sequence[Placement],
    forbidden: Iterable[Placement],
) -> list[Candidate]:
    """Every placement that is possible beside the pinned ones, in a fixed order."""
    banned = tuple(forbidden)
    found: dict[tuple[int, Placement], Candidate] = {}
    for wish in wishes:
        own = [each for each in pinned if each.wish_id == wish.id]
        held = answered(own, wish.options)
        for rank, option in enumerate(wish.options):
            if rank in held:
                continue
            for time in starts(option, wish.minutes, rules.grid):
                placement = Placement(wish.id, option.unit_id, time)
                if unfit(rooms.get(option.unit_id), time, wish.people, rules):
                    continue
                if is_banned(placement, banned) or any(exclude(rooms, placement, each) for each in pinned):
                    continue
                if rules.one_a_day and any(each.time.weekday == time.weekday for each in own):
                    continue
                found.setdefault((rank, placement), Candidate(placement, rank, time.start - option.start))
    return list(found.values())


def is_banned(placement: Placement, forbidden: Iterable[Placement]) -> bool:
    """Whether staff took this time in this unit away from the group, or one that overlaps it."""
    wish_id, unit_id, time = placement
    return any((each.wish_id, each.unit_id) == (wish_id, unit_id) and each.time.overlaps(time) for each in forbidden)


def score(wishes: Sequence[Wish], pinned: Iterable[Placement], chosen: Iterable[Candidate]) -> tuple[int, int, int]:
    """(served, fairness, preference cost) of an allocation, as the docstring above defines them."""
    given = dict.fromkeys((wish.id for wish in wishes), 0)
    for placement in pinned:
        given[placement.wish_id] = given.get(placement.wish_id, 0) + 1
    cost = 0
    weights = {wish.id: wish.weight for wish in wishes}
    for each in chosen:
        given[each.placement.wish_id] += 1
        cost += _cost(each, weights[each.placement.wish_id])
    served = sum(wish.weight for wish in wishes if given[wish.id])
    fairness = sum(wish.weight * sum(_points(wish, given[wish.id])) for wish in wishes)
    return served, fairness, cost


def jain(wishes: Iterable[Wish], placements: Iterable[Placement]) -> Fraction | None:
    """Jain's index of fairness over the shares of wanted hours: (Σs)² / (n·Σs²). 1: all have the same share of what
    they wanted; 1/n: one group has all. None where nobody got anything."""
    got: dict[int, int] = {}
    for each in placements:
        got[each.wish_id] = got.get(each.wish_id, 0) + each.time.end - each.time.start
    shares = [min(Fraction(1), Fraction(got.get(wish.id, 0), wish.times * wish.minutes)) for wish in wishes]
    squares = sum(share * share for share in shares)
    return sum(shares, Fraction()) ** 2 / (len(shares) * squares) if squares else None


def _points(wish: Wish, given: int) -> list[int]:
    """The fairness points of the first `given` times, each fewer than the one before."""
    part, times = WHOLE // wish.times**2, wish.times
    return [part * ((times - done) ** 2 - (times - done - 1) ** 2) for done in range(min(given, times))]


def _cost(candidate: Candidate, weight: int) -> int:
    """Weight × rank first; how late within the option's range only decides among equals: over all the times of
    MOST_GROUPS groups it can't add up to one rank."""
    return weight * candidate.rank * LATEST * MOST_TIMES * MOST_GROUPS + candidate.late


def _solve(
    rooms: Mapping[int, Room],
    wishes: Sequence[Wish],
    rules: Rules,
    pinned: Sequence[Placement],
    found: Sequence[Candidate],
    limit: float,
) -> tuple[list[Candidate], dict[str, bool]]:
    """CP-SAT, a step at a time; each step keeps what the steps before it reached."""
    if not found:
        return [], dict.fromkeys(STEPS, True)
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _each in found]
    goals = _goals(model, wishes, pinned, found, taken)
    _exclusions(model, rooms, wishes, rules, pinned, found, taken)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    # The exclusions are intervals on lines, so that the linear relaxation is nearly whole: a hundred times faster.
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = limit / len(STEPS)
    solver.parameters.max_time_in_seconds = WALL * limit / len(STEPS)
    best: list[int] = []
    proven = dict.fromkeys(STEPS, False)
    for step, goal in zip(STEPS, goals, strict=True):
        model.maximize(goal)
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        proven[step] = status == cp_model.OPTIMAL
        best = [solver.value(variable) for variable in taken]
        model.add(goal >= round(solver.objective_value))
        model.clear_hints()
        for variable, value in zip(taken, best, strict=True):
            model.add_hint(variable, value)
    return [each for each, value in zip(found, best, strict=True) if value] if best else [], proven


def _goals(
    model: cp_model.CpModel,
    wishes: Sequence[Wish],
    pinned: Sequence[Placement],
    found: Sequence[Candidate],
    taken: Sequence[Any],
) -> list[Any]:
    """The sums to make as large as possible, in order; a wish's times are bounded here too."""
    served: list[Any] = []
    fairness: list[Any] = []
    preference: list[Any] = []
    for wish in wishes:
        own = [variable for each, variable in zip(found, taken, strict=True) if each.placement.wish_id == wish.id]
        fixed = sum(each.wish_id == wish.id for each in pinned)
        levels = [model.new_bool_var("") for _each in range(max(0, wish.times - fixed))]
        model.add(sum(own) == sum(levels))
        for lower, upper in pairwise(levels):
            model.add_implication(upper, lower)
        if levels and not fixed:
            served.append(wish.weight * levels[0])
        points = _points(wish, wish.times)[min(fixed, wish.times) :]
        fairness += [wish.weight * point * level for point, level in zip(points, levels, strict=True)]
    weights = {wish.id: wish.weight for wish in wishes}
    for each, variable in zip(found, taken, strict=True):
        preference.append(-_cost(each, weights[each.placement.wish_id]) * variable)
    return [sum(served), sum(fairness), sum(preference)]


def _exclusions(
    model: cp_model.CpModel,
    rooms: Mapping[int, Room],
    wishes: Sequence[Wish],
    rules: Rules,
    pinned: Sequence[Placement],
    found: Sequence[Candidate],
    taken: Sequence[Any],
) -> None:
    """What cannot both be. Times on a line: all that cover the start of one of them exclude each other."""
    lines: dict[tuple[str, int, int], list[tuple[Time, Any]]] = {}
    gaps = {atom: gap_of(rooms, [atom]) for room in rooms.values() for atom in room.atoms}
    options: dict[tuple[int, int], list[Any]] = {}
    for each, variable in zip(found, taken, strict=True):
        wish_id, unit_id, time = each.placement
        for atom in rooms[unit_id].atoms:
            lines.setdefault(("atom", atom, time.weekday), []).append((padded(time, gaps[atom]), variable))
        whole = Time(time.weekday, 0, LATEST) if rules.one_a_day else time
        lines.setdefault(("wish", wish_id, time.weekday), []).append((whole, variable))
        options.setdefault((wish_id, each.rank), []).append(variable)
    for line in lines.values():
        for moment in {time.start for time, _variable in line}:
            model.add_at_most_one(variable for time, variable in line if time.start <= moment < time.end)
    for variables in options.values():
        model.add_at_most_one(variables)


def _fill(
    rooms: Mapping[int, Room],
    wishes: Sequence[Wish],
    rules: Rules,
    pinned: Sequence[Placement],
    found: Sequence[Candidate],
    chosen: Sequence[Candidate],
) -> list[Candidate]:
    """Give what is still free, so that no refusal stands beside a free room (nothing is unless the limit ended the
    search)."""
    kept = list(chosen)
    wanted = {wish.id: wish.times for wish in wishes}
    for each in sorted(found, key=lambda each: (each.rank, each.placement)):
        wish_id, _unit, time = each.placement
        own = [other for other in kept if other.placement.wish_id == wish_id]
        fixed = sum(other.wish_id == wish_id for other in pinned)
        full = len(own) + fixed >= wanted[wish_id] or any(other.rank == each.rank for other in own)
        same_day = rules.one_a_day and any(other.placement.time.weekday == time.weekday for other in own)
        if not full and not same_day and not any(exclude(rooms, each.placement, o.placement) for o in kept):
            kept.append(each)
    return kept
