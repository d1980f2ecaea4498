"""What people do with reservations: make, see, cancel. Each use case is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.booking import occupancy
from services.booking.models import AUDIT, KEY_LENGTH, Reservation
from services.booking.refusals import refusal_of
from services.booking.rules import policy
from services.booking.rules.interval import Interval
from shared.audit import record
from shared.bus import outbox
from shared.database import Database
from shared.identity.actor import Actor, Role
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
    idempotency_key: str,
) -> Reservation:
    """Reserve a unit during [start, end). The same key again gives the same reservation (invariant 5).

    Raises Refusal: slot_taken (409), idempotency_key_reused (409), unit_not_found (404), and 422 for each rule of
    `policy.py`.
    """
    wish = policy.Wish(Interval(start, end), people, purpose.strip(), (group_name or "").strip() or None)
    with database.write() as session:
        return reserve_in(session, actor, now, unit_id, wish, idempotency_key)


def reserve_in(
    session: Session, actor: Actor, now: datetime, unit_id: int, wish: policy.Wish, idempotency_key: str
) -> Reservation:
    """The same inside a transaction of the caller's; a refusal before the database's own guard has written nothing."""
    if actor.account_id is None:
        raise Refusal("sign_in_required", 401)
    if not 0 < len(idempotency_key) <= KEY_LENGTH:
        raise Refusal("idempotency_key_needed", 422)
    unit, atoms = occupancy.lock(session, unit_id)
    # Behind the lock: the other half of a double click has finished by now and is seen.
    if made := _already_made(session, actor.account_id, idempotency_key, unit_id, wish):
        return made
    policy.check(unit.place, wish, now)
    reservation = Reservation(
        unit_id=unit_id,
        space_id=unit.space_id,
        account_id=actor.account_id,
        purpose=wish.purpose,
        group_name=wish.group_name,
        people=wish.people,
        start_at=wish.during.start.astimezone(UTC),
        end_at=wish.during.end.astimezone(UTC),
        status="confirmed",
        idempotency_key=idempotency_key,
        created_at=now,
    )
    try:
        occupancy.occupy(session, reservation, atoms)
    except IntegrityError as error:
        raise refusal_of(error) or error from error
    record(session, AUDIT, actor, now, "reservation.made", f"reservation:{reservation.id}", {"unit_id": unit_id})
    _publish(session, "booking.reservation.made", reservation, now, people=reservation.people)
    return reservation


def cancel(database: Database, actor: Actor, now: datetime, reservation_id: int) -> Reservation:
    """Cancel and free the time: one's own before it starts; a keeper, a district's or city staff until it ends.

    Cancelling what is cancelled changes nothing. Raises Refusal: reservation_not_found (404), not_allowed (403),
    already_started or already_over (409).
    """
    with database.write() as session:
        return cancel_in(session, actor, now, reservation_id)


def cancel_in(session: Session, actor: Actor, now: datetime, reservation_id: int) -> Reservation:
    """The same inside a transaction of the caller's."""
    wanted = select(Reservation).where(Reservation.id == reservation_id).with_for_update(of=Reservation)
    reservation = _visible(session.scalar(wanted), actor)
    if not reservation.live:
        return reservation
    refuse_late_cancel(reservation, actor, now)
    reservation.status, reservation.cancelled_at = "cancelled", now
    occupancy.release(session, reservation)
    owner = reservation.account_id
    record(
        session,
        AUDIT,
        actor,
        now,
        "reservation.cancelled",
        f"reservation:{reservation.id}",
        on_behalf_of=None if owner == actor.account_id else owner,
    )
    _publish(session, "booking.reservation.cancelled", reservation, now)
    return reservation


def refuse_late_cancel(reservation: Reservation, actor: Actor, now: datetime) -> None:
    """Raises Refusal (409) when it is too late for this actor."""
    if reservation.end_at <= now:
        raise Refusal("already_over", 409)
    if reservation.start_at <= now and not runs(reservation, actor):
        raise Refusal("already_started", 409)


def read(database: Database, actor: Actor, now: datetime, reservation_id: int) -> Reservation:
    """One reservation: one's own, or of a space that the actor runs; then it is recorded who looked (invariant 14).

    Raises Refusal: reservation_not_found (404), not_allowed (403).
    """
    with database.read() as session:
        reservation = _visible(session.get(Reservation, reservation_id), actor)
    if reservation.account_id != actor.account_id:
        with database.write() as session:
            record(session, AUDIT, actor, now, "reservation.viewed", f"reservation:{reservation_id}")
    return reservation


def mine(database: Database, actor: Actor, now: datetime, limit: int = 100) -> Mine:
    """The actor's own reservations, at most `limit` of each kind."""
    own = select(Reservation).where(Reservation.account_id == actor.account_id)
    coming = (Reservation.end_at > now) & (Reservation.status == "confirmed")
    with database.read() as session:
        return Mine(
            upcoming=list(session.scalars(own.where(coming).order_by(Reservation.start_at).limit(limit))),
            past=list(session.scalars(own.where(~coming).order_by(Reservation.start_at.desc()).limit(limit))),
        )


def runs(reservation: Reservation, actor: Actor) -> bool:
    """Whether the actor runs the space: its keeper, its district's staff, city staff (invariant 13)."""
    keeps = Role.SPACE_KEEPER in actor.roles and reservation.space_id in actor.spaces
    return keeps or actor.runs_district(reservation.unit.space.district)


def _visible(reservation: Reservation | None, actor: Actor) -> Reservation:
    if reservation is None:
        raise Refusal("reservation_not_found", 404)
    own = actor.account_id is not None and reservation.account_id == actor.account_id
    if not own and not runs(reservation, actor):
        raise Refusal("not_allowed", 403)
    return reservation


def _already_made(session: Session, account_id: int, key: str, unit_id: int, wish: policy.Wish) -> Reservation | None:
    made = session.scalar(
        select(Reservation).where(Reservation.account_id == account_id, Reservation.idempotency_key == key)
    )
    if made is None:
        return None
    same = (made.unit_id, made.during, made.people, made.purpose, made.group_name)
    if same != (unit_id, wish.during, wish.people, wish.purpose, wish.group_name):
        raise Refusal("idempotency_key_reused", 409)
    return made


def _publish(session: Session, name: str, reservation: Reservation, now: datetime, **more: int) -> None:
    """The event of a change; it says when and where, never who."""
    outbox.publish(
        session,
        name,
        aggregate=f"reservation:{reservation.id}",
        payload={
            "reservation_id": reservation.id,
            "unit_id": reservation.unit_id,
            "space_id": reservation.space_id,
            "district": reservation.unit.space.district,
            "start": reservation.start_at,
            "end": reservation.end_at,
            **more,
        },
        occurred_at=now,
    )
