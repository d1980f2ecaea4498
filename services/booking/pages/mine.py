"""My reservations."""

from flask import render_template
from flask.typing import ResponseReturnValue

from services.booking import reservations
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.pages import database


def show() -> ResponseReturnValue:
    """What is to come, with the way to cancel it, and what was."""
    moment = now()
    return render_template(
        "booking/mine.html", mine=reservations.mine(database(), current_actor(), moment), moment=moment
    )
