"""Spaces as JSON."""

from typing import Any

from flask.views import MethodView

from services.maps.details import space_details
from services.maps.schemas.answers import SpaceAnswer, SpacesAnswer
from services.maps.schemas.queries import SpaceQuery
from services.maps.search import find_spaces
from shared.clock import now
from shared.identity.access import ANYONE, allow
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-spaces", __name__, url_prefix="/api/spaces", description="Spaces and their units")


@blueprint.route("")
class Spaces(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(SpaceQuery, location="query")
    @blueprint.response(200, SpacesAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """One page of spaces: reservable ones first, public facilities after the others, then by name."""
        with database().read() as session:
            return find_spaces(session, query["wanted"], query["page"], query["per_page"])


@blueprint.route("/<int:space_id>")
class OneSpace(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, SpaceAnswer)
    def get(self, space_id: int) -> Any:
        """One space with its units."""
        with database().read() as session:
            return space_details(session, now(), space_id).space
