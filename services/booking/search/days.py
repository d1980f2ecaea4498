"""The search over several days, or over a part of a day longer than the use: candidates in the order wanted, some at a
time, each with all that stands in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.booking.models import ClosedTime, ExtraHoliday, Occupancy, SpecialDay, Unit, unit_atom
from services.booking.rules.day_bits import HOLIDAY_BIT, day_bits
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.tariff import quote
from services.booking.search import sql
from services.booking.search.findable import minutes_of, tariff_of
from services.booking.search.terms import SEOUL, Hit, Search, clock_of_minutes, conditions, hit, place

CHUNKS: Final = (80, 520, 2400)
"""How many candidates are looked at before the next ones are fetched; who lies beyond all of them is not found."""
PER_HIT: Final = 4
"""So many candidates for each hit that is wanted are looked at first."""
MOST_BUFFER: Final = timedelta(hours=12)
DAY: Final = timedelta(days=1)


def hits_of_days(
    session: Session, now: datetime, wanted: Search, days: Sequence[date], few: int = CHUNKS[0]
) -> Iterator[Hit]:
    """Every hit in order, candidates some at a time; `few`: how many hits will do, as a rule."""
    counting, params = conditions(wanted)
    # Zones differ from ours by a day at most: what is bounded here is only a first sieve.
    ahead = (instant(days[-1], clock_of_minutes(wanted.ends), SEOUL) - now) + timedelta(days=1)
    params |= {
        "starts": wanted.starts,
        "ends": wanted.ends,
        "minutes": wanted.minutes,
        "first": days[0],
        "last": days[-1],
        "days_ahead": (days[0] - now.astimezone(SEOUL).date()).days - 1,
        "minutes_ahead": ahead // timedelta(minutes=1),
        **place(wanted),
    }
    weekdays = frozenset(day.isoweekday() for day in days)
    statement = sql.candidates(session.get_bind().dialect.name, weekdays, wanted.order, counting)
    seen = 0
    added = set(session.scalars(select(ExtraHoliday.day).where(ExtraHoliday.day.between(days[0], days[-1]))))
    first = PER_HIT * few
    for size in (first, *CHUNKS) if first < CHUNKS[0] else CHUNKS:
        rows = session.connection().execute(statement, {**params, "limit": size, "offset": seen}).all()
        seen += len(rows)
        known = _known(session, rows, days)
        units = _priced_units(session, rows) if wanted.most_won else {}
        for row in rows:
            starts = tuple(_starts(row, known, wanted, days, added, now))
            if not starts:
                continue
            won = None
            if wanted.most_won:
                starts, won = _affordable(units[row.unit_id], starts, wanted)
            if starts:
                yield hit(row, wanted, starts, won)
        if len(rows) < size:
            return


@dataclass(frozen=True)
class _Known:
    """What stands in the way of the candidates, by unit id: (start, end, guard start, guard end) of what is taken."""

    taken: Mapping[int, list[tuple[datetime, datetime, datetime, datetime]]]
    closed: Mapping[int, list[Interval]]
    special: Mapping[tuple[int, date], tuple[int, int] | None]


_TAKEN = (
    select(unit_atom.c.unit_id, Occupancy.start_at, Occupancy.end_at, Occupancy.guard_start, Occupancy.guard_end)
    .join(Occupancy, Occupancy.atom_id == unit_atom.c.atom_id)
    .where(unit_atom.c.unit_id.in_(bindparam("units", expanding=True)))
    .where(Occupancy.start_at < bindparam("end"), Occupancy.end_at > bindparam("start"))
)


def _known(session: Session, rows: Sequence[Any], days: Sequence[date]) -> _Known:
    """Three queries for any number of candidates."""
    units = [row.unit_id for row in rows]
    around = timedelta(days=1) + MOST_BUFFER  # a local day in any zone, and the widest buffer
    first = instant(days[0], "00:00", SEOUL) - around
    last = instant(days[-1], "24:00", SEOUL) + around
    taken: dict[int, list[tuple[datetime, datetime, datetime, datetime]]] = {}
    for unit_id, *times in session.execute(_TAKEN, {"units": units, "start": first, "end": last}):
        taken.setdefault(unit_id, []).append(tuple(times))
    closed: dict[int, list[Interval]] = {}
    of_closed = select(ClosedTime.unit_id, ClosedTime.start_at, ClosedTime.end_at)
    of_closed = of_closed.where(ClosedTime.unit_id.in_(units), ClosedTime.start_at < last, ClosedTime.end_at > first)
    for unit_id, start, end in session.execute(of_closed):
        closed.setdefault(unit_id, []).append(Interval(start, end))
    of_days = select(SpecialDay.unit_id, SpecialDay.day, SpecialDay.opens, SpecialDay.closes)
    of_days = of_days.where(SpecialDay.unit_id.in_(units), SpecialDay.day.between(days[0], days[-1]))
    special = {
        (unit_id, day): (minutes_of(opens), minutes_of(closes)) if opens and closes else None
        for unit_id, day, opens, closes in session.execute(of_days)
    }
    return _Known(taken, closed, special)


def _starts(
    row: Any, known: _Known, wanted: Search, days: Sequence[date], added: set[date], now: datetime
) -> Iterator[datetime]:
    """The instants at which this unit can be had for the wished length."""
    zone = ZoneInfo(row.zone)
    today = now.astimezone(zone).date()
    earliest = now + timedelta(minutes=row.notice)
    length = timedelta(minutes=wanted.minutes)
    before, after = timedelta(minutes=row.buffer_before), timedelta(minutes=row.buffer_after)
    # One may not start within [from, until): what is taken or closed, with the buffers before it and the length too.
    never = [
        (min(a - after, guard_a) - length, max(b + before, guard_b))
        for a, b, guard_a, guard_b in known.taken.get(row.unit_id, ())
    ]
    never += [(each.start - length, each.end) for each in known.closed.get(row.unit_id, ())]
    for day in days:
        if not 0 <= (day - today).days <= row.window:
            continue
        hours = _hours(row, known, day, added)
        if hours is None:
            continue
        first, last = max(hours[0], wanted.starts), min(hours[1], wanted.ends)
        begin = -(-first // row.grid) * row.grid
        midnight, next_one = instant(day, "00:00", zone), instant(day, "24:00", zone)
        regular = next_one - midnight == DAY
        near = [each for each in never if each[0] < next_one and each[1] > midnight]
        for minute in range(begin, last - wanted.minutes + 1, row.grid):
            moment = timedelta(minutes=minute)
            start = midnight + moment if regular else instant(day, clock_of_minutes(minute), zone)
            if start >= earliest and not any(low < start < high for low, high in near):
                yield start


def _hours(row: Any, known: _Known, day: date, added: set[date]) -> tuple[int, int] | None:
    """When the unit opens and closes on a date, in minutes, closures aside."""
    if (row.unit_id, day) in known.special:
        return known.special[row.unit_id, day]
    bits = day_bits(day) | (HOLIDAY_BIT if day in added else 0)
    weekday = day.isoweekday()
    opens, closes = getattr(row, f"opens_{weekday}"), getattr(row, f"closes_{weekday}")
    return None if row.closed_bits & bits or opens is None else (opens, closes)


def _priced_units(session: Session, rows: Sequence[Any]) -> dict[int, Unit]:
    wanted = select(Unit).where(Unit.id.in_([row.unit_id for row in rows]))
    return {unit.id: unit for unit in session.scalars(wanted)}


def _affordable(unit: Unit, starts: Sequence[datetime], wanted: Search) -> tuple[tuple[datetime, ...], int | None]:
    """The starts that cost no more than wished, and what the first of them costs; an unknown price is no price."""
    tariff, zone = tariff_of(unit), unit.zone
    length = timedelta(minutes=wanted.minutes)
    prices = [(start, quote(tariff, Interval(start, start + length), zone).won) for start in starts]
    fitting = [(start, won) for start, won in prices if won is not None and won <= (wanted.most_won or 0)]
    return tuple(start for start, _ in fitting), fitting[0][1] if fitting else None
