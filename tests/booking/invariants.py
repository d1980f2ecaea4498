"""What must be true of booking's tables whatever happened (the design's invariants 1, 2, 3, 5, 11 and 14), read with
plain SQL and told from nothing that the code under test computes."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

from sqlalchemy import select

from services.booking.models import AUDIT, LIVE, Base, Occupancy, Reservation, unit_atom
from shared.database import Database

OUTBOX = Base.metadata.tables["outbox"]


def broken(database: Database, *, torn: bool = False) -> list[str]:
    """A sentence for each thing that is not as it must be; none when all is well.

    `torn`: rooms were regrouped while reservations lay in their future, so that one of them may hold more or fewer
    atoms than its unit has today.
    """
    with database.read() as session:
        reservations = {each.id: each for each in session.scalars(select(Reservation))}
        held = session.scalars(select(Occupancy).order_by(Occupancy.atom_id, Occupancy.start_at)).all()
        atoms = defaultdict(set)
        for unit_id, atom_id in session.execute(select(unit_atom)):
            atoms[unit_id].add(atom_id)
        audited = session.scalars(select(AUDIT.c.subject)).all()
        told = session.execute(select(OUTBOX.c.aggregate, OUTBOX.c.sequence).order_by(OUTBOX.c.id)).all()
    found = []
    for one, other in pairwise(held):
        if one.atom_id == other.atom_id and one.end_at > other.start_at:
            found.append(f"atom {one.atom_id}: {one.reservation_id} and {other.reservation_id} overlap")
    for one in held:
        for other in held:
            if (
                one.atom_id == other.atom_id
                and one.reservation_id != other.reservation_id
                and (one.guard_start < other.end_at and other.start_at < one.guard_end)
                and not torn
            ):
                found.append(f"atom {one.atom_id}: {other.reservation_id} lies in the buffer of {one.reservation_id}")
    holding = defaultdict(set)
    for row in held:
        reservation = reservations[row.reservation_id]
        holding[row.reservation_id].add(row.atom_id)
        if (row.start_at, row.end_at) != (reservation.start_at, reservation.end_at):
            found.append(f"{reservation.id} is held at another time than its own")
    for number, reservation in reservations.items():
        if reservation.status not in LIVE and holding[number]:
            found.append(f"{number} is {reservation.status} and still holds {holding[number]}")
        if reservation.status in LIVE and not torn and holding[number] != atoms[reservation.unit_id]:
            found.append(f"{number} holds {holding[number]} instead of {atoms[reservation.unit_id]}")
        if reservation.status in LIVE and not holding[number]:
            found.append(f"{number} is {reservation.status} and holds nothing")
        if not reservation.series_id and f"reservation:{number}" not in audited:
            found.append(f"nobody knows who made {number}")
    keys = Counter((each.account_id, each.idempotency_key) for each in reservations.values())
    found += [f"key {key} was used {count} times" for key, count in keys.items() if count > 1]
    sequences = defaultdict(list)
    for aggregate, sequence in told:
        sequences[aggregate].append(sequence)
    for aggregate, numbers in sequences.items():
        if numbers != list(range(1, len(numbers) + 1)):
            found.append(f"the events of {aggregate} are numbered {numbers}")
    return found
