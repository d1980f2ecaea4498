"""What people do with reservations: make, see, change, cancel. Each use case is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from services.booking import equipment, occupancy, payment, schedules, transitions
from services.booking.askers import asker, runs_space
from services.booking.glance import glance
from services.booking.models import AUDIT, KEY_LENGTH, LIVE, Reservation
from services.booking.occupancy import Locked
from services.booking.pricing import quote, requote
from services.booking.rules import policy
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.rules.schedule import Schedule
from services.booking.waitlist import changing
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Mine:
    """Somebody's reservations: what is still to come (soonest first), what is over or cancelled (latest first)."""

    upcoming: list[Reservation]
    past: list[Reservation]


def reserve(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    unit_id: int,
    start: datetime,
    end: datetime,
    people: int,
    purpose: str,
    group_name: str | None = None,
    group_id: int | None = None,
    equipment: Mapping[int, int] | None = None,
    idempotency_key: str,
) -> Reservation:
    """Reserve a unit during [start, end), or ask for it where a keeper approves. The same key again gives the same
    reservation (invariant 5).

    Raises Refusal: slot_taken (409), idempotency_key_reused (409), unit_not_found (404), and 422 for each rule of
    `rules/policy.py`.
    """
    wish = Wish(
        _instants(start, end), people, purpose.strip(), (group_name or "").strip() or None, group_id, equipment or {}
    )
    with database.write() as session:
        return reserve_in(session, actor, now, unit_id, wish, idempotency_key)


def reserve_in(
    session: Session, actor: Actor, now: datetime, unit_id: int, wish: Wish, idempotency_key: str
) -> Reservation:
    """The same inside a transaction of the caller's; a refusal before the database's own guard has written nothing."""
    account_id = signed_in(actor)
    if not 0 < len(idempotency_key) <= KEY_LENGTH:
        raise Refusal("idempotency_key_needed", 422)
    locked = occupancy.lock(session, unit_id)
    unit = locked.unit
    # Behind the lock: the other half of a double click has finished by now and is seen.
    seen = glance(session, account_id, idempotency_key, locked, wish.during)
    if seen.made:
        return _the_same(session.get_one(Reservation, seen.made), unit_id, wish)
    place = (
        schedules.place_of(session, unit, wish.during)
        if seen.special
        else schedules.as_place(unit, Schedule(unit.opening, unit.zone))
    )
    who = asker(session, actor, unit, wish.during, wish.group_id, lives_in=seen.district)
    policy.check(place, wish, now, who)
    asks = policy.needs_approval(place.policy, who)
    reservation = transitions.draft(
        locked,
        account_id=account_id,
        wish=wish,
        status="requested" if asks else "confirmed",
        now=now,
        key=idempotency_key,
        price=quote(unit, wish.during, who, place.schedule, equipment.items(session, unit, wish.equipment)),
    )
    tell = "reservation_requested" if asks else "reservation_confirmed"
    transitions.place(session, actor, now, locked, reservation, tell, seen.taken)
    equipment.lend(session, reservation, unit, wish.equipment)
    return reservation


def change(
    database: Database,
    actor: Actor,
    now: datetime,
    reservation_id: int,
    *,
    unit_id: int,
    start: datetime,
    end: datetime,
    people: int,
    purpose: str,
) -> Reservation:
    """Bring a coming reservation to another unit, time, number or purpose; refused, it stays what it was.

    Raises Refusal: as `reserve`, and reservation_not_found (404), not_allowed (403), not_changeable or already_started
    (409).
    """
    with changing(database, now) as session:
        return change_in(
            session, actor, now, reservation_id, unit_id, Wish(_instants(start, end), people, purpose.strip())
        )


def change_in(
    session: Session, actor: Actor, now: datetime, reservation_id: int, unit_id: int, wanted: Wish
) -> Reservation:
    """The same inside a transaction of the caller's; `wanted` says time, people and purpose, the group stays."""
    locked, reservation = lock_reservation(session, reservation_id, unit_id)
    visible(reservation, actor)
    transitions.refuse_unless(reservation, ("requested", "confirmed"), "not_changeable")
    if reservation.start_at <= now:
        raise Refusal("already_started", 409)
    unit = locked[unit_id].unit
    wish = Wish(
        wanted.during, wanted.people, wanted.purpose, reservation.group_name, reservation.group_id, wanted.equipment
    )
    place = schedules.place_of(session, unit, wish.during)
    group_id = wish.group_id if reservation.account_id == actor.account_id else None
    who = asker(session, actor, unit, wish.during, group_id, but=[reservation.id])
    policy.check(place, wish, now, who)
    elsewhere = (reservation.unit_id, reservation.during) != (unit_id, wish.during)
    borrowed = wish.equipment or equipment.borrowed(session, reservation.id)
    price = requote(session, reservation, unit, wish.during, place.schedule, borrowed)
    reservation.people, reservation.purpose = wish.people, wish.purpose
    reservation.unit_id, reservation.space_id = unit_id, unit.space_id
    set_committed_value(reservation, "unit", unit)
    reservation.start_at, reservation.end_at = (moment.astimezone(UTC) for moment in wish.during)
    if elsewhere:
        reservation.price_won, reservation.price = price.won, price.lines
        reservation.payment = payment.state_after(reservation, price.won)
        if policy.needs_approval(place.policy, who):
            reservation.status = "requested"
    transitions.moved(session, actor, now, reservation, locked[unit_id])
    equipment.lend(session, reservation, unit, borrowed)
    return reservation


