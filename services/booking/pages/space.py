"""One space: its units and their day."""

from flask import render_template
from flask.typing import ResponseReturnValue

from services.booking.units import get_space
from services.booking.week import today_of
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.pages import database


def show(space_id: int) -> ResponseReturnValue:
    """The units of a space with what is free today, each leading to its week."""
    with database().read() as session:
        space, units = get_space(session, space_id)
        today = today_of(session, current_actor(), now(), units)
    return render_template("booking/space.html", space=space, units=units, today=today)
