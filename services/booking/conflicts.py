"""Reservations that meet since the rooms were divided or joined anew: noted when it happens, shown until it is settled.

Nobody loses anything by itself. The keeper speaks with both and moves or cancels one; then the conflict is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from services.booking.askers import runs_space
from services.booking.managing import managed
from services.booking.models import AUDIT, LIVE, AtomConflict, Occupancy, Reservation, Space
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal

MOST_SHOWN = 200


@dataclass(frozen=True)
class Conflict:
    """Two live reservations that need the same part of a building at the same time."""

    reservation: Reservation
    other: Reservation
    found_at: datetime


def note(session: Session, reservation: Reservation, atom_ids: Iterable[int], now: datetime) -> None:
    """These atoms, new to the reservation's unit, are others' meanwhile. Whose, is kept and audited; twice is once."""
    holders = (
        select(Occupancy.reservation_id)
        .where(Occupancy.atom_id.in_(list(atom_ids)), Occupancy.reservation_id != reservation.id)
        .where(Occupancy.start_at < reservation.end_at, Occupancy.end_at > reservation.start_at)
        .distinct()
    )
    for other_id in sorted(session.scalars(holders)):
        if session.get(AtomConflict, (reservation.id, other_id)) is not None:
            continue
        session.execute(
            insert(AtomConflict).values(
                reservation_id=reservation.id, other_id=other_id, space_id=reservation.space_id, found_at=now
            )
        )
        subject = f"reservation:{reservation.id}"
        record(session, AUDIT, SYSTEM, now, "reservation.conflict_found", subject, {"other": other_id})


def of(database: Database, actor: Actor, now: datetime) -> list[Conflict]:
    """The conflicts to settle where the actor runs the space, soonest first; who looked is recorded (invariant 14)."""
    one, other = aliased(Reservation), aliased(Reservation)
    wanted = _open(now, one, other, one, other, AtomConflict.found_at).order_by(one.start_at, one.id).limit(MOST_SHOWN)
    with database.read() as session:
        rows = session.execute(wanted.where(managed(actor))).all()
    found = [Conflict(*row) for row in rows]
    if found:
        with database.write() as session:
            both = {each.id: each.space_id for row in found for each in (row.reservation, row.other)}
            for seen in sorted(set(both.values())):  # each space's trail tells who looked at its people
                ids = sorted(key for key, space_id in both.items() if space_id == seen)
                record(session, AUDIT, actor, now, "conflicts.viewed", f"space:{seen}", {"reservations": ids})
    return found


def count(database: Database, actor: Actor, now: datetime) -> int:
    """How many conflicts wait for this actor; one query."""
    one, other = aliased(Reservation), aliased(Reservation)
    with database.read() as session:
        return session.scalar(_open(now, one, other, func.count()).where(managed(actor))) or 0


def settle(database: Database, actor: Actor, now: datetime, reservation_id: int, other_id: int) -> None:
    """The keeper has spoken with both, and both may stay (two groups that share a room after all). Twice is once.

    Raises Refusal: conflict_not_found (404), not_allowed (403).
    """
    with database.write() as session:
        found = session.get(AtomConflict, (reservation_id, other_id), with_for_update=True)
        space = session.get(Space, found.space_id) if found else None
        if found is None or space is None:
            raise Refusal("conflict_not_found", 404)
        if not runs_space(actor, space):
            raise Refusal("not_allowed", 403)
        if found.settled_at is None:
            found.settled_at = now
            subject = f"reservation:{reservation_id}"
            record(session, AUDIT, actor, now, "reservation.conflict_settled", subject, {"other": other_id})


def _open(now: datetime, one: type[Reservation], other: type[Reservation], *columns: object) -> Select:
    """Conflicts nobody settled, of reservations that are both live, not over, and still meet."""
    return (
        select(*columns)  # type: ignore[call-overload]
        .select_from(AtomConflict)
        .join(one, one.id == AtomConflict.reservation_id)
        .join(other, other.id == AtomConflict.other_id)
        .join(Space, Space.id == AtomConflict.space_id)
        .where(AtomConflict.settled_at.is_(None), _still(now))
    )


def _still(now: datetime) -> ColumnElement[bool]:
    """Both are live and still meet. Asked of each conflict in turn: as conditions of the joins they would lead SQLite
    to try every live reservation with every other."""
    one, other = aliased(Reservation), aliased(Reservation)
    return exists().where(
        one.id == AtomConflict.reservation_id,
        other.id == AtomConflict.other_id,
        one.status.in_(LIVE),
        other.status.in_(LIVE),
        one.end_at > now,
        one.start_at < other.end_at,
        other.start_at < one.end_at,
    )
