"""What a keeper does with one reservation of the day's sheet; each is its own subject's use case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.booking import check_in, payment, reservations
from services.booking.approvals import kept_text
from services.booking.models import Reservation
from services.booking.rules import attendance
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Possible:
    """Which buttons the sheet shows for a reservation."""

    check_in: bool
    paid: bool
    waive: bool
    no_show: bool
    cancel: bool


def possible(reservation: Reservation, now: datetime) -> Possible:
    """What can be done now; the use cases say no by themselves all the same."""
    visit = reservation.kind == "visit"
    expected = visit and reservation.status == "confirmed" and reservation.checked_in_at is None
    early = reservation.unit.policy.early
    due = visit and bool(reservation.price_won) and reservation.payment == "due"
    return Possible(
        check_in=expected and reservation.start_at - early <= now < reservation.end_at,
        paid=due,
        waive=due,
        no_show=expected and reservation.start_at < now < reservation.end_at + attendance.BY_HAND,
        cancel=reservation.live and reservation.end_at > now and reservation.kind != "lottery",
    )


def act(
    database: Database, actor: Actor, now: datetime, space_id: int, reservation_id: int, act: str, reason: str = ""
) -> Reservation:
    """Do it. Somebody else's visit is cancelled with a reason only, for they are told.

    Raises Refusal: reservation_not_found (404), not_allowed (403), reason_needed, reason_too_long, act_unknown (422),
    and what the use case of the act refuses (409).
    """
    _refuse_elsewhere(database, space_id, reservation_id)
    if act == "check_in":
        return check_in.check_in_by_hand(database, actor, now, reservation_id)
    if act == "no_show":
        return check_in.miss_by_hand(database, actor, now, reservation_id)
    if act in payment.STATES:
        return payment.mark(database, actor, now, reservation_id, act)
    if act == "cancel":
        return _cancel(database, actor, now, reservation_id, kept_text(reason))
    raise Refusal("act_unknown", 422, fields={"act": ["act_unknown"]})


def _cancel(database: Database, actor: Actor, now: datetime, reservation_id: int, reason: str | None) -> Reservation:
    with database.read() as session:
        found = session.get(Reservation, reservation_id)
    if found is None or not reservations.runs(found, actor):
        raise Refusal("not_allowed", 403)
    if found.kind == "visit" and not reason:
        raise Refusal("reason_needed", 422, fields={"reason": ["reason_needed"]})
    return reservations.cancel(database, actor, now, reservation_id, reason=reason)


def _refuse_elsewhere(database: Database, space_id: int, reservation_id: int) -> None:
    """The address names the space; a reservation of another one is not found there."""
    with database.read() as session:
        found = session.get(Reservation, reservation_id)
        if found is None or found.space_id != space_id:
            raise Refusal("reservation_not_found", 404)
