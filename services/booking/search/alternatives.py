"""What is free instead, when a wish can't be had: the same unit at other times, other units at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case
from sqlalchemy.orm import Session

from services.booking import occupancy
from services.booking.models import Unit
from services.booking.rules.hours import open_intervals
from services.booking.rules.interval import Interval, without
from services.booking.rules.policy import POLICY, misfits
from services.booking.units import Filter, atoms_of, get, reservable
from shared.database import Database

DAYS_AHEAD = 7
OTHER_DAYS = 1
OTHER_UNITS = 3
CANDIDATES = 100


@dataclass(frozen=True)
class Alternative:
    """A unit that is free then, as of now."""

    unit: Unit
    during: Interval


def find(database: Database, now: datetime, unit_id: int, wished: Interval, people: int) -> list[Alternative]:
    """First the same unit (nearest times of the day, then the next days), then units of the space and the district.

    Nothing when no rule could be met anyway (a wish of no or too much time). Raises Refusal unit_not_found.
    """
    people = max(1, people)
    if not POLICY.shortest <= wished.length <= POLICY.longest:
        return []
    with database.read() as session:
        unit = get(session, unit_id)
        return [*_other_times(session, now, unit, wished, people), *_other_units(session, now, unit, wished, people)]


def _other_times(session: Session, now: datetime, unit: Unit, wished: Interval, people: int) -> Iterator[Alternative]:
    if unit.opening is None:
        return
    zone = unit.zone
    first = max(wished.start, now).astimezone(zone).date()
    opens = open_intervals(unit.opening, first, first + timedelta(days=DAYS_AHEAD), zone)
    if not opens:
        return
    taken = occupancy.taken(session, atoms_of(session, [unit.id])[unit.id], Interval(opens[0].start, opens[-1].end))
    held = [each.during for atom in taken.values() for each in atom]
    fitting = [
        during
        for each in opens
        for gap in without(each, held)
        for during in _starts(gap, wished.length)
        if not any(misfits(unit.place, during, people, now))
    ]
    same_day = [during for during in fitting if during.start.astimezone(zone).date() == first]
    before = [during for during in same_day if during.start < wished.start][-1:]
    after = [during for during in same_day if during.start >= wished.start][:1]
    nearest = before + after
    found = 0
    for offset in range(1, DAYS_AHEAD + 1):
        day = first + timedelta(days=offset)
        then = wished.start.astimezone(zone).replace(year=day.year, month=day.month, day=day.day)
        of_day = [during for during in fitting if during.start.astimezone(zone).date() == day]
        if of_day and found < OTHER_DAYS:
            nearest.append(min(of_day, key=lambda during: abs(during.start - then)))
            found += 1
    yield from (Alternative(unit, during) for during in nearest)


def _other_units(session: Session, now: datetime, unit: Unit, wished: Interval, people: int) -> Iterator[Alternative]:
    near = case((Unit.space_id == unit.space_id, 0), else_=1)
    query = reservable(Filter(district=unit.space.district, people=people)).where(Unit.id != unit.id)
    candidates = [
        each
        for each in session.scalars(query.order_by(near, Unit.capacity, Unit.id).limit(CANDIDATES))
        if not any(misfits(each.place, wished, people, now))
    ]
    atoms = atoms_of(session, [each.id for each in candidates])
    taken = occupancy.taken(session, set().union(*atoms.values()), wished).keys()
    free = [each for each in candidates if atoms[each.id] and atoms[each.id].isdisjoint(taken)]
    yield from (Alternative(each, wished) for each in free[:OTHER_UNITS])


def _starts(gap: Interval, length: timedelta) -> Iterable[Interval]:
    start = gap.start
    while start + length <= gap.end:
        yield Interval(start, start + length)
        start += POLICY.grid
