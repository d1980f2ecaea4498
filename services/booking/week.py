"""A unit's days as people see them: what is free, taken, mine, past or closed. A bounded number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.booking import occupancy, schedules
from services.booking.models import Unit
from services.booking.occupancy import Taken
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval, without
from services.booking.rules.policy import last_day
from services.booking.rules.schedule import Schedule
from services.booking.units import atoms_of, get
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

DAYS = 7
REACH = timedelta(days=3 * 366)
"""How far from today a week is shown."""


@dataclass(frozen=True)
class Slot:
    """A piece of a day. `state`: free, reserved, held (for a lottery), mine, past; `reservation_id` only for the
    actor's own."""

    during: Interval
    state: str
    reservation_id: int | None = None


@dataclass(frozen=True)
class Day:
    """A local date; `closed` is the code of why nothing can be reserved on it."""

    date: date
    closed: str | None
    slots: tuple[Slot, ...]

    @property
    def free(self) -> list[Interval]:
        """What can be reserved."""
        return [slot.during for slot in self.slots if slot.state == "free"]


@dataclass(frozen=True)
class Week:
    """Seven days of a unit from a Monday on."""

    unit: Unit
    days: tuple[Day, ...]


def week_of(database: Database, actor: Actor, now: datetime, unit_id: int, day: date) -> Week:
    """The week that holds this local date. Who reserved is never told, but what is the actor's own.

    Raises Refusal: unit_not_found (404), date_invalid (422) for a date years away.
    """
    if abs(day - now.date()) > REACH:
        raise Refusal("date_invalid", 422, fields={"day": ["date_invalid"]})
    monday = day - timedelta(days=day.weekday())
    with database.read() as session:
        unit = get(session, unit_id)
        days = _days(session, actor, now, [unit], monday, DAYS)[unit_id]
    return Week(unit, tuple(days))


def today_of(session: Session, actor: Actor, now: datetime, units: Sequence[Unit]) -> dict[int, Day]:
    """Today, in each unit's own zone, by unit id; three queries for any number of units."""
    by_date: dict[date, list[Unit]] = {}
    for unit in units:
        by_date.setdefault(now.astimezone(unit.zone).date(), []).append(unit)
    found: dict[int, Day] = {}
    for day, same in by_date.items():  # one date, unless spaces lie in several zones
        found |= {unit_id: days[0] for unit_id, days in _days(session, actor, now, same, day, 1).items()}
    return found


def _days(
    session: Session, actor: Actor, now: datetime, units: Sequence[Unit], first: date, count: int
) -> dict[int, list[Day]]:
    dates = [first + timedelta(days=offset) for offset in range(count)]
    windows = [
        Interval(instant(dates[0], "00:00", unit.zone), instant(dates[-1], "24:00", unit.zone)) for unit in units
    ]
    if not windows:
        return {}
    window = Interval(min(each.start for each in windows), max(each.end for each in windows))
    atoms = atoms_of(session, [unit.id for unit in units])
    taken = occupancy.taken(session, set().union(*atoms.values()), window)
    plans = schedules.of_units(session, units, dates[0], dates[-1])
    return {
        unit.id: [
            _day(
                unit, plans[unit.id], day, [each for atom in atoms[unit.id] for each in taken.get(atom, ())], actor, now
            )
            for day in dates
        ]
        for unit in units
    }


def _of_atoms(taken: Mapping[int, Sequence[Taken]], atoms: Iterable[int]) -> list[Taken]:
    return [each for atom in atoms for each in taken.get(atom, ())]


def _day(unit: Unit, plan: Schedule, day: date, taken: Sequence[Taken], actor: Actor, now: datetime) -> Day:
    if plan.opening is None or not unit.active or unit.space.stage != "open":
        return Day(day, "hours_unknown" if plan.opening is None else "unit_inactive", ())
    whole = Interval(instant(day, "00:00", unit.zone), instant(day, "24:00", unit.zone))
    held = [each for each in taken if each.during.overlaps(whole)]
    closed = plan.closed_reason(day)
    if closed is None and day > last_day(unit.zone, now, unit.policy):
        closed = "too_far_ahead"
    slots = _held(held, whole, actor)
    if closed is None:
        policy = unit.policy
        shut = occupancy.blocked(taken, policy.buffer_before, policy.buffer_after)
        for each in plan.open_intervals(day, day):
            for gap in without(each, shut):
                slots += [Slot(piece, "past" if piece.start < now else "free") for piece in by_hours(gap, unit.zone)]
    # A reservation outlives the closure of its day (`closed` is then told by what is left free: nothing).
    return Day(day, None if slots else closed or "closed_weekday", tuple(sorted(slots, key=lambda slot: slot.during)))


def _held(held: Sequence[Taken], whole: Interval, actor: Actor) -> list[Slot]:
    """What is taken, without overlaps: a building's rooms may be held by several reservations at once."""
    mine = {
        each.reservation_id: each.during for each in held if actor.signed_in and each.account_id == actor.account_id
    }
    slots: list[Slot] = []
    for reservation_id, during in mine.items():
        slots += [Slot(part, "mine", reservation_id) for part in _inside(whole, without(during, _spans(slots)))]
    others: list[Slot] = []
    for each in held:
        if each.reservation_id not in mine:
            parts = _inside(whole, without(each.during, _spans(slots) + _spans(others)))
            others += [Slot(part, "held" if each.kind == "lottery" else "reserved") for part in parts]
    return slots + others


def _spans(slots: Iterable[Slot]) -> list[Interval]:
    return [slot.during for slot in slots]


def _inside(whole: Interval, parts: Iterable[Interval]) -> list[Interval]:
    cut = (Interval(max(part.start, whole.start), min(part.end, whole.end)) for part in parts)
    return [part for part in cut if part.start < part.end]


def by_hours(gap: Interval, zone: ZoneInfo) -> list[Interval]:
    """The same time in pieces that end on the local hour."""
    pieces = []
    start = gap.start
    while start < gap.end:
        local = start.astimezone(zone)
        end = min(gap.end, start + timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second))
        pieces.append(Interval(start, end))
        start = end
    return pieces
