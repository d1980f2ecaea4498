"""What happens to one reservation: each change of its state with occupancy, audit row, event and message.

All of it inside a transaction of the caller's, which has locked the unit's atoms and then the reservation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from services.booking import messages, occupancy
from services.booking.models import AUDIT, Reservation, Series
from services.booking.occupancy import Locked
from services.booking.payment import PAYMENT
from services.booking.pricing import Quote
from services.booking.refusals import refusal_of
from services.booking.rules.policy import Wish
from shared.audit import record
from shared.bus import outbox
from shared.identity.actor import Actor
from shared.refusal import Refusal


def draft(
    locked: Locked,
    *,
    account_id: int,
    wish: Wish,
    status: str,
    now: datetime,
    key: str,
    kind: str = "visit",
    price: Quote | None = None,
    **more: Any,
) -> Reservation:
    """A reservation that is not stored yet; `more` are further columns (held_until, series_id, series_day)."""
    drafted = Reservation(
        unit_id=locked.unit.id,
        space_id=locked.unit.space_id,
        account_id=account_id,
        kind=kind,
        purpose=wish.purpose,
        group_id=wish.group_id,
        group_name=wish.group_name,
        people=wish.people,
        start_at=wish.during.start.astimezone(UTC),
        end_at=wish.during.end.astimezone(UTC),
        status=status,
        price_won=price.won if price else None,
        price=price.lines if price else None,
        payment=PAYMENT.first_state(price.won if price else None),
        idempotency_key=key,
        created_at=now,
        sequence=0,
        **more,
    )
    set_committed_value(drafted, "unit", locked.unit)  # who shows it need not read it again
    return drafted


def place(
    session: Session,
    actor: Actor,
    now: datetime,
    locked: Locked,
    reservation: Reservation,
    tell: str | None = "reservation_confirmed",
    seen: bool | None = None,
) -> None:
    """Store it and take its time (`seen` as in `occupancy.occupy`). Raises Refusal slot_taken (409)."""
    try:
        occupancy.occupy(session, reservation, locked, seen)
    except IntegrityError as error:
        raise refusal_of(error) or error from error
    details = {"unit_id": reservation.unit_id, "status": reservation.status}
    _record(session, actor, now, "made", reservation, details)
    announce(session, reservation, now, locked.unit.space.district)
    if tell:
        messages.tell(session, reservation.account_id, tell, now, **messages.about(reservation, locked.unit))


def store(session: Session, series: Series) -> None:
    """Store a series before its reservations. Raises Refusal idempotency_key_reused (409): the same key is being used
    for another unit, which shares no lock with this one."""
    session.add(series)
    try:
        session.flush()
    except IntegrityError as error:
        raise refusal_of(error) or error from error


def confirm(
    session: Session,
    actor: Actor,
    now: datetime,
    reservation: Reservation,
    tell: str | None = "reservation_approved",
    note: str | None = None,
) -> None:
    """What was requested or offered is confirmed; its time is held already."""
    reservation.status, reservation.held_until, reservation.changed_at = "confirmed", None, now
    reservation.reason = note
    reservation.sequence += 1
    _record(session, actor, now, "confirmed", reservation, {"unit_id": reservation.unit_id})
    if tell:
        messages.tell(session, reservation.account_id, tell, now, note=note or "", **messages.about(reservation))


def end(
    session: Session,
    actor: Actor,
    now: datetime,
    reservation: Reservation,
    status: str,
    *,
    reason: str | None = None,
    tell: str | None = None,
    since: datetime | None = None,
) -> None:
    """A live one ends as declined, cancelled, lapsed or no_show; its time is free again, or only that after `since`."""
    reservation.status, reservation.changed_at, reservation.held_until = status, now, None
    reservation.reason = reason
    reservation.sequence += 1
    if status == "cancelled":
        reservation.cancelled_at = now
    if reservation.payment == "due":
        reservation.payment = "none"
    occupancy.release(session, reservation, since)
    _record(session, actor, now, status, reservation, {"unit_id": reservation.unit_id})
    retract(session, reservation, now)
    if tell:
        messages.tell(session, reservation.account_id, tell, now, reason=reason or "", **messages.about(reservation))


def moved(
    session: Session,
    actor: Actor,
    now: datetime,
    reservation: Reservation,
    locked: Locked,
    *,
    tell: str | None = "reservation_changed",
) -> None:
    """Its unit or time was set anew: hold that instead. Raises Refusal slot_taken (409); roll back then."""
    reservation.changed_at = now
    reservation.sequence += 1
    try:
        occupancy.move(session, reservation, locked)
    except IntegrityError as error:
        raise refusal_of(error) or error from error
    _record(session, actor, now, "changed", reservation, {"unit_id": reservation.unit_id})
    announce(session, reservation, now, locked.unit.space.district)
    if tell:
        messages.tell(session, reservation.account_id, tell, now, **messages.about(reservation, locked.unit))


def announce(session: Session, reservation: Reservation, now: datetime, district: str | None = None) -> None:
    """Tell the other services that the time is taken; when and where, never who."""
    _publish(session, "booking.reservation.made", reservation, now, district, people=reservation.people)


def retract(session: Session, reservation: Reservation, now: datetime) -> None:
    """Tell the other services that the time is not taken any more."""
    _publish(session, "booking.reservation.cancelled", reservation, now, None)


def refuse_unless(reservation: Reservation, wanted: Sequence[str], code: str) -> None:
    """Raises Refusal `code` (409) when the reservation is in another state."""
    if reservation.status not in wanted:
        raise Refusal(code, 409)


def _record(
    session: Session, actor: Actor, now: datetime, what: str, reservation: Reservation, details: dict[str, Any]
) -> None:
    owner = reservation.account_id
    for_whom = None if owner == actor.account_id else owner
    record(session, AUDIT, actor, now, f"reservation.{what}", f"reservation:{reservation.id}", details, for_whom)


def _publish(
    session: Session, name: str, reservation: Reservation, now: datetime, district: str | None, **more: int
) -> None:
    outbox.publish(
        session,
        name,
        aggregate=f"reservation:{reservation.id}",
        payload={
            "reservation_id": reservation.id,
            "unit_id": reservation.unit_id,
            "space_id": reservation.space_id,
            "district": district or reservation.unit.space.district,
            "start": reservation.start_at,
            "end": reservation.end_at,
            **more,
        },
        occurred_at=now,
    )
