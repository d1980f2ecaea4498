"""Who holds which atom when. The only module that writes the table `occupancy` (invariant 1).

In a race the losers wait at the atoms' rows, which everybody locks in the same order, and then see what the winner
took: a clean refusal, never a deadlock. The database's own guard stands behind it all.

Everybody locks in this order: units, atoms, person, group, series, reservations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, inspect, select, update
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from services.booking.models import Atom, Occupancy, Reservation, Unit, unit_atom
from services.booking.rules.interval import Interval
from shared.refusal import Refusal

FREED = "booking_freed"
GUARD_REACH = timedelta(days=1)
"""Further than any buffer goes (`rules/settings.py`), so that the index over starts can be asked."""

# The statements that every reservation needs are made once: making one costs three times what running it does.
_ATOM, _HELD, _MADE = Atom.__table__.c, Occupancy.__table__.c, Reservation.__table__.c
_LOCK_UNITS = (
    select(Unit)
    .where(Unit.id.in_(bindparam("ids", expanding=True)))
    .order_by(Unit.id)
    .with_for_update(read=True, of=Unit)
    .execution_options(populate_existing=True)
)
_LOCK_ATOMS_OF = (
    select(unit_atom.c.unit_id, _ATOM.id)
    .join(Atom.__table__, _ATOM.id == unit_atom.c.atom_id)
    .where(unit_atom.c.unit_id.in_(bindparam("ids", expanding=True)))
    .order_by(_ATOM.id)
    .with_for_update(of=Atom.__table__)
)
_TAKEN = (
    select(
        _HELD.atom_id,
        _HELD.start_at,
        _HELD.end_at,
        _HELD.guard_start,
        _HELD.guard_end,
        _MADE.id,
        _MADE.account_id,
        _MADE.kind,
        _MADE.status,
    )
    .join(Reservation.__table__, _MADE.id == _HELD.reservation_id)
    .where(
        _HELD.atom_id.in_(bindparam("atoms", expanding=True)),
        _HELD.start_at < bindparam("reach"),
        _HELD.guard_start < bindparam("end"),
        _HELD.guard_end > bindparam("start"),
    )
    .order_by(_HELD.start_at)
)
_STORE = insert(Reservation.__table__).returning(_MADE.id)  # type: ignore[arg-type]
_COLUMNS = tuple(column.key for column in Reservation.__table__.columns if column.key != "id")
_HOLD = insert(Occupancy.__table__).inline()  # type: ignore[arg-type]


@dataclass(frozen=True)
class Taken:
    """A time that is held, by which reservation of whom; `guarded` adds the buffers around it."""

    during: Interval
    reservation_id: int
    account_id: int
    guarded: Interval
    kind: str = "visit"
    status: str = "confirmed"


@dataclass(frozen=True)
class Freed:
    """A time that atoms were given back in this transaction; `unit_id` is what had been reserved."""

    unit_id: int
    atom_ids: tuple[int, ...]
    during: Interval


@dataclass(frozen=True)
class Locked:
    """A unit whose atoms this transaction has locked."""

    unit: Unit
    atom_ids: tuple[int, ...]


def lock(session: Session, unit_id: int) -> Locked:
    """Lock a unit's atoms in sorted order. Raises Refusal unit_not_found (404).

    The unit's row is shared-locked first, so that its atoms cannot be changed meanwhile (`events.py` locks in the same
    order). On SQLite the transaction itself is the lock.
    """
    return lock_units(session, [unit_id])[unit_id]


def lock_units(session: Session, unit_ids: Iterable[int]) -> dict[int, Locked]:
    """The same for several units at once, in one order over all their atoms."""
    wanted = sorted(set(unit_ids))
    units = {unit.id: unit for unit in session.scalars(_LOCK_UNITS, {"ids": wanted})}
    if len(units) < len(wanted):
        raise Refusal("unit_not_found", 404)
    atoms: dict[int, list[int]] = {unit_id: [] for unit_id in wanted}
    for unit_id, atom_id in session.connection().execute(_LOCK_ATOMS_OF, {"ids": wanted}):
        atoms[unit_id].append(atom_id)
    return {unit_id: Locked(units[unit_id], tuple(atoms[unit_id])) for unit_id in wanted}


def lock_atoms(session: Session, atom_ids: Iterable[int]) -> list[int]:
    """Lock these atoms' rows in sorted order."""
    wanted = select(Atom.id).where(Atom.id.in_(list(atom_ids))).order_by(Atom.id).with_for_update()
    return list(session.scalars(wanted))


def taken(session: Session, atom_ids: Iterable[int], window: Interval) -> dict[int, list[Taken]]:
    """What is held of each atom in the window (buffers included), in order of time, in one query; free atoms are
    missing."""
    found: dict[int, list[Taken]] = {}
    bounds = {"atoms": list(atom_ids), "start": window.start, "end": window.end, "reach": window.end + GUARD_REACH}
    rows = session.connection().execute(_TAKEN, bounds)
    for atom_id, start, end, guard_start, guard_end, reservation_id, account_id, kind, status in rows:
        held = Taken(Interval(start, end), reservation_id, account_id, Interval(guard_start, guard_end), kind, status)
        found.setdefault(atom_id, []).append(held)
    return found


