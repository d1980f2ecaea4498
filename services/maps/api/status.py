"""The live state of the map, asked for by every open map each second."""

from flask import Response, jsonify, request
from flask.views import MethodView

from services.maps.schemas.answers import MapStatus
from services.maps.status import map_status, map_version
from shared.clock import now
from shared.identity.access import ANYONE, allow
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-status", __name__, url_prefix="/api/map", description="The live map")


ANSWERS = {
    "200": {"description": "OK", "content": {"application/json": {"schema": MapStatus}}},
    "304": {"description": "nothing new since the version in If-None-Match"},
}


@blueprint.route("/status")
class Status(MethodView):
    @allow(ANYONE)
    @blueprint.doc(responses=ANSWERS)
    def get(self) -> Response:
        """The state of every space, or 304 with one tiny query where the ETag sent is still the version."""
        moment = now()
        with database().read() as session:
            version = map_version(session, moment)
            if request.if_none_match.contains(version):
                answer = Response(status=304)
            else:
                status = map_status(session, moment)
                version = status["version"]
                answer = jsonify(MapStatus().dump(status))
        answer.set_etag(version)
        return answer
