"""What is freed goes to the next in line, held until they take it; what they don't take goes on.

`settle` runs at the end of the very transaction that frees time, so that nobody who passes by comes before the line.
The `tick` takes back offers that ran out, and the `sweep` looks for wishes that have come free in any other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from services.booking import askers, equipment, messages, occupancy, pricing, schedules, transitions
from services.booking.models import AUDIT, Atom, Occupancy, Reservation, Unit, Waiting, unit_atom
from services.booking.occupancy import FREED, Freed, Locked, Taken
from services.booking.rules import policy
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.rules.settings import BOUNDS
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor, Role
from shared.refusal import Refusal
from shared.settings import Settings

WIDEST_BUFFER = max(BOUNDS["buffer_before"][1], BOUNDS["buffer_after"][1])
AT_ONCE = 50
"""So many wishes one round of a task looks at."""


def settle(session: Session, now: datetime) -> None:
    """Offer what this transaction has freed to the line, under its locks.

    A wish may need atoms that this transaction has not locked (the whole house, when a room is freed). They are locked
    only if that takes no waiting; otherwise nothing more is offered here, and the sweep does it in the usual order of
    locks within seconds: never a deadlock, and never past somebody who came earlier.
    """
    freed: list[Freed] = session.info.pop(FREED, None) or []
    line = _line(session, now, freed) if freed else []
    if not line:
        return
    locked = _lock_at_once(session, {unit_id for _id, unit_id in line})
    query = select(Waiting).where(Waiting.id.in_([waiting_id for waiting_id, _unit in line]))
    query = query.where(Waiting.status == "waiting").order_by(Waiting.id)
    wishes = session.scalars(query.execution_options(populate_existing=True)).all()
    held = _held(session, locked.values(), wishes)
    for waiting in wishes:
        place = locked.get(waiting.unit_id)
        if place is None:
            return
        before, after = place.unit.policy.buffer_before, place.unit.policy.buffer_after
        there = [each for atom_id in place.atom_ids for each in held.get(atom_id, ())]
        if not place.atom_ids or occupancy.conflicts(there, waiting.during, before, after):
            continue
        if offer := _offer(session, now, waiting, place):
            guarded = Interval(offer.start_at - before, offer.end_at + after)
            taken = Taken(offer.during, offer.id, offer.account_id, guarded)
            for atom_id in place.atom_ids:
                held.setdefault(atom_id, []).append(taken)


def pass_on(session: Session, actor: Actor, now: datetime, waiting: Waiting, offer: Reservation, status: str) -> None:
    """An offer that was declined or missed ends; its time is free for `settle` to offer again."""
    waiting.status, waiting.ended_at = status, now
    transitions.end(session, actor, now, offer, "lapsed")


def wish_of(waiting: Waiting) -> Wish:
    """The same as a wish that the rules can check."""
    wanted = {int(key): count for key, count in waiting.equipment.items()}
    return Wish(waiting.during, waiting.people, waiting.purpose, waiting.group_name, waiting.group_id, wanted)


def facts(waiting: Waiting, unit: Unit) -> dict[str, Any]:
    """What messages about a wish tell."""
    return {
        "waiting_id": waiting.id,
        "unit": unit.name,
        "space": unit.space.name,
        "start": waiting.start_at.isoformat(),
        "end": waiting.end_at.isoformat(),
        "zone": unit.space.zone,
    }


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Take back offers that ran out and end wishes whose time has come; True when more is waiting."""
    offer_over = and_(
        Waiting.status == "offered",
        or_(Reservation.held_until <= now, Reservation.status.not_in(("offered",))),
    )
    too_late = and_(Waiting.status == "waiting", Waiting.start_at <= now)
    due = (
        select(Waiting.id, Waiting.unit_id)
        .join(Reservation, Reservation.id == Waiting.reservation_id, isouter=True)
        .where(or_(offer_over, too_late))
        .order_by(Waiting.id)
        .limit(AT_ONCE)
    )
    with database.read() as session:
        found = [(waiting_id, unit_id) for waiting_id, unit_id in session.execute(due)]
    for waiting_id, unit_id in found:
        with database.write() as session:
            occupancy.lock(session, unit_id)
            _end_if_over(session, now, waiting_id)
            settle(session, now)
    return len(found) == AT_ONCE


def sweep(database: Database, settings: Settings, now: datetime) -> None:
    """Offer what is free although somebody waits for it: other hours, a room that came back, a lock that was held."""
    taken = exists().where(
        Occupancy.atom_id == unit_atom.c.atom_id,
        unit_atom.c.unit_id == Waiting.unit_id,
        Occupancy.start_at < Waiting.end_at,
        Occupancy.end_at > Waiting.start_at,
    )
    free = select(Waiting.id, Waiting.unit_id).where(Waiting.status == "waiting", Waiting.start_at > now, ~taken)
    with database.read() as session:
        found = [(waiting_id, unit_id) for waiting_id, unit_id in session.execute(free.order_by(Waiting.id))]
    for waiting_id, unit_id in found:
        with database.write() as session:
            locked = occupancy.lock(session, unit_id)
            waiting = session.get_one(Waiting, waiting_id)
            session.info[FREED] = [Freed(unit_id, locked.atom_ids, waiting.during)]
            settle(session, now)


