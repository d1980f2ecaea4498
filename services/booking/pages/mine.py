"""My reservations."""

from flask import render_template
from flask.typing import ResponseReturnValue

from services.booking import reservations, ways
from services.booking.lottery import results
from services.booking.waitlist import lines
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.pages import database


def show() -> ResponseReturnValue:
    """What waits for my answer, what is to come, with the way to cancel it, and what was."""
    moment, actor = now(), current_actor()
    return render_template(
        "booking/mine.html",
        mine=reservations.mine(database(), actor, moment),
        line=lines.brief(database(), actor, moment),
        won=results.to_confirm(database(), actor, moment),
        moment=moment,
        ways=ways.links(ways.MINE, actor),
    )
