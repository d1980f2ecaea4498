"""What a space lends with its rooms: kept by keepers, lent to reservations, never more pieces than there are.

A loan locks the rows of its equipment in sorted order, after the atoms: whoever comes second sees what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from services.booking.managing import own_space, units_of
from services.booking.models import AUDIT, LIVE, Equipment, Loan, Reservation, Space, Unit
from services.booking.rules.interval import Interval
from services.booking.rules.tariff import MAX_WON, Item
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

NAME_LENGTH = 80
NOTE_LENGTH = 200
MOST = 1000


@dataclass(frozen=True)
class Facts:
    """What a keeper says of a piece of equipment; `unit_ids` None: lent with every unit of the space."""

    name: str
    count: int
    fee_won: int = 0
    hourly: bool = False
    unit_ids: tuple[int, ...] | None = None
    note: str = ""
    active: bool = True


@dataclass(frozen=True)
class Lendable:
    """Equipment that a unit lends; `free` pieces are left in the time asked for (all, where none was asked for)."""

    equipment: Equipment
    free: int


def lendable(
    session: Session, unit: Unit, during: Interval | None = None, besides: int | None = None
) -> list[Lendable]:
    """What may be borrowed with a unit, by name; two queries. `besides`: a reservation that does not count."""
    query = select(Equipment).where(Equipment.space_id == unit.space_id, Equipment.active, Equipment.count > 0)
    found = [each for each in session.scalars(query.order_by(Equipment.name, Equipment.id)) if _with(each, unit.id)]
    lent = _most_lent(session, [each.id for each in found], during, besides) if during and found else {}
    return [Lendable(each, max(0, each.count - lent.get(each.id, 0))) for each in found]


def items(session: Session, unit: Unit, wanted: Mapping[int, int]) -> list[Item]:
    """Wanted equipment as a quote takes it; what the unit does not lend is left out."""
    if not any(wanted.values()):
        return []
    rows = session.scalars(select(Equipment).where(Equipment.id.in_(wanted), Equipment.space_id == unit.space_id))
    return [Item(row.name, wanted[row.id], row.fee_won, row.hourly) for row in sorted(rows, key=lambda row: row.name)]


def refuse_unknown(session: Session, unit: Unit, wanted: Mapping[int, int]) -> None:
    """Raises Refusal (422): equipment_count_invalid, equipment_unknown for what the unit does not lend at all."""
    _counted(wanted)
    if wanted:
        rows = session.scalars(select(Equipment).where(Equipment.id.in_(wanted)))
        _refuse_unknown(rows, unit, wanted)


def lend(session: Session, reservation: Reservation, unit: Unit, wanted: Mapping[int, int]) -> None:
    """Lend so many of each to a flushed reservation for its time, instead of what it had; to be called behind the
    atoms' locks by whatever makes or moves a reservation. No statement where nothing is wanted of a new one.

    Raises Refusal: equipment_unknown, equipment_count_invalid (422), equipment_lent (409).
    """
    counted = _counted(wanted)
    if reservation.sequence:
        session.execute(delete(Loan).where(Loan.reservation_id == reservation.id))
    if not counted:
        return
    query = select(Equipment).where(Equipment.id.in_(counted)).order_by(Equipment.id).with_for_update(of=Equipment)
    rows = list(session.scalars(query.execution_options(populate_existing=True)))
    _refuse_unknown(rows, unit, counted)
    lent = _most_lent(session, sorted(counted), reservation.during, reservation.id)
    for row in rows:
        free = max(0, row.count - lent.get(row.id, 0))
        if counted[row.id] > free:
            raise Refusal(
                "equipment_lent", 409, fields={f"equipment.{row.id}": ["equipment_lent"]}, name=row.name, free=free
            )
    times = {"reservation_id": reservation.id, "start_at": reservation.start_at, "end_at": reservation.end_at}
    session.execute(insert(Loan), [{"equipment_id": key, "count": counted[key], **times} for key in sorted(counted)])


def borrowed(session: Session, reservation_id: int) -> dict[int, int]:
    """What a reservation has borrowed: pieces by the equipment's id."""
    return {
        row.equipment_id: row.count
        for row in session.scalars(select(Loan).where(Loan.reservation_id == reservation_id))
    }


def loans_of(session: Session, reservation_ids: Iterable[int]) -> dict[int, list[tuple[Equipment, int]]]:
    """What each reservation has borrowed, in one query; reservations without a loan are missing."""
    query = (
        select(Loan.reservation_id, Loan.count, Equipment)
        .join(Equipment, Equipment.id == Loan.equipment_id)
        .where(Loan.reservation_id.in_(list(reservation_ids)))
        .order_by(Equipment.name, Equipment.id)
    )
    found: dict[int, list[tuple[Equipment, int]]] = {}
    for reservation_id, count, equipment in session.execute(query):
        found.setdefault(reservation_id, []).append((equipment, count))
    return found


