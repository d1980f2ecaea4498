"""A space's day on one sheet: who comes when, for each unit. Who looked is recorded, once per view (invariant 14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking import schedules
from services.booking.equipment import loans_of
from services.booking.managing import day_of, own_space
from services.booking.models import AUDIT, Group, Person, Reservation, Space, Unit
from services.booking.rules.interval import Interval
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

REACH = timedelta(days=3 * 366)
SHOWN = ("requested", "offered", "confirmed", "no_show")
"""What stands on the sheet; who cancelled need not be expected."""


@dataclass(frozen=True)
class Line:
    """A reservation as a keeper needs it; `person` and `group` as far as booking knows them."""

    reservation: Reservation
    person: Person | None
    group: Group | None
    equipment: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class UnitDay:
    """A unit's day: when it is open, else the code of why not, and its lines in order of time."""

    unit: Unit
    open: tuple[Interval, ...]
    closed: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Sheet:
    """A space's local day; a reservation over midnight stands on both days."""

    space: Space
    day: date
    zone: ZoneInfo
    units: tuple[UnitDay, ...]

    @property
    def lines(self) -> list[Line]:
        return [line for unit in self.units for line in unit.lines]

    @property
    def people(self) -> int:
        """How many are expected, each reservation's own number added up."""
        lines = (line.reservation for line in self.lines)
        return sum(each.people for each in lines if each.kind == "visit" and each.live)


def read(database: Database, actor: Actor, now: datetime, space_id: int, day: date | None = None) -> Sheet:
    """The sheet of this local date, of today unless given; a number of queries that does not grow with units.

    Raises Refusal: space_not_found (404), not_allowed (403), date_invalid (422) for a date years away.
    """
    with database.write() as session:
        space = own_space(session, actor, space_id)
        zone = ZoneInfo(space.zone)
        day = day or now.astimezone(zone).date()
        if abs(day - now.date()) > REACH:
            raise Refusal("date_invalid", 422, fields={"day": ["date_invalid"]})
        whole = day_of(day, zone)
        reservations = list(
            session.scalars(
                select(Reservation)
                .where(
                    Reservation.space_id == space_id,
                    Reservation.status.in_(SHOWN),
                    Reservation.start_at < whole.end,
                    Reservation.end_at > whole.start,
                )
                .order_by(Reservation.start_at, Reservation.id)
            )
        )
        lines = _lines(session, reservations)
        units = _units(session, space_id, {each.unit_id for each in reservations})
        days_of = schedules.of_units(session, units, day, day)
        record(
            session,
            AUDIT,
            actor,
            now,
            "sheet.viewed",
            f"space:{space_id}",
            {"day": day.isoformat(), "lines": len(lines)},
        )
    by_unit: dict[int, list[Line]] = {}
    for line in lines:
        by_unit.setdefault(line.reservation.unit_id, []).append(line)
    days = []
    for unit in units:
        schedule = days_of[unit.id]
        opens = tuple(schedule.open_intervals(day, day))
        closed = None if opens else schedule.closed_reason(day) or "closed_weekday"
        days.append(UnitDay(unit, opens, closed, tuple(by_unit.get(unit.id, ()))))
    return Sheet(space, day, zone, tuple(days))


def people_of(session: Session, reservations: Iterable[Reservation]) -> tuple[dict[int, Person], dict[int, Group]]:
    """Who reserved, by account id, and their groups, by id: two queries."""
    known = list(reservations)
    people = select(Person).where(Person.account_id.in_({each.account_id for each in known}))
    groups = select(Group).where(Group.id.in_({each.group_id for each in known if each.group_id}))
    return (
        {person.account_id: person for person in session.scalars(people)},
        {group.id: group for group in session.scalars(groups)},
    )


def _lines(session: Session, reservations: list[Reservation]) -> list[Line]:
    people, groups = people_of(session, reservations)
    loans = loans_of(session, [each.id for each in reservations])
    return [
        Line(
            each,
            people.get(each.account_id),
            groups.get(each.group_id) if each.group_id else None,
            tuple((item.name, count) for item, count in loans.get(each.id, ())),
        )
        for each in reservations
    ]


def _units(session: Session, space_id: int, used: set[int]) -> list[Unit]:
    """The active units of the space, and those of the day's reservations that are no longer active."""
    wanted = (Unit.space_id == space_id) & (Unit.active | Unit.id.in_(used))
    return list(session.scalars(select(Unit).where(wanted).order_by(Unit.name, Unit.id)))
