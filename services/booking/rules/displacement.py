"""Where reservations could move when their units close: the nearest place for each, no slot proposed twice.

"Near" is decided for people, not by map distance. In this order:

1. the same time in another unit of the space, then of the district;
2. the same day at another time, in the space (its own unit too), then in the district; the smallest shift first;
3. another day, at most NEAR_DAYS away, at the same hour, in the space, then in the district; the nearest day first, of
   two equally near the later one.

Among equals the unit with the least room to spare, then the lowest unit number.

Who chooses first: whoever has the fewest units free at their own time, then the earlier start, then the lower number.
When somebody is left with nothing, a neighbour who stands in the way and has another place is asked to take that one
instead (one step, no further). So the plan is the same on every run, leaves nobody out who could be placed without
moving more than one other, and can be explained in a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from services.booking.rules.interval import Interval

NEAR_DAYS = 7
CHOICES = 6
"""How many places a keeper is offered for one reservation."""
UNKNOWN_CAPACITY = 1_000_000
"""A unit of unknown capacity is asked last."""


@dataclass(frozen=True)
class Room:
    """A unit that could take somebody in: `free` are the times it is open and not taken, in order.

    `before` and `after` are its buffers: they may overlap another's, but no reservation. `capacity` None: unknown.
    """

    unit_id: int
    space_id: int
    atoms: frozenset[int]
    capacity: int | None
    equipment: frozenset[str]
    free: tuple[Interval, ...]
    grid: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(days=1)
    shortest: timedelta = timedelta(0)
    before: timedelta = timedelta(0)
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class Displaced:
    """A reservation that can't stay. `needs` is the equipment it uses; `zone` is its space's."""

    id: int
    unit_id: int
    space_id: int
    during: Interval
    people: int
    zone: ZoneInfo
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Place:
    """A unit and a time."""

    unit_id: int
    during: Interval


@dataclass(frozen=True)
class Proposal:
    """`best` is what the plan gives (None: nothing near is free); `choices` are what else is left, nearest first."""

    best: Place | None
    choices: tuple[Place, ...]


@dataclass
class _Plan:
    """What is given to whom so far."""

    rooms: Mapping[int, Room]
    given: dict[int, Place] = field(default_factory=dict)
    by_atom: dict[int, dict[int, Place]] = field(default_factory=dict)

    def blockers(self, place: Place) -> set[int]:
        """Whose place excludes this one."""
        room = self.rooms[place.unit_id]
        near = {holder: other for atom in room.atoms for holder, other in self.by_atom.get(atom, {}).items()}
        return {holder for holder, other in near.items() if exclude(room, place, self.rooms[other.unit_id], other)}

    def give(self, holder: int, place: Place) -> None:
        self.given[holder] = place
        for atom in self.rooms[place.unit_id].atoms:
            self.by_atom.setdefault(atom, {})[holder] = place

    def take_back(self, holder: int) -> Place:
        place = self.given.pop(holder)
        for atom in self.rooms[place.unit_id].atoms:
            del self.by_atom[atom][holder]
        return place


def propose(displaced: Iterable[Displaced], rooms: Iterable[Room], earliest: datetime) -> dict[int, Proposal]:
    """The nearest place for each, by number; nothing that starts before `earliest`."""
    known = {room.unit_id: room for room in rooms}
    people = sorted(displaced, key=lambda each: (each.during.start, each.id))
    flexible = {each.id: sum(1 for _ in _same_time(each, known.values(), earliest)) for each in people}
    people.sort(key=lambda each: flexible[each.id])  # stable: equals stay by start and number
    by_id = {each.id: each for each in people}
    plan = _Plan(known)
    for each in people:
        _place(each, plan, by_id, earliest)
    return {
        each.id: Proposal(plan.given.get(each.id), tuple(islice(_left(each, plan, earliest), CHOICES)))
        for each in sorted(people, key=lambda each: (each.during.start, each.id))
    }


def places(displaced: Displaced, rooms: Iterable[Room], earliest: datetime) -> Iterator[Place]:
    """Every place that would do for one reservation, nearest first, whatever others are given."""
    fitting = [room for room in rooms if fits(displaced, room)]
    yield from _same_time(displaced, fitting, earliest)
    yield from _same_day(displaced, fitting, earliest)
    yield from _near_days(displaced, fitting, earliest)


def fits(displaced: Displaced, room: Room) -> bool:
    """Whether the room is large enough, lets people stay so long, and has what they use."""
    length = displaced.during.length
    return (
        (not room.capacity or room.capacity >= displaced.people)
        and room.equipment >= displaced.needs
        and room.shortest <= length <= room.longest
    )


def exclude(room: Room, place: Place, other_room: Room, other: Place) -> bool:
    """Whether two places can't both be given: a shared atom, and a reservation within the other's time or buffer."""
    if room.atoms.isdisjoint(other_room.atoms):
        return False
    return padded(room, place.during).overlaps(other.during) or padded(other_room, other.during).overlaps(place.during)


def padded(room: Room, during: Interval) -> Interval:
    """A time with the room's buffers."""
    return Interval(during.start - room.before, during.end + room.after)


