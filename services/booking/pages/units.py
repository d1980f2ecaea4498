"""The list of what can be reserved."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from services.booking.schemas.units import UnitQuery
from services.booking.units import find
from services.booking.week import today_of
from shared.clock import now
from shared.districts import DISTRICTS, name_of
from shared.identity.access import current_actor
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """Units by district and words; each with what is free today."""
    wanted, page = UnitQuery.lenient(request.args)
    found = find(database(), wanted, page)
    with database().read() as session:
        today = today_of(session, current_actor(), now(), found.units)
    districts = [(each.code, name_of(each.code, str(get_locale()))) for each in DISTRICTS]
    return render_template("booking/units.html", found=found, wanted=wanted, today=today, districts=districts)
