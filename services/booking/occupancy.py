"""Who holds which atom when. The only module that writes the table `occupancy` (invariant 1).

In a race the losers wait at the atoms' rows, which everybody locks in the same order, and then see what the winner
took: a clean refusal, never a deadlock. The database's own guard stands behind it all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from services.booking.models import Atom, Occupancy, Reservation, Unit, unit_atom
from services.booking.rules.interval import Interval
from shared.refusal import Refusal


@dataclass(frozen=True)
class Taken:
    """A time that is held, by which reservation of whom."""

    during: Interval
    reservation_id: int
    account_id: int


def lock(session: Session, unit_id: int) -> tuple[Unit, list[int]]:
    """Lock a unit's atoms in sorted order; the unit and its atoms' ids. Raises Refusal unit_not_found (404).

    The unit's row is shared-locked first, so that its atoms cannot be changed meanwhile (`events.py` locks in the same
    order). On SQLite the transaction itself is the lock.
    """
    wanted = select(Unit).where(Unit.id == unit_id).with_for_update(read=True, of=Unit)
    unit = session.scalar(wanted.execution_options(populate_existing=True))
    if unit is None:
        raise Refusal("unit_not_found", 404)
    atoms = session.scalars(select(unit_atom.c.atom_id).where(unit_atom.c.unit_id == unit_id))
    return unit, lock_atoms(session, atoms)


def lock_atoms(session: Session, atom_ids: Iterable[int]) -> list[int]:
    """Lock these atoms' rows in sorted order."""
    wanted = select(Atom.id).where(Atom.id.in_(list(atom_ids))).order_by(Atom.id).with_for_update()
    return list(session.scalars(wanted))


def taken(session: Session, atom_ids: Iterable[int], window: Interval) -> dict[int, list[Taken]]:
    """What is held of each atom in the window, in order of time, in one query; atoms that are free are missing."""
    found: dict[int, list[Taken]] = {}
    rows = session.execute(
        select(Occupancy.atom_id, Occupancy.start_at, Occupancy.end_at, Reservation.id, Reservation.account_id)
        .join(Reservation, Reservation.id == Occupancy.reservation_id)
        .where(Occupancy.atom_id.in_(list(atom_ids)), Occupancy.start_at < window.end, Occupancy.end_at > window.start)
        .order_by(Occupancy.start_at)
    )
    for atom_id, start, end, reservation_id, account_id in rows:
        found.setdefault(atom_id, []).append(Taken(Interval(start, end), reservation_id, account_id))
    return found


def occupy(session: Session, reservation: Reservation, atom_ids: Iterable[int]) -> None:
    """Keep a reservation and take locked atoms for it. Raises Refusal slot_taken (409), and writes nothing then."""
    wanted = list(atom_ids)
    if not wanted or taken(session, wanted, reservation.during):
        raise Refusal("slot_taken", 409)
    session.add(reservation)
    session.flush()
    during = {"start_at": reservation.start_at, "end_at": reservation.end_at}
    rows = [{"atom_id": atom_id, "reservation_id": reservation.id, **during} for atom_id in wanted]
    session.execute(insert(Occupancy), rows)


def extend(session: Session, reservation: Reservation, atom_ids: Iterable[int]) -> None:
    """Its unit has new atoms: take those that are free (the others are held already, so nobody else gets them)."""
    wanted = set(atom_ids)
    if free := wanted - taken(session, wanted, reservation.during).keys():
        occupy(session, reservation, sorted(free))


def release(session: Session, reservation: Reservation) -> None:
    """Give back whatever a reservation holds."""
    session.execute(delete(Occupancy).where(Occupancy.reservation_id == reservation.id))
