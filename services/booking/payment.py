"""Paying for a reservation: a port, and its default, to pay on the spot.

Another way of paying (a card, a transfer) is a `Payment` of its own. It decides what a new reservation's state is, and
may send the payer to a page; whatever confirms the payment later calls `mark`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from services.booking.askers import runs_space
from services.booking.models import AUDIT, Reservation
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

NONE, DUE, PAID, WAIVED = "none", "due", "paid", "waived"
STATES = (DUE, PAID, WAIVED)


class Payment(Protocol):
    """How people pay. States: none (nothing to pay, or the price is unknown), due, paid, waived."""

    def first_state(self, price_won: int | None) -> str:
        """The state of a reservation that is just made; called inside its transaction, so it calls nobody."""
        ...

    def page_of(self, reservation: Reservation) -> str | None:
        """The address of the page where one pays; None where there is none."""
        ...


class OnTheSpot:
    """One pays at the space; its keeper marks it."""

    def first_state(self, price_won: int | None) -> str:
        return DUE if price_won else NONE

    def page_of(self, reservation: Reservation) -> str | None:
        return None


PAYMENT: Payment = OnTheSpot()


def state_after(reservation: Reservation, price_won: int | None) -> str:
    """The state when the price of a reservation changes: what was paid or waived stays so, the rest begins anew."""
    return reservation.payment if reservation.payment in (PAID, WAIVED) else PAYMENT.first_state(price_won)


def mark(database: Database, actor: Actor, now: datetime, reservation_id: int, state: str) -> Reservation:
    """A keeper says that a reservation is paid, waived or due after all; marking it so again changes nothing.

    What was cancelled can be marked too: somebody may have paid before. Raises Refusal: reservation_not_found (404),
    not_allowed (403), payment_state_unknown (422), nothing_to_pay (409).
    """
    if state not in STATES:
        raise Refusal("payment_state_unknown", 422, fields={"state": ["payment_state_unknown"]})
    with database.write() as session:
        wanted = select(Reservation).where(Reservation.id == reservation_id).with_for_update(of=Reservation)
        reservation = session.scalar(wanted)
        if reservation is None:
            raise Refusal("reservation_not_found", 404)
        if not runs_space(actor, reservation.unit.space):
            raise Refusal("not_allowed", 403)
        if reservation.payment == state:
            return reservation
        if not reservation.price_won:
            raise Refusal("nothing_to_pay")
        details = {"before": reservation.payment, "after": state, "won": reservation.price_won}
        reservation.payment = state
        owner = reservation.account_id
        record(
            session,
            AUDIT,
            actor,
            now,
            f"reservation.payment_{state}",
            f"reservation:{reservation.id}",
            details,
            on_behalf_of=None if owner == actor.account_id else owner,
        )
        return reservation
