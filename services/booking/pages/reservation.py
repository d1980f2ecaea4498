"""One reservation: the confirmation."""

from flask import render_template
from flask.typing import ResponseReturnValue

from services.booking.reservations import read, refuse_late_cancel
from services.booking.rules.fees import price
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.pages import database


def show(reservation_id: int) -> ResponseReturnValue:
    """What was reserved, where and when, what it costs, and the way to cancel while there is one."""
    reservation = read(database(), current_actor(), now(), reservation_id)
    cost = price(reservation.unit.fee, reservation.during.length)
    try:
        refuse_late_cancel(reservation, current_actor(), now())
        cancellable = reservation.live
    except Refusal:
        cancellable = False
    return render_template(
        "booking/reservation.html", reservation=reservation, unit=reservation.unit, cost=cost, cancellable=cancellable
    )
