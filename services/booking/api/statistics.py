"""The statistics as JSON."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from services.booking import statistics
from services.booking.managing import KEEPERS
from services.booking.schemas.statistics import StatisticsAnswer, StatisticsQuery, as_answer
from shared.clock import now
from shared.identity.access import allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint(
    "api-statistics", __name__, url_prefix="/api/manage", description="How much the spaces that I run are used"
)


@blueprint.route("/statistics")
class StatisticsOf(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(StatisticsQuery, location="query")
    @blueprint.response(200, StatisticsAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """Occupancy of the open hours, visits, no-shows, lead times, and searches that found nothing."""
        return as_answer(statistics.read(database(), current_actor(), now(), statistics.Query(**query)))