def _line(session: Session, now: datetime, freed: Sequence[Freed]) -> list[tuple[int, int]]:
    """(id, unit id) of the wishes that might now fit, in the order of the line."""
    near = [
        and_(
            unit_atom.c.atom_id.in_(each.atom_ids),
            Waiting.start_at < each.during.end + WIDEST_BUFFER,
            Waiting.end_at > each.during.start - WIDEST_BUFFER,
        )
        for each in freed
    ]
    query = (
        select(Waiting.id, Waiting.unit_id)
        .join(unit_atom, unit_atom.c.unit_id == Waiting.unit_id)
        .where(Waiting.status == "waiting", Waiting.start_at > now, or_(*near))
        .distinct()
        .order_by(Waiting.id)
    )
    return [(waiting_id, unit_id) for waiting_id, unit_id in session.execute(query)]


def _lock_at_once(session: Session, unit_ids: Iterable[int]) -> dict[int, Locked]:
    """The units of which everything could be locked without waiting for anybody."""
    wanted = sorted(unit_ids)
    units = select(Unit).where(Unit.id.in_(wanted)).with_for_update(read=True, of=Unit, skip_locked=True)
    pairs = select(unit_atom.c.unit_id, unit_atom.c.atom_id).where(unit_atom.c.unit_id.in_(wanted))
    of_unit: dict[int, list[int]] = {}
    found = {unit.id: unit for unit in session.scalars(units.execution_options(populate_existing=True))}
    for unit_id, atom_id in session.execute(pairs.order_by(unit_atom.c.atom_id)):
        of_unit.setdefault(unit_id, []).append(atom_id)
    atoms = {atom_id for unit_id in found for atom_id in of_unit.get(unit_id, ())}
    free = select(Atom.id).where(Atom.id.in_(atoms)).order_by(Atom.id).with_for_update(skip_locked=True)
    got = set(session.scalars(free))
    return {
        unit_id: Locked(unit, tuple(of_unit.get(unit_id, ())))
        for unit_id, unit in found.items()
        if got.issuperset(of_unit.get(unit_id, ()))
    }


def _held(session: Session, locked: Iterable[Locked], wishes: Sequence[Waiting]) -> dict[int, list[Taken]]:
    if not wishes:
        return {}
    start, end = min(each.start_at for each in wishes), max(each.end_at for each in wishes)
    atoms = {atom_id for each in locked for atom_id in each.atom_ids}
    return occupancy.taken(session, atoms, Interval(start - WIDEST_BUFFER, end + WIDEST_BUFFER))


def _offer(session: Session, now: datetime, waiting: Waiting, locked: Locked) -> Reservation | None:
    """Hold the time for this wish, or None when it could not be reserved just now."""
    wish, unit = wish_of(waiting), locked.unit
    whose = Actor(waiting.account_id, roles=frozenset({Role.RESIDENT}))
    try:
        asker = askers.asker(session, whose, unit, wish.during, wish.group_id, lock=False)
    except Refusal:  # no longer of that group
        return None
    place = schedules.place_of(session, unit, wish.during)
    if any(policy.problems(place, wish, now, asker)):
        return None
    lent = equipment.items(session, unit, wish.equipment)
    price = pricing.quote(unit, wish.during, asker, place.schedule, lent)
    until = min(now + unit.policy.offer, waiting.start_at)
    key = f"waitlist:{waiting.id}:{token_hex(8)}"  # nobody has used what nobody can guess
    offer = transitions.draft(
        locked,
        account_id=waiting.account_id,
        wish=wish,
        status="offered",
        now=now,
        key=key,
        price=price,
        held_until=until,
    )
    transitions.place(session, SYSTEM, now, locked, offer, tell=None)
    waiting.status, waiting.reservation_id = "offered", offer.id
    messages.tell(session, waiting.account_id, "waitlist_offered", now, until=until.isoformat(), **facts(waiting, unit))
    return offer


def _end_if_over(session: Session, now: datetime, waiting_id: int) -> None:
    """Behind the lock of the unit: whatever has to end of this wish."""
    query = select(Waiting).where(Waiting.id == waiting_id).with_for_update(of=Waiting)
    waiting = session.scalars(query.execution_options(populate_existing=True)).one()
    if waiting.status == "waiting" and waiting.start_at <= now:
        waiting.status, waiting.ended_at = "expired", now
        told = "waitlist_expired"
    elif waiting.status == "offered":
        offer = session.get_one(Reservation, waiting.reservation_id, with_for_update={"of": Reservation})
        if offer.status == "offered" and offer.held_until and offer.held_until <= now:
            pass_on(session, SYSTEM, now, waiting, offer, "missed")
            told = "waitlist_missed"
        elif offer.status != "offered":  # cancelled by its owner or the space like any other reservation
            waiting.status, waiting.ended_at, told = "declined", now, None
        else:
            return
    else:
        return
    record(session, AUDIT, SYSTEM, now, f"waitlist.{waiting.status}", f"waiting:{waiting.id}")
    if told:
        messages.tell(session, waiting.account_id, told, now, **facts(waiting, waiting.unit))
