"""Weekly times over a season: what groups ask for, what a room has to give, and which times exclude one another.

Minutes count from the local midnight; every time lies within one local day, half-open. No Flask, no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

MOST_TIMES = 7
"""How many weekly times a group may ask for."""


class Time(NamedTuple):
    """A weekly time: ISO weekday (Monday is 1), from `start` to `end` in minutes."""

    weekday: int
    start: int
    end: int

    def overlaps(self, other: Time) -> bool:
        """Whether the two share a minute."""
        return self.weekday == other.weekday and self.start < other.end and other.start < self.end


class Placement(NamedTuple):
    """A wish has this unit at this weekly time."""

    wish_id: int
    unit_id: int
    time: Time


@dataclass(frozen=True)
class Day:
    """One date of the season: when the room is open, and what others hold already (with buffers); pairs of minutes."""

    opens: tuple[tuple[int, int], ...]
    taken: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Room:
    """A unit of the season. `days` has its dates by weekday; `gap` are minutes kept free after each use;
    `capacity` None: unknown, holds anybody."""

    id: int
    atoms: frozenset[int]
    capacity: int | None
    days: Mapping[int, tuple[Day, ...]]
    gap: int = 0


class Option(NamedTuple):
    """What a group would take: any time of the wished length in this unit between `start` and `end`."""

    unit_id: int
    weekday: int
    start: int
    end: int


@dataclass(frozen=True)
class Wish:
    """A group asks for `times` weekly times of `minutes` each, its options in order of preference.

    Each option gives at most one time. `weight` is the group's standing by the season's rules, a whole number from 1.
    """

    id: int
    times: int
    minutes: int
    people: int
    options: tuple[Option, ...]
    weight: int = 1


@dataclass(frozen=True)
class Rules:
    """`grid`: starts lie on multiples of so many minutes from midnight; `usable`: the share of a season's dates that a
    time needs (the others are skipped); `one_a_day`: a group gets at most one time on a weekday."""

    grid: int = 30
    usable: Fraction = Fraction(3, 4)
    one_a_day: bool = True


def starts(option: Option, minutes: int, grid: int) -> Iterator[Time]:
    """The times that an option allows, earliest first: on the grid, and the option's own start."""
    found = {option.start, *range(-(-option.start // grid) * grid, option.end, grid)}
    for start in sorted(found):
        if start + minutes <= option.end:
            yield Time(option.weekday, start, start + minutes)


def answers(placement: Placement, option: Option) -> bool:
    """Whether the placement is what the option asked for."""
    time = placement.time
    inside = option.start <= time.start and time.end <= option.end
    return (placement.unit_id, time.weekday) == (option.unit_id, option.weekday) and inside


def answered(placements: Iterable[Placement], options: Sequence[Option]) -> dict[int, Placement]:
    """Which of a group's options its placements answer: index of the option -> the placement.

    Each placement counts for one option only, however many it would answer, and each option for one placement. The
    earlier an option stands the sooner it is answered; a placement makes room for it where it answers another, too.
    """
    own = sorted(set(placements))
    found: dict[int, Placement] = {}

    def take(index: int, seen: set[Placement]) -> bool:
        for each in own:
            if each in seen or not answers(each, options[index]):
                continue
            seen.add(each)
            holder = next((other for other, held in found.items() if held == each), None)
            if holder is None or take(holder, seen):
                found[index] = each
                return True
        return False

    for index in range(len(options)):
        take(index, set())
    return found


def unfit(room: Room | None, time: Time, people: int, rules: Rules) -> str | None:
    """Why a room can't give this time to so many people: unit_unknown, too_many_people, closed or taken; None: it can.

    Closed and taken mean: on too many of the season's dates.
    """
    if room is None:
        return "unit_unknown"
    if room.capacity and people > room.capacity:
        return "too_many_people"
    dates = room.days.get(time.weekday, ())
    needed = rules.usable * len(dates)
    opened = [day for day in dates if _open(day, time)]
    if not opened or len(opened) < needed:
        return "closed"
    free = sum(not _held(day, time) for day in opened)
    return None if free and free >= needed else "taken"


def clashes(rooms: Mapping[int, Room], placements: Iterable[Placement]) -> list[tuple[Placement, Placement]]:
    """The pairs that cannot both be: on a shared atom at the same time (gaps included), or one group in two places."""
    found = []
    ordered = sorted(set(placements))
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if exclude(rooms, one, other):
                found.append((one, other))
    return found


def exclude(rooms: Mapping[int, Room], one: Placement, other: Placement) -> bool:
    """Whether these two placements cannot both be."""
    if one.wish_id == other.wish_id and one.time.overlaps(other.time):
        return True
    here, there = rooms.get(one.unit_id), rooms.get(other.unit_id)
    if here is None or there is None:
        return one.unit_id == other.unit_id and one.time.overlaps(other.time)
    if here.atoms.isdisjoint(there.atoms):
        return False
    gap = gap_of(rooms, here.atoms & there.atoms)
    return padded(one.time, gap).overlaps(padded(other.time, gap))


def padded(time: Time, gap: int) -> Time:
    """The time with the gap that must follow it."""
    return Time(time.weekday, time.start, time.end + gap)


def gap_of(rooms: Mapping[int, Room], atoms: Iterable[int]) -> int:
    """The minutes kept free between two uses of these atoms: the most that any room on them asks for."""
    wanted = set(atoms)
    return max((room.gap for room in rooms.values() if not wanted.isdisjoint(room.atoms)), default=0)


def _open(day: Day, time: Time) -> bool:
    return any(start <= time.start and time.end <= end for start, end in day.opens)


def _held(day: Day, time: Time) -> bool:
    return any(start < time.end and time.start < end for start, end in day.taken)
