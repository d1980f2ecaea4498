"""Where reservations move when their units close: against a naive look at every unit and every half hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.rules.displacement import (
    NEAR_DAYS,
    Displaced,
    Place,
    Room,
    exclude,
    fits,
    padded,
    propose,
)
from services.booking.rules.interval import Interval
from tests.booking.conftest import SEOUL, at

HALF = timedelta(minutes=30)
HOUR = timedelta(hours=1)
EARLIEST = at(23, 10)


def room(unit_id: int, *free: tuple[datetime, datetime], space: int = 1, atoms: Sequence[int] = (), **more) -> Room:
    facts = {"capacity": 10, "equipment": frozenset(), **more}
    return Room(unit_id, space, frozenset(atoms or [unit_id]), free=tuple(Interval(*each) for each in free), **facts)


def group(number: int, start: datetime, hours: float = 1, people: int = 4, **more) -> Displaced:
    return Displaced(number, 1, 1, Interval(start, start + hours * HOUR), people, SEOUL, **more)


def best(found, number: int) -> tuple[int, datetime] | None:
    place = found[number].best
    return (place.unit_id, place.during.start) if place else None


def test_near_is_same_time_then_same_day_then_near_days() -> None:
    wished = group(1, at(25, 14))
    day = (at(25, 9), at(25, 21))
    next_day, week_away = (at(26, 9), at(26, 21)), (at(30, 9), at(30, 21))
    rooms = {
        "same space, same time": (room(2, day), (2, at(25, 14))),
        "district, same time": (room(3, day, space=2), (3, at(25, 14))),
        "space, same day": (room(4, (at(25, 15), at(25, 18))), (4, at(25, 15))),
        "district, same day": (room(5, (at(25, 9), at(25, 13)), space=2), (5, at(25, 12))),
        "space, next day": (room(6, next_day), (6, at(26, 14))),
        "space, week away": (room(7, week_away), (7, at(30, 14))),
        "district, next day": (room(8, next_day, space=2), (8, at(26, 14))),
    }
    left = list(rooms.values())
    while left:
        found = propose([wished], [each for each, _expected in reversed(left)], EARLIEST)
        assert best(found, 1) == left.pop(0)[1]
    assert propose([wished], [], EARLIEST)[1].best is None


def test_what_does_not_fit_is_not_proposed() -> None:
    day = (at(25, 9), at(25, 21))
    unfit = [
        room(2, day, capacity=3),
        room(3, day, equipment=frozenset({"마이크"})),
        room(4, day, longest=HALF),
        room(5, (at(25, 14), at(25, 14, 30))),
        room(6, (at(23, 9), at(23, 9, 59))),
    ]
    wished = group(1, at(25, 14), needs=frozenset({"빔프로젝터"}))
    assert propose([wished], unfit, EARLIEST)[1].best is None
    fit = room(7, day, capacity=None, equipment=frozenset({"빔프로젝터", "마이크"}))
    assert best(propose([wished], [*unfit, fit], EARLIEST), 1) == (7, at(25, 14))


def test_whoever_has_the_fewest_places_chooses_first() -> None:
    """Both could have the room with the microphone; only one of them must."""
    day = (at(25, 14), at(25, 15))
    found = propose(
        [group(1, at(25, 14)), group(2, at(25, 14), needs=frozenset({"마이크"}))],
        [room(2, day, equipment=frozenset({"마이크"})), room(3, day, space=2)],
        EARLIEST,
    )
    assert (best(found, 2), best(found, 1)) == ((2, at(25, 14)), (3, at(25, 14)))


def test_one_gives_way_when_another_would_be_stranded() -> None:
    """Both have one unit at their own time; the later one has nothing else, the earlier one could go next day."""
    only = room(2, (at(25, 14), at(25, 16)), before=HALF)
    found = propose(
        [group(1, at(25, 14), hours=1.5), group(2, at(25, 15))],
        [only, room(3, (at(26, 14), at(26, 15, 30)))],
        EARLIEST,
    )
    assert (best(found, 1), best(found, 2)) == ((3, at(26, 14)), (2, at(25, 15)))


def test_a_building_and_its_room_are_not_given_together() -> None:
    day = (at(25, 14), at(25, 15))
    rooms = [room(2, day, atoms=[2]), room(9, day, atoms=[2, 3], capacity=30)]
    found = propose([group(1, at(25, 14)), group(2, at(25, 14))], rooms, EARLIEST)
    assert [best(found, 1), best(found, 2)] == [(2, at(25, 14)), None]
    assert found[2].choices == ()


def test_the_wall_time_stays_over_a_clock_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 24, 14, tzinfo=berlin)
    wished = Displaced(1, 1, 1, Interval(start, start + HOUR), 2, berlin)
    sunday = datetime(2026, 10, 25, 14, tzinfo=berlin)
    found = propose([wished], [room(2, (sunday - 3 * HOUR, sunday + 3 * HOUR))], start - 10 * HOUR)
    assert best(found, 1) == (2, sunday)


# Against a naive model -------------------------------------------------------------------------------------------

hours = st.integers(0, 20)


@st.composite
def rooms_and_groups(draw) -> tuple[list[Room], list[Displaced]]:
    rooms = []
    for unit_id in range(1, draw(st.integers(1, 4)) + 1):
        gaps = []
        start = at(25, 9)
        for skip, length in draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 8)), max_size=4)):
            start += skip * HALF
            gaps.append((start, start + length * HALF))
            start += length * HALF
        atoms = draw(st.sets(st.integers(1, 3), min_size=1, max_size=2))
        pads = {name: draw(st.sampled_from([timedelta(0), HALF])) for name in ("before", "after")}
        facts = {"space": draw(st.integers(1, 2)), "capacity": draw(st.sampled_from([None, 3, 8]))}
        rooms.append(room(unit_id, *gaps, atoms=sorted(atoms), **facts, **pads))
    groups = [
        group(number, at(25, 9) + draw(hours) * HALF, draw(st.sampled_from([0.5, 1, 2])), draw(st.sampled_from([2, 5])))
        for number in range(1, draw(st.integers(1, 6)) + 1)
    ]
    return rooms, groups


def naive(wished: Displaced, rooms: Sequence[Room], earliest: datetime) -> Iterator[Place]:
    """Every place of the three kinds, by trying every unit at every half hour."""
    for each in rooms:
        for step in range(-2 * 24 * NEAR_DAYS, 2 * 24 * NEAR_DAYS + 1):
            start = wished.during.start + step * HALF
            during = Interval(start, start + wished.during.length)
            days = abs((start.date() - wished.during.start.date()).days)
            if days and start.time() != wished.during.start.time():
                continue
            own = each.unit_id == wished.unit_id and not step
            if not own and start >= earliest and fits(wished, each) and any(gap.contains(during) for gap in each.free):
                yield Place(each.unit_id, during)


def distance(wished: Displaced, place: Place, rooms: Sequence[Room]) -> tuple[int, bool, int]:
    """Kind, other space (before the shift), shift in minutes."""
    space = next(each.space_id for each in rooms if each.unit_id == place.unit_id)
    shift = abs(place.during.start - wished.during.start)
    days = (place.during.start.date() - wished.during.start.date()).days
    return (2 if days else 1 if shift else 0, space != wished.space_id, shift // timedelta(minutes=1))


@settings(max_examples=150, deadline=None)
@given(rooms_and_groups())
def test_against_a_naive_look(given_) -> None:
    rooms, groups = given_
    found = propose(groups, rooms, at(25, 10))
    by_unit = {each.unit_id: each for each in rooms}
    assert propose(list(reversed(groups)), list(reversed(rooms)), at(25, 10)) == found  # the order told is no matter
    given_places = {number: each.best for number, each in found.items() if each.best}
    for one, place in given_places.items():
        assert place in set(naive(next(each for each in groups if each.id == one), rooms, at(25, 10)))
        for other, theirs in given_places.items():
            if one < other:
                shared = by_unit[place.unit_id].atoms & by_unit[theirs.unit_id].atoms
                clash = padded(by_unit[place.unit_id], place.during).overlaps(theirs.during) or padded(
                    by_unit[theirs.unit_id], theirs.during
                ).overlaps(place.during)
                assert not (shared and clash)
    for wished in groups:
        every = set(naive(wished, rooms, at(25, 10)))
        if len(groups) == 1:
            near = min((distance(wished, place, rooms) for place in every), default=None)
            proposed = found[wished.id].best
            assert (distance(wished, proposed, rooms) if proposed else None) == near
        if found[wished.id].best is None:  # nobody is left out while something is free
            assert all(
                any(
                    exclude(by_unit[place.unit_id], place, by_unit[theirs.unit_id], theirs)
                    for theirs in given_places.values()
                )
                for place in every
            )
            assert found[wished.id].choices == ()