def of_space(database: Database, actor: Actor, space_id: int) -> tuple[Space, list[Unit], list[Equipment]]:
    """All that a space lends or has lent, for who runs it. Raises Refusal: space_not_found (404), not_allowed (403)."""
    with database.read() as session:
        space = own_space(session, actor, space_id)
        kept = select(Equipment).where(Equipment.space_id == space_id)
        kept = kept.order_by(Equipment.active.desc(), Equipment.name, Equipment.id)
        return space, units_of(session, space_id), list(session.scalars(kept))


def put(
    database: Database, actor: Actor, now: datetime, space_id: int, facts: Facts, equipment_id: int | None = None
) -> Equipment:
    """Add equipment, or change what is known of it. What is lent already stays lent, even beyond a smaller count.

    Raises Refusal: space_not_found, equipment_not_found (404), not_allowed (403), 422 for each wrong field.
    """
    with database.write() as session:
        own_space(session, actor, space_id)
        _refuse_wrong(session, space_id, facts)
        before: dict[str, Any] | None = None
        if equipment_id is None:
            row = Equipment(space_id=space_id)
        else:
            kept = session.get(Equipment, equipment_id, with_for_update=True)
            if kept is None or kept.space_id != space_id:
                raise Refusal("equipment_not_found", 404)
            row, before = kept, _told(kept)
        row.name, row.note = facts.name.strip(), facts.note.strip()
        row.count, row.fee_won, row.hourly, row.active = facts.count, facts.fee_won, facts.hourly, facts.active
        row.unit_ids = sorted(facts.unit_ids) if facts.unit_ids else None
        if before == _told(row):
            return row
        session.add(row)
        session.flush()
        action = "equipment.added" if before is None else "equipment.changed"
        record(session, AUDIT, actor, now, action, f"equipment:{row.id}", {"before": before, "after": _told(row)})
        return row


def _refuse_wrong(session: Session, space_id: int, facts: Facts) -> None:
    found: dict[str, list[str]] = {}
    if not facts.name.strip():
        found["name"] = ["name_needed"]
    if len(facts.name.strip()) > NAME_LENGTH:
        found["name"] = ["name_too_long"]
    if not 0 <= facts.count <= MOST:
        found["count"] = ["equipment_count_invalid"]
    if not 0 <= facts.fee_won <= MAX_WON:
        found["fee_won"] = ["tariff_won_out_of_range"]
    if len(facts.note.strip()) > NOTE_LENGTH:
        found["note"] = ["note_too_long"]
    if facts.unit_ids:
        there = select(func.count()).select_from(Unit).where(Unit.id.in_(facts.unit_ids), Unit.space_id == space_id)
        if session.scalar(there) != len(set(facts.unit_ids)):
            found["unit_ids"] = ["unit_not_found"]
    if found:
        raise Refusal(next(iter(found.values()))[0], 422, fields=found)


def _counted(wanted: Mapping[int, int]) -> dict[int, int]:
    counted = {key: count for key, count in wanted.items() if count}
    if any(count < 0 or count > MOST for count in counted.values()):
        raise Refusal("equipment_count_invalid", 422, fields={"equipment": ["equipment_count_invalid"]})
    return counted


def _refuse_unknown(rows: Iterable[Equipment], unit: Unit, wanted: Mapping[int, int]) -> None:
    usable = {row.id for row in rows if row.space_id == unit.space_id and row.active and _with(row, unit.id)}
    if usable != wanted.keys():
        raise Refusal("equipment_unknown", 422, fields={"equipment": ["equipment_unknown"]})


def _with(equipment: Equipment, unit_id: int) -> bool:
    return equipment.unit_ids is None or unit_id in equipment.unit_ids


def _told(row: Equipment) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("name", "count", "fee_won", "hourly", "unit_ids", "note", "active")}


def _most_lent(
    session: Session, equipment_ids: Sequence[int], during: Interval, besides: int | None = None
) -> dict[int, int]:
    """How many pieces of each are out at once at most, at any moment of the time; one query."""
    query = (
        select(Loan.equipment_id, Loan.count, Loan.start_at, Loan.end_at)
        .join(Reservation, Reservation.id == Loan.reservation_id)
        .where(Loan.equipment_id.in_(equipment_ids), Reservation.status.in_(LIVE))
        .where(Loan.start_at < during.end, Loan.end_at > during.start)
    )
    if besides is not None:
        query = query.where(Loan.reservation_id != besides)
    changes: dict[int, list[tuple[datetime, int]]] = {}
    for equipment_id, count, start, end in session.execute(query):
        changes.setdefault(equipment_id, []).extend([(start, count), (end, -count)])
    most: dict[int, int] = {}
    for equipment_id, moments in changes.items():
        out = 0
        for _moment, change in sorted(moments):  # what comes back at a moment is there for who borrows at it
            out += change
            most[equipment_id] = max(most.get(equipment_id, 0), out)
    return most
