"""What is free instead, when a wish can't be had: the same unit at other times, other units at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking.models import Unit
from services.booking.rules.hours import clock_of
from services.booking.rules.interval import Interval
from services.booking.search import find_in
from services.booking.search.findable import minutes_of
from services.booking.search.terms import Hit, Search
from services.booking.units import get
from shared.database import Database

DAYS_AHEAD = 7
OTHER_UNITS = 3


@dataclass(frozen=True)
class Alternative:
    """A unit that is free then, as of now."""

    unit: Unit
    during: Interval


def find(database: Database, now: datetime, unit_id: int, wished: Interval, people: int) -> list[Alternative]:
    """First the same unit (nearest times of the day, then the next day it is free), then the nearest units that are
    free at the very time: of the space, then by distance or of the district.

    Nothing when no rule could be met anyway (a wish of no or too much time). Raises Refusal unit_not_found.
    """
    with database.read() as session:
        return find_in_session(session, now, get(session, unit_id), wished, people)


def find_in_session(session: Session, now: datetime, unit: Unit, wished: Interval, people: int) -> list[Alternative]:
    """The same within a unit of work of the caller's; a bounded number of queries."""
    zone = unit.zone
    day = wished.start.astimezone(zone).date()
    minutes = wished.length // timedelta(minutes=1)
    if minutes <= 0 or wished.length > timedelta(days=1):
        return []
    asked = Search(people=max(1, people), minutes=minutes)
    today = now.astimezone(zone).date()
    first = max(day, today)
    last = first + timedelta(days=DAYS_AHEAD)
    own = _with(asked, unit_id=unit.id, day=first, until=last)
    of_unit = [start for hit in find_in(session, now, own).hits for start in hit.starts]
    offers = [(unit.id, start) for start in _nearest_times(of_unit, wished.start, unit)]
    offers += [(hit.unit_id, wished.start) for hit in _at_the_time(session, now, unit, wished, asked)]
    units = {each.id: each for each in session.scalars(select(Unit).where(Unit.id.in_([key for key, _ in offers])))}
    return [Alternative(units[key], Interval(start, start + wished.length)) for key, start in offers]


def _nearest_times(starts: Iterable[datetime], wished: datetime, unit: Unit) -> list[datetime]:
    """The last time before and the first one after on the first day, then the nearest by the clock of the next one."""
    zone = unit.zone
    by_day: dict[object, list[datetime]] = {}
    for start in starts:
        by_day.setdefault(start.astimezone(zone).date(), []).append(start)
    day = wished.astimezone(zone).date()
    same = by_day.pop(day, [])
    nearest = [start for start in same if start < wished][-1:] + [start for start in same if start > wished][:1]
    if by_day:
        clock = wished.astimezone(zone).time()
        after, times = next(iter(by_day.items()))
        then = datetime.combine(after, clock, zone)  # type: ignore[arg-type]
        nearest.append(min(times, key=lambda start: abs(start - then)))
    return nearest


def _at_the_time(session: Session, now: datetime, unit: Unit, wished: Interval, asked: Search) -> list[Hit]:
    """Other units that are free then, the space's own first."""
    zone, space = unit.zone, unit.space
    day = wished.start.astimezone(zone).date()
    starts, ends = (minutes_of(clock_of(moment, day, zone)) for moment in wished)
    if ends <= starts:
        return []  # over midnight: only the unit itself was asked
    window = _with(asked, day=day, starts=starts, ends=ends, minutes=ends - starts, but=unit.id)
    found = list(find_in(session, now, _with(window, space_id=space.id), OTHER_UNITS).hits)
    if len(found) < OTHER_UNITS:
        point = None
        if space.latitude is not None and space.longitude is not None:
            point = (space.latitude, space.longitude)
        near = _with(window, point=point, sort="near", district=None if point else space.district)
        known = {hit.unit_id for hit in found}
        found += [hit for hit in find_in(session, now, near, 2 * OTHER_UNITS).hits if hit.unit_id not in known]
    return found[:OTHER_UNITS]


def _with(search: Search, **changes: object) -> Search:
    return Search(**{**vars(search), **changes})
