"""The season allocation against naive checks and against every allocation there is."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from random import Random
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.rules import allocation
from services.booking.rules.allocation import Candidate, jain, propose, score
from services.booking.rules.allocation_reasons import reasons
from services.booking.rules.weekly import Day, Option, Placement, Room, Rules, Time, Wish, answered, clashes, unfit

MON, TUE = 1, 2
NINE, TEN, NOON = 9 * 60, 10 * 60, 12 * 60
OPEN = Day(((NINE, 13 * 60),))
WEEK = dict.fromkeys((MON, TUE), (OPEN,) * 4)
HALL, LEFT, WHOLE = (
    Room(1, frozenset({1}), 20, WEEK),
    Room(2, frozenset({2}), 5, WEEK),
    Room(3, frozenset({1, 2}), None, WEEK),
)
ROOMS = (HALL, LEFT, WHOLE)
BY_ID = {room.id: room for room in ROOMS}
RULES = Rules(grid=60)


def options_of(wish: Wish) -> list[Candidate | None]:
    found = allocation.candidates(BY_ID, [wish], RULES, (), ())
    return [None, *found]


def naive_best(wishes: list[Wish]) -> tuple[int, int, int]:
    """The best of every allocation: the pairs that exclude each other are spelt out here again."""
    each_wish = []
    for wish in wishes:
        found = [c for c in options_of(wish) if c]
        sets = []
        for count in range(wish.times + 1):
            for chosen in combinations(found, count):
                days = [c.placement.time.weekday for c in chosen]
                if len(set(days)) == len(days) and len({c.rank for c in chosen}) == len(chosen):
                    sets.append(chosen)
        each_wish.append(sets)
    best = None
    for together in product(*each_wish):
        chosen = [c for part in together for c in part]
        if any(share_an_atom_and_a_minute(a.placement, b.placement) for a, b in combinations(chosen, 2)):
            continue
        served, fairness, cost = score(wishes, (), chosen)
        if best is None or (served, fairness, -cost) > best:
            best = (served, fairness, -cost)
    assert best is not None
    return best[0], best[1], -best[2]


def share_an_atom_and_a_minute(one: Placement, other: Placement) -> bool:
    minutes = set(range(one.time.start, one.time.end)) & set(range(other.time.start, other.time.end))
    same_day = one.time.weekday == other.time.weekday
    return same_day and bool(minutes) and bool(BY_ID[one.unit_id].atoms & BY_ID[other.unit_id].atoms)


@st.composite
def option(draw: st.DrawFn) -> Option:
    start = draw(st.sampled_from((NINE, TEN, 11 * 60)))
    length = draw(st.sampled_from((60, 120, 180)))
    return Option(draw(st.sampled_from((1, 2, 3))), draw(st.sampled_from((MON, TUE))), start, start + length)


@st.composite
def wish(draw: st.DrawFn, number: int) -> Wish:
    options = draw(st.lists(option(), min_size=1, max_size=2, unique=True))
    return Wish(
        number,
        draw(st.integers(1, 2)),
        draw(st.sampled_from((60, 120))),
        draw(st.sampled_from((3, 10))),
        tuple(options),
        draw(st.integers(1, 2)),
    )


some_wishes = st.integers(1, 3).flatmap(lambda n: st.tuples(*(wish(number) for number in range(1, n + 1)))).map(list)


@settings(max_examples=60, deadline=None)
@given(some_wishes, st.randoms(use_true_random=False))
def test_the_best_there_is_and_the_same_again(wishes: list[Wish], random: Random) -> None:
    found = propose(ROOMS, wishes, RULES)
    assert all(found.proven.values())
    assert found.score == naive_best(wishes)
    shuffled = random.sample(wishes, len(wishes))
    assert propose(reversed(ROOMS), shuffled, RULES) == found


@settings(max_examples=40, deadline=None)
@given(some_wishes, st.data())
def test_nothing_is_broken_and_each_refusal_has_its_reason(wishes: list[Wish], data: st.DataObject) -> None:
    possible = [c.placement for each in wishes for c in options_of(each) if c]
    pinned = data.draw(st.lists(st.sampled_from(possible), max_size=1)) if possible else []
    banned = data.draw(st.lists(st.sampled_from(possible), max_size=2)) if possible else []
    banned = [each for each in banned if each not in pinned]
    found = propose(ROOMS, wishes, RULES, pinned=pinned, forbidden=banned).placements
    assert set(pinned) <= set(found)
    assert not [pair for pair in combinations(found, 2) if share_an_atom_and_a_minute(*pair)]
    why = reasons(BY_ID, wishes, RULES, found, pinned=pinned, forbidden=banned)
    for each in wishes:
        own = [p for p in found if p.wish_id == each.id]
        assert len(own) <= each.times
        for placement in own:
            assert placement in pinned or placement not in banned
            assert unfit(BY_ID[placement.unit_id], placement.time, each.people, RULES) is None
        assert [reason.option for reason in why[each.id]] == list(each.options)
        assert not any(reason.code == "free" for reason in why[each.id])
        for reason in why[each.id]:
            assert (reason.code == "lost") == bool(reason.lost_to) == (reason.why is not None)


def ask(number: int, *options: Option, times: int = 1, minutes: int = 60, people: int = 3, weight: int = 1) -> Wish:
    return Wish(number, times, minutes, people, options, weight)


MORNING = Option(1, MON, NINE, TEN)


def test_everybody_first_then_fair_then_as_they_like() -> None:
    other = Option(2, MON, NINE, TEN)
    # One can only have the hall, the other likes it better but has a way out.
    found = propose(ROOMS, [ask(1, MORNING, other), ask(2, MORNING)], RULES)
    assert [(p.wish_id, p.unit_id) for p in found.placements] == [(1, 2), (2, 1)]
    assert jain([ask(1, MORNING, other), ask(2, MORNING)], found.placements) == 1
    # Tuesday goes to the one who has less of what it wanted.
    tuesday = Option(1, TUE, NINE, TEN)
    wishes = [ask(1, MORNING, tuesday, times=2), ask(2, tuesday, Option(2, MON, NINE, TEN), times=1)]
    given_ = propose(ROOMS, wishes, RULES).placements
    assert sorted(p.wish_id for p in given_) == [1, 1, 2]


@pytest.mark.parametrize(
    ("wish_", "code"),
    [
        (ask(1, Option(2, MON, NINE, TEN), people=6), "too_many_people"),
        (ask(1, Option(1, 3, NINE, TEN)), "closed"),
        (ask(1, Option(1, MON, NINE, NINE + 30)), "too_short"),
        (ask(1, Option(9, MON, NINE, TEN)), "unit_unknown"),
    ],
)
def test_why_an_option_could_never_be(wish_: Wish, code: str) -> None:
    found = propose(ROOMS, [wish_], RULES)
    assert found.placements == ()
    assert [reason.code for reason in reasons(BY_ID, [wish_], RULES, ())[1]] == [code]


def test_who_lost_to_whom_and_why() -> None:
    heavy, light = ask(1, MORNING), ask(2, MORNING)
    assert _lost([ask(1, MORNING, weight=3), light]) == (1, "weight")
    found = propose(ROOMS, [heavy, light], RULES).placements
    (reason,) = reasons(BY_ID, [heavy, light], RULES, found)[3 - found[0].wish_id]
    assert (reason.code, reason.why, reason.lost_to) == ("lost", "only_time", found)
    pin = Placement(1, 1, Time(MON, NINE, TEN))
    assert _lost([heavy, ask(2, MORNING, weight=5)], pinned=[pin]) == (1, "pinned")


def _lost(wishes: list[Wish], pinned: list[Placement] | None = None) -> tuple[int, str | None]:
    found = propose(ROOMS, wishes, RULES, pinned=pinned or ()).placements
    (reason,) = reasons(BY_ID, wishes, RULES, found, pinned=pinned or ())[2]
    assert reason.code == "lost"
    return reason.lost_to[0].wish_id, reason.why


def test_a_few_dates_that_are_held_are_skipped_many_are_not() -> None:
    held = Day(((NINE, NOON),), ((NINE, TEN),))
    free = Day(((NINE, NOON),))
    time = Time(MON, NINE, TEN)
    for count, expected in ((1, None), (2, "taken")):
        room = Room(1, frozenset({1}), None, {MON: (held,) * count + (free,) * (4 - count)})
        assert unfit(room, time, 3, RULES) == expected
    assert unfit(Room(1, frozenset({1}), None, {MON: (Day(()),) * 2 + (free,) * 2}), time, 3, RULES) == "closed"


def test_a_gap_between_two_uses() -> None:
    room = Room(1, frozenset({1}), None, WEEK, gap=30)
    wishes = [ask(1, MORNING), ask(2, Option(1, MON, NINE, NOON))]
    found = propose([room], wishes, Rules(grid=30)).placements
    assert [(p.time.start, p.time.end) for p in found] == [(NINE, TEN), (TEN + 30, 11 * 60 + 30)]
    assert clashes({1: room}, found) == []
    assert clashes({1: room}, [found[0], Placement(2, 1, Time(MON, TEN, 11 * 60))])


def test_jain() -> None:
    wishes = [ask(1, MORNING), ask(2, MORNING)]
    one = [Placement(1, 1, Time(MON, NINE, TEN))]
    assert jain(wishes, ()) is None
    assert jain(wishes, one) == Fraction(1, 2)


def test_sixty_groups_and_twenty_rooms_in_seconds() -> None:
    random = Random(3)  # noqa: S311
    week = {weekday: (Day(((NINE, 21 * 60),)),) * 16 for weekday in range(1, 8)}
    rooms = [Room(number, frozenset({number}), random.choice((8, 20, 40)), week) for number in range(20)]
    rooms.append(Room(20, frozenset({0, 1, 2}), 60, week))
    evening = (18 * 60, 21 * 60)
    wishes = [
        ask(
            number,
            *(Option(random.randrange(21), random.randint(1, 5), *evening) for _each in range(6)),
            times=random.randint(1, 3),
            minutes=120,
            people=random.randint(5, 20),
            weight=random.randint(1, 3),
        )
        for number in range(60)
    ]
    began = perf_counter()
    found = propose(rooms, wishes)
    assert perf_counter() - began < 10
    assert all(found.proven.values())
    assert clashes({room.id: room for room in rooms}, found.placements) == []
    assert len({p.wish_id for p in found.placements}) > 45


AT_TEN = Placement(1, 1, Time(MON, TEN, TEN + 60))
AT_ELEVEN = Placement(1, 1, Time(MON, TEN + 60, NOON))
NARROW, WIDE = Option(1, MON, TEN, TEN + 60), Option(1, MON, TEN, NOON)


@pytest.mark.parametrize(
    ("placed", "options", "expected"),
    [
        ([AT_TEN], (NARROW, WIDE), {0: AT_TEN}),
        ([AT_TEN], (WIDE, NARROW), {0: AT_TEN}),
        ([AT_TEN, AT_ELEVEN], (NARROW, WIDE), {0: AT_TEN, 1: AT_ELEVEN}),
        ([AT_TEN, AT_ELEVEN], (WIDE, NARROW), {0: AT_ELEVEN, 1: AT_TEN}),
        ([AT_TEN, AT_ELEVEN], (WIDE,), {0: AT_TEN}),
        ([AT_ELEVEN], (NARROW, WIDE), {1: AT_ELEVEN}),
        ([], (NARROW, WIDE), {}),
    ],
)
def test_a_time_counts_for_one_option(
    placed: list[Placement], options: tuple[Option, ...], expected: dict[int, Placement]
) -> None:
    assert answered(placed, options) == expected


@pytest.mark.parametrize(("times", "code"), [(1, "enough"), (2, "own_day")])
def test_the_other_of_two_overlapping_options_is_not_given(times: int, code: str) -> None:
    wish = Wish(1, times, 60, 2, (NARROW, WIDE))
    found = propose(ROOMS, [wish], RULES)
    assert found.placements == (AT_TEN,)
    assert [each.code for each in reasons(BY_ID, [wish], RULES, found.placements)[1]] == ["given", code]


def test_a_pinned_time_leaves_the_other_option_open() -> None:
    wish = Wish(1, 2, 60, 2, (NARROW, WIDE))
    rules = Rules(grid=60, one_a_day=False)
    found = propose(ROOMS, [wish], rules, pinned=[AT_TEN])
    assert found.placements == (AT_TEN, AT_ELEVEN)
    assert [each.code for each in reasons(BY_ID, [wish], rules, found.placements)[1]] == ["given", "given"]
