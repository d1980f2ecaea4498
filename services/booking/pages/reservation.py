"""One reservation: the confirmation."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import equipment
from services.booking.reservations import read, refuse_late_cancel
from services.booking.waitlist import lines
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.pages import database


def show(reservation_id: int) -> ResponseReturnValue:
    """What was reserved, where and when, what it costs, and the way to cancel while there is one."""
    reservation = read(database(), current_actor(), now(), reservation_id)
    moment = now()
    try:
        refuse_late_cancel(reservation, current_actor(), moment)
        cancellable = reservation.live
    except Refusal:
        cancellable = False
    offered = reservation.status == "offered"
    changeable = reservation.status in ("requested", "confirmed") and reservation.start_at > moment
    return render_template(
        "booking/reservation.html",
        reservation=reservation,
        unit=reservation.unit,
        cost=reservation.price_won,
        lent=_lent(reservation_id),
        cancellable=cancellable,
        changeable=changeable,
        waiting_id=lines.of_reservation(database(), reservation_id) if offered else None,
    )


def _lent(reservation_id: int) -> str:
    """ "빔프로젝터 1개, 의자 20개"."""
    with database().read() as session:
        loans = equipment.loans_of(session, [reservation_id]).get(reservation_id, [])
    return ", ".join(_("%(name)s %(n)s개", name=each.name, n=count) for each, count in loans)