def blocked(held: Iterable[Taken], before: timedelta, after: timedelta) -> list[Interval]:
    """The times in which no reservation of a unit with these buffers may lie: what is held with its own buffers, and
    with those of the unit around it."""
    return [
        Interval(min(each.guarded.start, each.during.start - after), max(each.guarded.end, each.during.end + before))
        for each in held
    ]


def conflicts(held: Iterable[Taken], during: Interval, before: timedelta, after: timedelta) -> list[Taken]:
    """What of the held speaks against a reservation with these buffers: buffers may overlap one another, but no
    reservation."""
    guarded = Interval(during.start - before, during.end + after)
    return [each for each in held if each.guarded.overlaps(during) or each.during.overlaps(guarded)]


def conflicts_of(session: Session, locked: Locked, during: Interval, but: Iterable[int] = ()) -> list[Taken]:
    """The same read from the database under the lock; reservations of the ids in `but` don't count."""
    before, after = _buffers(locked.unit)
    held = taken(session, locked.atom_ids, Interval(during.start - before, during.end + after))
    others = {each.reservation_id: each for atom in held.values() for each in atom}
    return conflicts([each for key, each in others.items() if key not in set(but)], during, before, after)


def occupy(session: Session, reservation: Reservation, locked: Locked, seen: bool | None = None) -> None:
    """Keep a reservation and take the unit's locked atoms for it; `seen`: whether somebody was seen in its way, where
    that was looked at under this lock. Raises Refusal slot_taken (409), and writes nothing then."""
    if seen is None:
        seen = bool(conflicts_of(session, locked, reservation.during))
    if not locked.atom_ids or seen:
        raise Refusal("slot_taken", 409)
    hold(session, [reservation], locked)


def hold(session: Session, reservations: Sequence[Reservation], locked: Locked) -> None:
    """Keep reservations that were found free under this lock and take the atoms for them; the database's own guard is
    the only check."""
    _store(session, reservations)
    before, after = _buffers(locked.unit)
    rows = [
        {**_times(each, before, after), "atom_id": atom_id, "reservation_id": each.id}
        for each in reservations
        for atom_id in locked.atom_ids
    ]
    session.connection().execute(_HOLD, rows)


def _store(session: Session, reservations: Sequence[Reservation]) -> None:
    """Insert those that are new. One alone, as nearly every one is, past the session's own bookkeeping of many kinds of
    objects, which takes longer than all else that a reservation needs."""
    if len(reservations) > 1 or inspect(reservations[0]).has_identity:
        session.add_all(reservations)
        session.flush()
        return
    (reservation,) = reservations
    values = {name: getattr(reservation, name) for name in _COLUMNS}
    reservation.id = session.connection().execute(_STORE, values).scalar_one()
    make_transient_to_detached(reservation)
    for name, value in values.items():
        set_committed_value(reservation, name, value)
    session.add(reservation)


def move(session: Session, reservation: Reservation, locked: Locked) -> None:
    """Hold the reservation's present time and unit instead of what it held. Raises Refusal slot_taken (409); the
    caller's transaction must then be rolled back."""
    session.flush()
    release(session, reservation)
    if not locked.atom_ids or conflicts_of(session, locked, reservation.during, but=[reservation.id]):
        raise Refusal("slot_taken", 409)
    hold(session, [reservation], locked)


def extend(session: Session, reservation: Reservation, atom_ids: Iterable[int]) -> set[int]:
    """Its unit has new atoms: take those that are free; the ids of those that somebody else holds then."""
    wanted = set(atom_ids)
    held = taken(session, wanted, reservation.during)
    other = {
        atom_id
        for atom_id, each in held.items()
        if any(one.reservation_id != reservation.id and one.during.overlaps(reservation.during) for one in each)
    }
    own = {atom_id for atom_id, each in held.items() if any(one.reservation_id == reservation.id for one in each)}
    if free := wanted - other - own:
        before, after = _buffers(reservation.unit)
        times = _times(reservation, before, after)
        rows = [{**times, "atom_id": atom_id, "reservation_id": reservation.id} for atom_id in sorted(free)]
        session.execute(insert(Occupancy), rows)
    return other


def release(session: Session, reservation: Reservation, since: datetime | None = None) -> None:
    """Give back what a reservation holds, all of it or from `since` on, and note it for the line."""
    own = Occupancy.reservation_id == reservation.id
    held = session.execute(select(Occupancy.atom_id, Occupancy.start_at, Occupancy.end_at).where(own)).all()
    if not held:
        return
    start, end = held[0].start_at, held[0].end_at
    if since is not None and since >= end:
        return
    if since is not None and since > start:
        session.execute(update(Occupancy).where(own).values(end_at=since, guard_end=since))
        start = since
    else:
        session.execute(delete(Occupancy).where(own))
    freed: list[Freed] = session.info.setdefault(FREED, [])
    freed.append(Freed(reservation.unit_id, tuple(sorted(row.atom_id for row in held)), Interval(start, end)))


def _buffers(unit: Unit) -> tuple[timedelta, timedelta]:
    policy = unit.policy
    return policy.buffer_before, policy.buffer_after


def _times(reservation: Reservation, before: timedelta, after: timedelta) -> dict[str, Any]:
    return {
        "start_at": reservation.start_at,
        "end_at": reservation.end_at,
        "guard_start": reservation.start_at - before,
        "guard_end": reservation.end_at + after,
    }
