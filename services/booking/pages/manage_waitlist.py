"""The lines of a space, for its keepers: to see, not to change."""

from flask import render_template
from flask.typing import ResponseReturnValue

from services.booking.waitlist import lines as waitlist_lines
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.pages import database


def show(space_id: int) -> ResponseReturnValue:
    """Who waits for what, in the order of the line. Who looked is recorded."""
    moment = now()
    found = waitlist_lines.of_space(database(), current_actor(), moment, space_id)
    return render_template("booking/manage_waitlist.html", lines=found, moment=moment)
