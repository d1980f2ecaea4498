"""Series as JSON."""

from typing import Any

from flask import jsonify
from flask.views import MethodView

from services.booking import series
from services.booking.schemas.reservations import ReservationAnswer, ReserveHeaders
from services.booking.schemas.series import (
    ChangedSeriesAnswer,
    ChangeSeriesRequest,
    MadeSeriesAnswer,
    MakeSeriesRequest,
    OccurrenceAnswer,
    PreviewAnswer,
    ScopeQuery,
    SeriesAnswer,
    SeriesRequest,
)
from services.booking.series import edits
from services.booking.series.edits import Wanted
from services.booking.series.survey import Plan
from shared.clock import now
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.refusal import Refusal
from shared.web.api import Blueprint
from shared.web.errors import answer
from shared.web.pages import database

blueprint = Blueprint(
    "api-series", __name__, url_prefix="/api/series", description="Repeated reservations: preview, make, change, cancel"
)


def _plan(wish: dict[str, Any]) -> Plan:
    return Plan(opens=wish.pop("start"), closes=wish.pop("end"), **wish)


@blueprint.route("/preview")
class Preview(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(SeriesRequest)
    @blueprint.response(200, PreviewAnswer)
    def post(self, wish: dict[str, Any]) -> Any:
        """Each date with its price, or why it can't be had; nothing is reserved."""
        return series.preview(database(), current_actor(), now(), _plan(wish))


@blueprint.route("")
class AllSeries(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(ReserveHeaders, location="headers")
    @blueprint.arguments(MakeSeriesRequest)
    @blueprint.response(201, MadeSeriesAnswer)
    def post(self, headers: dict[str, Any], wish: dict[str, Any]) -> Any:
        """Reserve all dates or none (`free_only`: those that can be had). When some can't, 409 tells the
        `occurrences` beside the error form."""
        chosen = {name: wish.pop(name) for name in ("days", "free_only")}
        plan = _plan(wish)
        try:
            made = series.make(database(), current_actor(), now(), plan, **headers, **chosen)
        except Refusal as refusal:
            if refusal.code not in ("series_not_free", "series_closed_days", "series_nothing_free"):
                raise
            found = series.preview(database(), current_actor(), now(), plan)
            form, status = answer(refusal)
            told = OccurrenceAnswer(many=True).dump(found.occurrences)
            return jsonify({**form.get_json(), "occurrences": told}), status  # type: ignore[union-attr]
        whole = made.whole
        return {
            "series": whole.series, "unit": whole.unit, "occurrences": whole.occurrences, "left_out": made.left_out,
        }  # fmt: skip


@blueprint.route("/<int:series_id>")
class OneSeries(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, SeriesAnswer)
    def get(self, series_id: int) -> Any:
        """One series: mine, or of a space that I run."""
        return series.read(database(), current_actor(), now(), series_id)

    @allow(SIGNED_IN)
    @blueprint.arguments(ChangeSeriesRequest)
    @blueprint.response(200, ChangedSeriesAnswer)
    def patch(self, wish: dict[str, Any], series_id: int) -> Any:
        """Change the chosen occurrences: all of them, or with `free_only` those that can be had."""
        scope = {name: wish.pop(name) for name in ("scope", "reservation_id", "free_only")}
        wanted = Wanted(opens=wish.pop("start"), closes=wish.pop("end"), **wish)
        return edits.change(database(), current_actor(), now(), series_id, wanted, **scope)

    @allow(SIGNED_IN)
    @blueprint.arguments(ScopeQuery, location="query")
    @blueprint.response(200, ReservationAnswer(many=True))
    def delete(self, scope: dict[str, Any], series_id: int) -> Any:
        """Cancel the chosen occurrences that are still to come; the cancelled ones."""
        return series.cancel(database(), current_actor(), now(), series_id, **scope)
