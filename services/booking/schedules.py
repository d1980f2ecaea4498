"""Reading what makes a unit's schedule: one query, however many units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, String, and_, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from services.booking.models import ClosedTime, ExtraHoliday, SpecialDay, Unit
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Place
from services.booking.rules.schedule import Schedule
from shared.database import UtcDateTime


def of_units(session: Session, units: Sequence[Unit], first: date, last: date) -> dict[int, Schedule]:
    """The schedule of each unit, right for the local dates first..last, by unit id."""
    if not units:
        return {}
    wanted = [unit.id for unit in units]
    start = min(instant(first, "00:00", unit.zone) for unit in units)
    end = max(instant(last, "24:00", unit.zone) for unit in units)
    nothing, never = cast(null(), String), cast(null(), UtcDateTime)
    rows: Any = session.execute(
        union_all(
            select(SpecialDay.unit_id, SpecialDay.day, SpecialDay.opens, SpecialDay.closes, never, never).where(
                SpecialDay.unit_id.in_(wanted), SpecialDay.day.between(first, last)
            ),
            select(
                ClosedTime.unit_id, cast(null(), Date), nothing, nothing, ClosedTime.start_at, ClosedTime.end_at
            ).where(and_(ClosedTime.unit_id.in_(wanted), ClosedTime.end_at > start, ClosedTime.start_at < end)),
            select(cast(literal(0), Integer), ExtraHoliday.day, ExtraHoliday.name, nothing, never, never).where(
                ExtraHoliday.day.between(first, last)
            ),
        )
    )
    special: dict[int, dict[date, tuple[str, str] | None]] = defaultdict(dict)
    closed: dict[int, list[Interval]] = defaultdict(list)
    holidays: dict[date, str] = {}
    for unit_id, day, opens, closes, closed_from, closed_until in rows:
        if closed_from is not None:
            closed[unit_id].append(Interval(closed_from, closed_until))
        elif unit_id == 0:
            holidays[day] = opens
        else:
            special[unit_id][day] = (opens, closes) if opens else None
    return {
        unit.id: Schedule(unit.opening, unit.zone, special.get(unit.id, {}), tuple(closed.get(unit.id, ())), holidays)
        for unit in units
    }


def place_of(session: Session, unit: Unit, during: Interval) -> Place:
    """What the rules need to know of a unit around that time."""
    first, last = (moment.astimezone(unit.zone).date() for moment in during)
    return as_place(unit, of_units(session, [unit], min(first, last), max(first, last))[unit.id])


def as_place(unit: Unit, schedule: Schedule) -> Place:
    """The same with a schedule that was read already."""
    return Place(unit.active, unit.space.stage, schedule, unit.capacity, unit.zone, unit.space.district, unit.policy)
