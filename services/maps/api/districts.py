"""The districts' figures and shapes as JSON."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from services.maps.district_boundaries import district_shapes
from services.maps.district_figures import district_figures
from services.maps.schemas.answers import DistrictsAnswer
from shared.clock import now
from shared.identity.access import ANYONE, allow
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-districts", __name__, url_prefix="/api", description="The 25 districts")


@blueprint.route("/districts")
class Districts(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, DistrictsAnswer)
    def get(self) -> Any:
        """Intermediary, spaces, reservations of this month and funded projects of each district, and the sums."""
        with database().read() as session:
            rows, total = district_figures(session, now())
        return {"districts": rows, "total": total}


@blueprint.route("/districts.geojson")
class DistrictShapes(MethodView):
    @allow(ANYONE)
    @blueprint.doc(responses={"200": {"description": "GeoJSON FeatureCollection; properties code, name, schematic"}})
    def get(self) -> ResponseReturnValue:
        """The shapes that the map draws; `schematic` ones are Maru's own and no official boundaries."""
        with database().read() as session:
            answer = jsonify(district_shapes(session))
        answer.mimetype = "application/geo+json"
        return answer
