"""Cancelling: asked once, then done."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import reservations
from services.booking.wording import reservation_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show(reservation_id: int) -> ResponseReturnValue:
    """Ask whether it is really meant."""
    reservation = reservations.read(database(), current_actor(), now(), reservation_id)
    if not reservation.live:
        return redirect(service_url("booking", f"/reservations/{reservation_id}"))
    return render_template("booking/cancel.html", reservation=reservation, unit=reservation.unit)


def save(reservation_id: int) -> ResponseReturnValue:
    """Cancel and free the time."""
    actor = current_actor()
    try:
        cancelled = reservations.cancel(database(), actor, now(), reservation_id)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        flash(sentence(refusal.code, refusal.params), "error")
        return redirect(service_url("booking", f"/reservations/{reservation_id}"))
    flash(_("%(when)s 예약을 취소했습니다.", when=reservation_text(cancelled)), "success")
    own = cancelled.account_id == actor.account_id
    return redirect(service_url("booking", "/mine" if own else f"/reservations/{reservation_id}"))