def cancel(
    database: Database, actor: Actor, now: datetime, reservation_id: int, reason: str | None = None
) -> Reservation:
    """Cancel and free the time: one's own before it starts; a keeper, a district's or city staff until it ends.

    Cancelling what is cancelled changes nothing. Raises Refusal: reservation_not_found (404), not_allowed (403),
    already_started, already_over or too_late_to_cancel (409).
    """
    with changing(database, now) as session:
        return cancel_in(session, actor, now, reservation_id, reason)


def cancel_in(
    session: Session, actor: Actor, now: datetime, reservation_id: int, reason: str | None = None
) -> Reservation:
    """The same inside a transaction of the caller's."""
    _locked, reservation = lock_reservation(session, reservation_id)
    visible(reservation, actor)
    if not reservation.live:
        return reservation
    refuse_late_cancel(reservation, actor, now)
    others = reservation.account_id != actor.account_id
    tell = "reservation_cancelled" if others or reason else None
    transitions.end(session, actor, now, reservation, "cancelled", reason=reason, tell=tell)
    return reservation


def refuse_late_cancel(reservation: Reservation, actor: Actor, now: datetime) -> None:
    """Raises Refusal (409) when it is too late for this actor."""
    if reservation.end_at <= now:
        raise Refusal("already_over", 409)
    if runs(reservation, actor):
        return
    if reservation.start_at <= now:
        raise Refusal("already_started", 409)
    notice = reservation.unit.policy.cancel_notice
    if reservation.status == "confirmed" and now > reservation.start_at - notice:
        raise Refusal("too_late_to_cancel", 409, hours=f"{notice.total_seconds() / 3600:g}")


def lock_reservation(session: Session, reservation_id: int, *unit_ids: int) -> tuple[dict[int, Locked], Reservation]:
    """Lock a reservation's unit, further units, and then the reservation, in everybody's order; the locked units by id.

    Where it was moved to another unit while we waited, all locks are given back before that unit is locked too: to wait
    for it with others in hand would be out of order. Raises Refusal: reservation_not_found, unit_not_found (404).
    """
    while True:
        unit_id = session.scalar(select(Reservation.unit_id).where(Reservation.id == reservation_id))
        if unit_id is None:
            raise Refusal("reservation_not_found", 404)
        with session.begin_nested() as attempt:
            locked = occupancy.lock_units(session, {unit_id, *unit_ids})
            wanted = select(Reservation).where(Reservation.id == reservation_id).with_for_update(of=Reservation)
            reservation = session.scalars(wanted.execution_options(populate_existing=True)).one()
            if reservation.unit_id == unit_id:
                return locked, reservation
            attempt.rollback()


def read(database: Database, actor: Actor, now: datetime, reservation_id: int) -> Reservation:
    """One reservation: one's own, or of a space that the actor runs; then it is recorded who looked (invariant 14).

    Raises Refusal: reservation_not_found (404), not_allowed (403).
    """
    with database.read() as session:
        reservation = visible(session.get(Reservation, reservation_id), actor)
    if reservation.account_id != actor.account_id:
        with database.write() as session:
            record(session, AUDIT, actor, now, "reservation.viewed", f"reservation:{reservation_id}")
    return reservation


def mine(database: Database, actor: Actor, now: datetime, limit: int = 100) -> Mine:
    """The actor's own reservations, at most `limit` of each kind."""
    own = select(Reservation).where(Reservation.account_id == actor.account_id, Reservation.kind == "visit")
    coming = (Reservation.end_at > now) & Reservation.status.in_(LIVE)
    with database.read() as session:
        return Mine(
            upcoming=list(session.scalars(own.where(coming).order_by(Reservation.start_at).limit(limit))),
            past=list(session.scalars(own.where(~coming).order_by(Reservation.start_at.desc()).limit(limit))),
        )


def runs(reservation: Reservation, actor: Actor) -> bool:
    """Whether the actor runs the reservation's space."""
    return runs_space(actor, reservation.unit.space)


def visible(reservation: Reservation | None, actor: Actor) -> Reservation:
    """The reservation, for whom may see it. Raises Refusal: reservation_not_found (404), not_allowed (403)."""
    if reservation is None:
        raise Refusal("reservation_not_found", 404)
    own = actor.account_id is not None and reservation.account_id == actor.account_id
    if not own and not runs(reservation, actor):
        raise Refusal("not_allowed", 403)
    return reservation


def signed_in(actor: Actor) -> int:
    """The actor's account. Raises Refusal sign_in_required (401)."""
    if actor.account_id is None:
        raise Refusal("sign_in_required", 401)
    return actor.account_id


def _instants(start: datetime, end: datetime) -> Interval:
    """In UTC: two datetimes of one zone would be compared by their wall clocks, wrongly where an hour comes twice."""
    return Interval(start.astimezone(UTC), end.astimezone(UTC))


def _the_same(made: Reservation, unit_id: int, wish: Wish) -> Reservation:
    """What the same key has made before. Raises Refusal idempotency_key_reused (409) when it was another wish."""
    same = (made.unit_id, made.during, made.people, made.purpose, made.group_name, made.group_id)
    if same != (unit_id, wish.during, wish.people, wish.purpose, wish.group_name, wish.group_id):
        raise Refusal("idempotency_key_reused", 409)
    return made
