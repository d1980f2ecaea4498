"""How much the spaces of somebody's are used: of their own open hours, evenings and weekends included.

Used is what was reserved and not given back: visits that are confirmed or came, and those who did not come (the time
was held for them). Own events are told apart. Open is what the rules say today for these days: past changes of the
rules are not kept, special days and closures are. Nothing here is personal, and what is anonymised still counts.
The number of queries does not depend on how many units or reservations there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, contains_eager

from services.booking import schedules
from services.booking.managing import managed, own_space
from services.booking.models import NoShow, Reservation, Space, Unit, unit_atom
from services.booking.rules import usage
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.schedule import Schedule
from services.booking.rules.usage import Heat
from services.booking.search.terms import SEOUL
from services.booking.statistics import unmet as unmet_figures
from services.booking.statistics.lines import (
    DistrictLine,
    Figures,
    UnitLine,
    count,
    district_lines,
    open_rooms,
    takes,
    total,
    unit_lines,
)
from services.booking.statistics.unmet import Unmet
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

DAYS = 28
"""The period unless another is chosen: so many days up to yesterday."""
MOST_DAYS = 366
MOST_SPACES = 100
"""More spaces than these are not offered to choose from before a district is chosen."""
COUNTED = ("confirmed", "no_show", "cancelled")
KINDS = ("visit", "block")


@dataclass(frozen=True)
class Query:
    """What is asked: local dates, both included; None: the last four weeks, everywhere."""

    first_day: date | None = None
    last_day: date | None = None
    district: str | None = None
    space_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True)
class Choices:
    """What else could be looked at: districts, spaces (none while there are too many), units of the chosen space."""

    districts: Sequence[str]
    spaces: Sequence[tuple[int, str]]
    units: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Statistics:
    """All of it. `unknown` is how many units are left out of the hours because theirs are not known."""

    first_day: date
    last_day: date
    district: str | None
    space: Space | None
    unit: Unit | None
    figures: Figures
    heat: Heat
    units: Sequence[UnitLine]
    districts: Sequence[DistrictLine]
    unknown: int
    unmet: Unmet
    choices: Choices
    coming: bool


def read(database: Database, actor: Actor, now: datetime, query: Query) -> Statistics:
    """The statistics of what the actor runs, narrowed by the query; a space outside the district asked for and a unit
    outside the space are left aside.

    Raises Refusal: period_reversed, period_too_long (422), space_not_found, unit_not_found (404), not_allowed (403).
    """
    first, last = period_of(query, now)
    with database.read() as session:
        space, unit = _subject(session, actor, query)
        district = space.district if space else query.district
        scope = _scope(actor, district, space)
        units = _units(session, scope)
        chosen = [each for each in units if unit is None or each.id == unit.id]
        rooms = _rooms(session, scope)
        plans = schedules.of_units(session, [each for each in units if takes(each)], first, last)
        opens = _opens(plans, first, last)
        tallies, visits, own = _tallies(session, scope, units, rooms, first, last, now)
        everywhere = actor.has(Role.CITY_STAFF) and district is None
        equipment = {word for each in units for word in each.equipment}
        searches = unmet_figures.read(session, scope, everywhere, first, last, equipment)
        choices = _choices(session, actor, district, units if space else [])
    used = {
        room: (usage.use(opened, visits.get(room, ()), own.get(room, ())), zone, of_district)
        for room, (opened, zone, of_district) in open_rooms(chosen, rooms, opens).items()
    }
    lines = unit_lines(chosen, rooms, opens, visits, own, tallies)
    return Statistics(
        first,
        last,
        district,
        space,
        unit,
        total(lines, (each for each, _zone, _district in used.values())),
        usage.heat((each, zone) for each, zone, _district in used.values()),
        lines,
        district_lines(lines, used.values()) if space is None else [],
        sum(takes(each) and plans[each.id].opening is None for each in chosen),
        searches,
        choices,
        last >= now.astimezone(SEOUL).date(),
    )


def period_of(query: Query, now: datetime) -> tuple[date, date]:
    """The first and the last local date. Raises Refusal: period_reversed, period_too_long (422)."""
    yesterday = now.astimezone(SEOUL).date() - timedelta(days=1)
    last = query.last_day or max(yesterday, query.first_day or yesterday)
    first = query.first_day or last - timedelta(days=DAYS - 1)
    if last < first:
        raise Refusal("period_reversed", 422, fields={"last_day": ["period_reversed"]})
    if (last - first).days >= MOST_DAYS:
        raise Refusal("period_too_long", 422, fields={"last_day": ["period_too_long"]}, days=MOST_DAYS)
    return first, last


def _subject(session: Session, actor: Actor, query: Query) -> tuple[Space | None, Unit | None]:
    space = own_space(session, actor, query.space_id) if query.space_id else None
    if space and query.district and space.district != query.district:
        return None, None
    unit = session.get(Unit, query.unit_id) if query.unit_id else None
    if query.unit_id and unit is None:
        raise Refusal("unit_not_found", 404)
    if unit and space is None:
        space = own_space(session, actor, unit.space_id)
    return space, unit if unit and space and unit.space_id == space.id else None


def _scope(actor: Actor, district: str | None, space: Space | None) -> list[ColumnElement[bool]]:
    """The conditions on `space`."""
    found = [managed(actor)]
    if district:
        found.append(Space.district == district)
    if space:
        found.append(Space.id == space.id)
    return found


def _units(session: Session, scope: Iterable[ColumnElement[bool]]) -> list[Unit]:
    units = select(Unit).join(Unit.space).options(contains_eager(Unit.space)).where(*scope)
    return list(session.scalars(units.order_by(Space.district, Space.name, Space.id, Unit.name, Unit.id)))


def _rooms(session: Session, scope: Iterable[ColumnElement[bool]]) -> dict[int, list[int]]:
    """The rooms (atoms) of each unit."""
    rows = select(unit_atom.c.unit_id, unit_atom.c.atom_id).join(Unit, Unit.id == unit_atom.c.unit_id)
    found: dict[int, list[int]] = defaultdict(list)
    for unit_id, atom_id in session.execute(rows.join(Unit.space).where(*scope)):
        found[unit_id].append(atom_id)
    return found


def _opens(plans: Mapping[int, Schedule], first: date, last: date) -> dict[int, list[Interval]]:
    """When each unit is open. Many have the same rules, which are worked out once."""
    known: dict[Any, list[Interval]] = {}
    found = {}
    for unit_id, plan in plans.items():
        if plan.opening is None:
            continue
        if plan.special or plan.closed:
            found[unit_id] = plan.open_intervals(first, last)
            continue
        key = (plan.opening, plan.zone.key)
        if key not in known:
            known[key] = plan.open_intervals(first, last)
        found[unit_id] = known[key]
    return found


def _tallies(
    session: Session,
    scope: Iterable[ColumnElement[bool]],
    units: Iterable[Unit],
    rooms: Mapping[int, Sequence[int]],
    first: date,
    last: date,
    now: datetime,
) -> tuple[dict[int, Figures], dict[int, list[Interval]], dict[int, list[Interval]]]:
    """Counts by unit; the times of visits and of own events by room, within the period."""
    periods = {unit.id: _period(first, last, unit.zone) for unit in units}
    tallies: dict[int, Figures] = defaultdict(Figures)
    visits: dict[int, list[Interval]] = defaultdict(list)
    own: dict[int, list[Interval]] = defaultdict(list)
    if not periods:
        return tallies, visits, own
    columns = (Reservation.unit_id, Reservation.kind, Reservation.status, Reservation.people)
    times = (Reservation.start_at, Reservation.end_at, Reservation.created_at)
    rows = (
        select(*columns, *times, NoShow.decision)
        .join(Unit, Unit.id == Reservation.unit_id)
        .join(Unit.space)
        .outerjoin(NoShow, NoShow.reservation_id == Reservation.id)
        .where(*scope, Reservation.kind.in_(KINDS), Reservation.status.in_(COUNTED))
        .where(Reservation.start_at < max(each.end for each in periods.values()))
        .where(Reservation.end_at > min(each.start for each in periods.values()))
    )
    for unit_id, kind, status, people, start, end, created, decision in session.execute(rows):
        period = periods[unit_id]
        if period.start <= start < period.end:
            excused = decision == "excused"
            count(tallies[unit_id], kind, status, excused, people, start <= now, (start - created) // usage.SECOND)
        held = Interval(max(start, period.start), min(end, period.end))
        if status != "cancelled" and held.start < held.end:
            taken = own if kind == "block" else visits
            for room in rooms.get(unit_id, ()):
                taken[room].append(held)
    return tallies, visits, own


def _period(first: date, last: date, zone: ZoneInfo) -> Interval:
    return Interval(instant(first, "00:00", zone), instant(last, "24:00", zone).astimezone(UTC))


def _choices(session: Session, actor: Actor, district: str | None, units: Iterable[Unit]) -> Choices:
    mine = select(Space.district).where(managed(actor)).distinct().order_by(Space.district)
    districts = list(session.scalars(mine))
    spaces = select(Space.id, Space.name).where(*_scope(actor, district, None)).order_by(Space.name, Space.id)
    rows = [(space_id, name) for space_id, name in session.execute(spaces.limit(MOST_SPACES + 1))]
    named = [(unit.id, unit.name) for unit in units if unit.active]
    return Choices(districts, rows if district or len(rows) <= MOST_SPACES else [], named)
