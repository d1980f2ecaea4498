"""Units and their weeks as JSON."""

from typing import Any

from flask.views import MethodView

from services.booking.schemas.units import UnitAnswer, UnitQuery, UnitsAnswer, WeekAnswer, WeekQuery
from services.booking.units import find, get
from services.booking.week import week_of
from shared.clock import now
from shared.identity.access import ANYONE, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-units", __name__, url_prefix="/api/units", description="What can be reserved, and when")


@blueprint.route("")
class Units(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(UnitQuery, location="query")
    @blueprint.response(200, UnitsAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """One page of the units that take reservations online."""
        return find(database(), query["wanted"], query["page"])


@blueprint.route("/<int:unit_id>")
class OneUnit(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, UnitAnswer)
    def get(self, unit_id: int) -> Any:
        """One unit with its space."""
        with database().read() as session:
            return get(session, unit_id)


@blueprint.route("/<int:unit_id>/week")
class UnitWeek(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(WeekQuery, location="query")
    @blueprint.response(200, WeekAnswer)
    def get(self, query: dict[str, Any], unit_id: int) -> Any:
        """Seven days: what is free, taken, mine or past."""
        moment = now()
        with database().read() as session:
            today = moment.astimezone(get(session, unit_id).zone).date()
        return week_of(database(), current_actor(), moment, unit_id, query["day"] or today)
