"""Days with other hours, days off, and public holidays that no calendar knows beforehand (임시공휴일)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.booking.models import AUDIT, LIVE, ExtraHoliday, Reservation, SpecialDay, Unit
from services.booking.rules.hours import instant
from services.booking.unit_rules import locked_units
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

NOTE_LENGTH = 200
NAME_LENGTH = 80
KOREA = ZoneInfo("Asia/Seoul")
"""Public holidays are Korea's."""


@dataclass(frozen=True)
class Outcome:
    """What a special day has changed: how many units, and how many reservations of that day no longer fit."""

    units: int
    misfits: int


def coming(session: Session, unit_id: int, first: date) -> list[SpecialDay]:
    """A unit's special days from this local date on."""
    query = select(SpecialDay).where(SpecialDay.unit_id == unit_id, SpecialDay.day >= first)
    return list(session.scalars(query.order_by(SpecialDay.day)))


def put(
    database: Database,
    actor: Actor,
    now: datetime,
    unit_id: int,
    day: date,
    opens: str | None = None,
    closes: str | None = None,
    note: str = "",
    *,
    everywhere: bool = False,
) -> Outcome:
    """Set the hours of one local date (both None: closed) for a unit or all units of its space.

    Reservations of that day stay: moving them is a closure's business. Raises Refusal: unit_not_found (404),
    not_allowed (403), day_over, special_hours_incomplete, hours_end_before_start, note_too_long (422).
    """
    if (opens is None) != (closes is None):
        missing = "opens" if opens is None else "closes"
        raise Refusal("special_hours_incomplete", 422, fields={missing: ["special_hours_incomplete"]})
    if opens is not None and closes is not None and opens >= closes:
        raise Refusal("hours_end_before_start", 422, fields={"closes": ["hours_end_before_start"]})
    if len(note) > NOTE_LENGTH:
        raise Refusal("note_too_long", 422, fields={"note": ["note_too_long"]})
    changed = misfits = 0
    with database.write() as session:
        for unit in locked_units(session, actor, unit_id, everywhere):
            _refuse_past(unit, day, now)
            kept = session.get(SpecialDay, (unit.id, day))
            before = _told(kept)
            row = kept or SpecialDay(unit_id=unit.id, day=day)
            row.opens, row.closes, row.note = opens, closes, note.strip()
            if _told(row) == before:
                continue
            session.add(row)
            details = {"day": day.isoformat(), "before": before, "after": _told(row)}
            record(session, AUDIT, actor, now, "unit.special_day_set", f"unit:{unit.id}", details)
            changed += 1
            misfits += _misfits(session, unit, row)
    return Outcome(changed, misfits)


def remove(database: Database, actor: Actor, now: datetime, unit_id: int, day: date, everywhere: bool = False) -> int:
    """Let the ordinary hours hold again on this date; how many units that changed. Raises Refusal as `put`."""
    changed = 0
    with database.write() as session:
        for unit in locked_units(session, actor, unit_id, everywhere):
            kept = session.get(SpecialDay, (unit.id, day))
            if kept is None:
                continue
            _refuse_past(unit, day, now)
            details = {"day": day.isoformat(), "before": _told(kept), "after": None}
            session.delete(kept)
            record(session, AUDIT, actor, now, "unit.special_day_removed", f"unit:{unit.id}", details)
            changed += 1
    return changed


def holidays_from(database: Database, first: date) -> list[ExtraHoliday]:
    """The public holidays added by hand, from this date on."""
    with database.read() as session:
        query = select(ExtraHoliday).where(ExtraHoliday.day >= first).order_by(ExtraHoliday.day)
        return list(session.scalars(query))


def put_holiday(database: Database, actor: Actor, now: datetime, day: date, name: str, name_en: str = "") -> None:
    """Add a public holiday for all spaces, or rename it. Raises Refusal: not_allowed (403), name_needed, name_too_long,
    day_over (422)."""
    _city_only(actor)
    name, name_en = name.strip(), name_en.strip()
    for field, text in (("name", name), ("name_en", name_en)):
        if len(text) > NAME_LENGTH:
            raise Refusal("name_too_long", 422, fields={field: ["name_too_long"]})
    if not name:
        raise Refusal("name_needed", 422, fields={"name": ["name_needed"]})
    if day < now.astimezone(KOREA).date():
        raise Refusal("day_over", 422, fields={"day": ["day_over"]})
    with database.write() as session:
        kept = session.get(ExtraHoliday, day, with_for_update=True)
        before = {"name": kept.name, "name_en": kept.name_en} if kept else None
        row = kept or ExtraHoliday(day=day)
        row.name, row.name_en = name, name_en
        session.add(row)
        details = {"before": before, "after": {"name": name, "name_en": name_en}}
        record(session, AUDIT, actor, now, "holiday.set", f"holiday:{day.isoformat()}", details)


def remove_holiday(database: Database, actor: Actor, now: datetime, day: date) -> None:
    """Take a holiday back that was added by hand; nothing when there is none. Raises Refusal not_allowed (403)."""
    _city_only(actor)
    with database.write() as session:
        kept = session.get(ExtraHoliday, day, with_for_update=True)
        if kept is None:
            return
        details = {"before": {"name": kept.name, "name_en": kept.name_en}, "after": None}
        session.delete(kept)
        record(session, AUDIT, actor, now, "holiday.removed", f"holiday:{day.isoformat()}", details)


def _city_only(actor: Actor) -> None:
    if not actor.has(Role.CITY_STAFF):
        raise Refusal("not_allowed", 403)


def _told(row: SpecialDay | None) -> dict[str, str | None] | None:
    return {"opens": row.opens, "closes": row.closes, "note": row.note} if row else None


def _refuse_past(unit: Unit, day: date, now: datetime) -> None:
    if day < now.astimezone(unit.zone).date():
        raise Refusal("day_over", 422, fields={"day": ["day_over"]})


def _misfits(session: Session, unit: Unit, row: SpecialDay) -> int:
    """How many live reservations of that day lie outside its new hours."""
    start, end = instant(row.day, "00:00", unit.zone), instant(row.day, "24:00", unit.zone)
    inside = (Reservation.unit_id == unit.id) & (Reservation.start_at < end) & (Reservation.end_at > start)
    query = select(func.count()).select_from(Reservation).where(inside, Reservation.status.in_(LIVE))
    if row.opens is not None and row.closes is not None:
        opens, closes = instant(row.day, row.opens, unit.zone), instant(row.day, row.closes, unit.zone)
        query = query.where((Reservation.start_at < opens) | (Reservation.end_at > closes))
    return session.scalar(query) or 0
