"""What booking hears from the others: the spaces of maps, of which it keeps projections, and the notices of grants,
which it puts into people's inboxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from services.booking import conflicts, messages, occupancy
from services.booking.models import LIVE, Atom, Base, FindableUnit, Reservation, Space, Unit, unit_atom
from services.booking.search import findable
from services.booking.units import atoms_of
from shared.bus.events import Event, Handlers
from shared.bus.outbox import REBUILDING


def on_space_changed(session: Session, event: Event) -> None:
    """Take over a space's whole state. A unit that is no longer named becomes inactive; reservations stay."""
    facts = event.payload
    _put(session, Space, facts["space_id"], facts)
    named = {unit["unit_id"]: unit for unit in facts["units"]}
    wanted = select(Unit).where((Unit.space_id == facts["space_id"]) | Unit.id.in_(named))
    known = {unit.id for unit in session.scalars(wanted.order_by(Unit.id).with_for_update(of=Unit))}
    for unit_id, unit in sorted(named.items()):
        _put(session, Unit, unit_id, {**unit, "space_id": facts["space_id"]})
    for unit_id in known - named.keys():
        session.get_one(Unit, unit_id).active = False
    session.flush()
    _regroup(session, {unit_id: unit["atoms"] for unit_id, unit in named.items()}, event.occurred_at)
    findable.refresh(session, known | named.keys())


def on_notice_told(session: Session, event: Event) -> None:
    """Put what grants tells somebody into their inbox. `event` is what the message is forgotten by (`retention`).

    It is an effect, as a mail is: a rebuild neither takes messages away nor tells anything twice.
    """
    if session.info.get(REBUILDING):
        return
    told = event.payload
    words = {name: told[name] for name in ("subject_ko", "body_ko", "subject_en", "body_en", "path")}
    facts = {**words, "service": event.source, "event": event.id, "about": told["kind"]}
    messages.tell(session, told["account_id"], "grants_notice", told["told_at"], **facts)


HANDLERS: Handlers = {"maps.space.changed": on_space_changed, "grants.notice.told": on_notice_told}

PROJECTIONS: tuple[Table, ...] = (
    FindableUnit.__table__,  # type: ignore[assignment]
    unit_atom,
    Base.metadata.tables["unit"],
    Base.metadata.tables["space"],
)
"""What a rebuild drops, children first. Atoms stay: reservations hold their numbers."""


def _put(session: Session, model: type[Base], key: int, facts: Mapping[str, Any]) -> None:
    columns = {name: facts[name] for name in model.__table__.columns.keys() if name in facts}  # noqa: SIM118
    row = session.get(model, key)
    if row is None:
        session.add(model(id=key, **columns))
        return
    for name, value in columns.items():
        setattr(row, name, value)


def _regroup(session: Session, keys: Mapping[int, Sequence[str]], since: datetime) -> None:
    """Bring the units to these atoms, and let their coming reservations hold the new ones too.

    Where a new atom is another's at that time, both keep what they have, and the keeper is told (`conflicts.py`).
    """
    ids = _numbered(session, {key for each in keys.values() for key in each})
    before = atoms_of(session, keys)
    after = {unit_id: {ids[key] for key in each} for unit_id, each in keys.items()}
    changed = {unit_id: after[unit_id] for unit_id in keys if before[unit_id] != after[unit_id]}
    if not changed:
        return
    occupancy.lock_atoms(session, set().union(*changed.values(), *(before[unit_id] for unit_id in changed)))
    session.execute(delete(unit_atom).where(unit_atom.c.unit_id.in_(changed)))
    rows = [{"unit_id": unit_id, "atom_id": atom} for unit_id, atoms in changed.items() for atom in sorted(atoms)]
    if rows:
        session.execute(insert(unit_atom), rows)
    if session.info.get(REBUILDING):
        return  # reservations are no projection: they took the atoms when the event first came
    coming = select(Reservation).where(
        Reservation.unit_id.in_(changed), Reservation.status.in_(LIVE), Reservation.end_at > since
    )
    for reservation in session.scalars(coming.order_by(Reservation.id)):
        if others := occupancy.extend(session, reservation, changed[reservation.unit_id]):
            conflicts.note(session, reservation, others, since)


def _numbered(session: Session, keys: set[str]) -> dict[str, int]:
    """The number of each atom key; a new key gets one."""
    known = {atom.key: atom.id for atom in session.scalars(select(Atom).where(Atom.key.in_(keys)))}
    for key in sorted(keys - known.keys()):
        atom = Atom(key=key)
        session.add(atom)
        session.flush()
        known[key] = atom.id
    return known
