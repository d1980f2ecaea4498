"""Where a keeper decides: a requested reservation holds its time until it is approved or declined."""

from __future__ import annotations

from datetime import datetime

from services.booking import transitions
from services.booking.models import Reservation
from services.booking.reservations import lock_reservation, runs
from services.booking.waitlist import changing
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

REASON_LENGTH = 500


def approve(
    database: Database, actor: Actor, now: datetime, reservation_id: int, note: str | None = None
) -> Reservation:
    """Confirm a requested reservation; approving what is confirmed changes nothing.

    Raises Refusal: reservation_not_found (404), not_allowed (403), not_requested or already_over (409).
    """
    with changing(database, now) as session:
        _locked, reservation = lock_reservation(session, reservation_id)
        _refuse_others(reservation, actor)
        if reservation.status == "confirmed":
            return reservation
        transitions.refuse_unless(reservation, ("requested",), "not_requested")
        if reservation.end_at <= now:
            raise Refusal("already_over", 409)
        transitions.confirm(session, actor, now, reservation, note=kept_text(note))
        return reservation


def decline(database: Database, actor: Actor, now: datetime, reservation_id: int, reason: str) -> Reservation:
    """Say no with a reason and free the time; declining what is declined changes nothing.

    Raises Refusal: reservation_not_found (404), not_allowed (403), not_requested (409), reason_needed (422).
    """
    if not reason.strip():
        raise Refusal("reason_needed", 422, fields={"reason": ["reason_needed"]})
    with changing(database, now) as session:
        _locked, reservation = lock_reservation(session, reservation_id)
        _refuse_others(reservation, actor)
        if reservation.status == "declined":
            return reservation
        transitions.refuse_unless(reservation, ("requested",), "not_requested")
        transitions.end(
            session, actor, now, reservation, "declined", reason=kept_text(reason), tell="reservation_declined"
        )
        return reservation


def kept_text(text: str | None) -> str | None:
    """The text as it is kept. Raises Refusal reason_too_long (422)."""
    kept = (text or "").strip() or None
    if kept and len(kept) > REASON_LENGTH:
        raise Refusal("reason_too_long", 422, fields={"reason": ["reason_too_long"]}, length=REASON_LENGTH)
    return kept


def _refuse_others(reservation: Reservation, actor: Actor) -> None:
    if not runs(reservation, actor):
        raise Refusal("not_allowed", 403)