def _place(each: Displaced, plan: _Plan, by_id: Mapping[int, Displaced], earliest: datetime) -> None:
    in_the_way: list[tuple[Place, int]] = []
    for place in places(each, plan.rooms.values(), earliest):
        blockers = plan.blockers(place)
        if not blockers:
            plan.give(each.id, place)
            return
        if len(blockers) == 1:
            in_the_way.append((place, next(iter(blockers))))
    for place, holder in in_the_way:
        had = plan.take_back(holder)
        plan.give(each.id, place)
        other = next(_left(by_id[holder], plan, earliest), None)
        if other:
            plan.give(holder, other)
            return
        plan.take_back(each.id)
        plan.give(holder, had)


def _left(each: Displaced, plan: _Plan, earliest: datetime) -> Iterator[Place]:
    """The places that nobody else was given."""
    for place in places(each, plan.rooms.values(), earliest):
        if plan.blockers(place) <= {each.id}:
            yield place


def _same_time(each: Displaced, rooms: Iterable[Room], earliest: datetime) -> Iterator[Place]:
    if each.during.start < earliest:
        return
    for room in sorted(rooms, key=lambda room: _nearness(each, room)):
        if room.unit_id != each.unit_id and fits(each, room) and _free(room, each.during):
            yield Place(room.unit_id, each.during)


def _same_day(each: Displaced, rooms: Sequence[Room], earliest: datetime) -> Iterator[Place]:
    day = each.during.start.astimezone(each.zone).date()
    for near in (True, False):
        of_kind = [room for room in rooms if (room.space_id == each.space_id) is near]
        found = [
            (abs(start - each.during.start), start < each.during.start, _nearness(each, room), room.unit_id, start)
            for room in of_kind
            for start in _starts(room, each, day)
            if start >= earliest and start != each.during.start
        ]
        for *_order, unit_id, start in sorted(found):
            yield Place(unit_id, Interval(start, start + each.during.length))


def _near_days(each: Displaced, rooms: Sequence[Room], earliest: datetime) -> Iterator[Place]:
    local = each.during.start.astimezone(each.zone)
    nearest = sorted(rooms, key=lambda room: _nearness(each, room))
    for near in (True, False):
        of_kind = [room for room in nearest if (room.space_id == each.space_id) is near]
        for offset in (sign * days for days in range(1, NEAR_DAYS + 1) for sign in (1, -1)):
            start = (local + timedelta(days=offset)).astimezone(each.during.start.tzinfo)  # the same wall time
            during = Interval(start, start + each.during.length)
            if start >= earliest:
                yield from (Place(room.unit_id, during) for room in of_kind if _free(room, during))


def _starts(room: Room, each: Displaced, day: date) -> Iterator[datetime]:
    """The starts of the room's grid on this local day from which the whole length is free."""
    for gap in room.free:
        if gap.end.astimezone(each.zone).date() < day or gap.start.astimezone(each.zone).date() > day:
            continue
        start = _on_grid(gap.start, room.grid, each.zone)
        while start + each.during.length <= gap.end:
            if start.astimezone(each.zone).date() == day:
                yield start
            start += room.grid


def _on_grid(moment: datetime, grid: timedelta, zone: ZoneInfo) -> datetime:
    """The moment, or the next one on the grid of the local day."""
    local = moment.astimezone(zone)
    midnight = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return moment + (-midnight % grid)


def _free(room: Room, during: Interval) -> bool:
    return any(gap.contains(during) for gap in room.free)


def _nearness(each: Displaced, room: Room) -> tuple[bool, int, int]:
    """The same space first, then the least room to spare, then the lower number."""
    return (room.space_id != each.space_id, room.capacity or UNKNOWN_CAPACITY, room.unit_id)
