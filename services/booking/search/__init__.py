"""Finding what is free: by place, time, size, equipment, accessibility and fee.

One window of one day is one SQL statement. A longer question ("any Saturday afternoon this month") is for `days.py`:
a number of queries that does not grow with the number of units. What is found is what `policy.misfits` and the atoms
allow, as of now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking.models import FindableUnit
from services.booking.rules.day_bits import day_bits
from services.booking.rules.hours import instant
from services.booking.search import sql
from services.booking.search.days import hits_of_days
from services.booking.search.terms import (
    HOUR,
    MIDNIGHT,
    SEOUL,
    Found,
    Hit,
    Search,
    clock_of_minutes,
    conditions,
    hit,
    place,
)
from shared.database import Database

PER_PAGE: Final = 20


def find(database: Database, now: datetime, wanted: Search) -> Found:
    """The page of what is free. A wish that is over, too long or of no day finds nothing."""
    with database.look() if _is_one_window(wanted) else database.read() as session:
        return find_in(session, now, wanted)


def find_in(session: Session, now: datetime, wanted: Search, per_page: int = PER_PAGE) -> Found:
    """The same within a unit of work of the caller's."""
    if wanted.day is None:
        return _listed(session, wanted, per_page)
    days = wanted.days
    if not days or wanted.minutes > wanted.ends - wanted.starts or wanted.minutes <= 0:
        return Found((), wanted.page, False)
    zones = _zones(session)
    if _is_one_window(wanted) and len(zones) == 1:
        return _in_one_window(session, now, wanted, days[0], zones[0], per_page)
    skip = (wanted.page - 1) * per_page
    hits: list[Hit] = []
    for each in hits_of_days(session, now, wanted, days, skip + per_page):
        hits.append(each)
        if len(hits) > skip + per_page:
            break
    return Found(hits[skip : skip + per_page], wanted.page, len(hits) > skip + per_page)


def _is_one_window(wanted: Search) -> bool:
    """Whether one window of one day is asked for, which one statement answers."""
    whole = wanted.ends - wanted.starts == wanted.minutes
    return whole and len(wanted.days) == 1 and wanted.most_won in (None, 0)


def _listed(session: Session, wanted: Search, per_page: int) -> Found:
    """Units that meet everything but a time, which was not asked."""
    counting, params = conditions(wanted)
    total = session.connection().execute(sql.counted(counting), params).scalar_one()
    statement = sql.candidates(_dialect(session), frozenset(), wanted.order, counting)
    page = {"limit": per_page, "offset": (wanted.page - 1) * per_page}
    rows = session.connection().execute(statement, {**params, **place(wanted), **page}).all()
    return Found([hit(row, wanted) for row in rows], wanted.page, wanted.page * per_page < total, total)


def _in_one_window(session: Session, now: datetime, wanted: Search, day: date, zone: ZoneInfo, per_page: int) -> Found:
    counting, params = conditions(wanted)
    starts, ends = clock_of_minutes(wanted.starts), clock_of_minutes(wanted.ends)
    start, end = instant(day, starts, zone), instant(day, ends, zone)
    params |= {
        "day": day,
        "bits": day_bits(day),
        "starts": wanted.starts,
        "ends": wanted.ends,
        "starts_clock": starts,
        "ends_clock": ends,
        "start": start,
        "end": end,
        "minutes": (end - start) // timedelta(minutes=1),
        "minutes_ahead": (start - now) // timedelta(minutes=1),
        "days_ahead": (day - now.astimezone(zone).date()).days,
        "limit": per_page + 1,
        "offset": (wanted.page - 1) * per_page,
        **place(wanted),
    }
    statement = sql.free_window(_dialect(session), day.isoweekday(), wanted.order, counting)
    rows = session.connection().execute(statement, params).all()
    hits = [hit(row, wanted, (start,)) for row in rows[:per_page]]
    return Found(hits, wanted.page, len(rows) > per_page)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


_ZONES: WeakKeyDictionary[Any, tuple[float, tuple[ZoneInfo, ...]]] = WeakKeyDictionary()
_ZONES_FOR: Final = 60.0


def _zones(session: Session) -> tuple[ZoneInfo, ...]:
    """The zones of the units that can be found, known for a minute: nearly always the one."""
    database = session.get_bind()
    known = _ZONES.get(database)
    if known is None or known[0] < monotonic():
        names = session.scalars(select(FindableUnit.zone).distinct()).all()
        known = _ZONES[database] = (monotonic() + _ZONES_FOR, tuple(ZoneInfo(name) for name in names) or (SEOUL,))
    return known[1]


def relaxed(wanted: Search) -> Iterator[tuple[str, Search]]:
    """(what is given up, the wider search) for a search that found nothing, the least loss first.

    hours: any time of these days; days: the week that follows; place: anywhere, nearest first; length: half as long;
    needs: without equipment and accessibility's list; fee: at any price.
    """
    base = replace(wanted, page=1)
    if wanted.day is not None:
        if (wanted.starts, wanted.ends) != (0, MIDNIGHT):
            yield "hours", replace(base, starts=0, ends=MIDNIGHT)
        after = (wanted.until or wanted.day) + timedelta(days=1)
        yield "days", replace(base, day=after, until=after + timedelta(days=6), weekdays=frozenset())
    if wanted.district or wanted.text or wanted.space_id:
        origin = wanted.origin
        yield "place", replace(base, district=None, text="", space_id=None, point=origin, sort="near" if origin else "")
    if wanted.day is not None and wanted.minutes >= 2 * HOUR:
        half = wanted.minutes // 2 // 30 * 30
        yield "length", replace(base, minutes=half)
    if wanted.equipment:
        yield "equipment", replace(base, equipment=())
    if wanted.most_won is not None:
        yield "fee", replace(base, most_won=None)


def nearest(
    database: Database, now: datetime, wanted: Search, most: int = 3
) -> list[tuple[str, Search, Sequence[Hit]]]:
    """What comes nearest to a search that found nothing: (what was given up, that search, its first hits)."""
    found: list[tuple[str, Search, Sequence[Hit]]] = []
    with database.read() as session:
        for given_up, wider in relaxed(wanted):
            hits = find_in(session, now, wider, per_page=most).hits
            if hits:
                found.append((given_up, wider, hits))
    return found
