"""The people of a place change it and its units, as JSON. Each answers the space as it is then."""

from typing import Any

from flask.views import MethodView

from services.maps.models import Space
from services.maps.schemas.answers import EditedSpaceAnswer
from services.maps.schemas.editing import DivideForm, NewUnitForm, ServiceForm, SpaceForm, UnitForm
from services.maps.space_editing import edit_space, fingerprint, space_to_edit
from services.maps.unit_editing import add_unit, divide_unit, edit_unit, join_units, put_in_service
from services.maps.urls import KEEPERS
from shared.clock import now
from shared.identity.access import allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint(
    "api-units",
    __name__,
    url_prefix="/api/spaces/<int:space_id>",
    description="A space's facts and units, for its people",
)


def _answer(space_id: int) -> dict[str, Any]:
    with database().read() as session:
        space: Space = space_to_edit(session, current_actor(), space_id)
        return {"space": space, "seen": fingerprint(space)}


@blueprint.route("/facts")
class Facts(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, EditedSpaceAnswer)
    def get(self, space_id: int) -> Any:
        """The space with `seen`, which a change may send along: it is refused (409) if somebody else was quicker."""
        return _answer(space_id)

    @allow(KEEPERS)
    @blueprint.arguments(SpaceForm)
    @blueprint.response(200, EditedSpaceAnswer)
    def put(self, wish: dict[str, Any], space_id: int) -> Any:
        """Change the space's own facts."""
        edit_space(database(), current_actor(), now(), space_id=space_id, **wish)
        return _answer(space_id)


@blueprint.route("/units")
class Units(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(NewUnitForm)
    @blueprint.response(201, EditedSpaceAnswer)
    def post(self, wish: dict[str, Any], space_id: int) -> Any:
        """Add a room; with `parts` or `whole` a bigger unit of several."""
        like = wish.pop("like")
        if wish["facts"].parts or wish["facts"].whole:
            join_units(database(), current_actor(), now(), space_id=space_id, **wish)
        else:
            add_unit(database(), current_actor(), now(), space_id=space_id, like=like, **wish)
        return _answer(space_id)


@blueprint.route("/units/<int:unit_id>")
class OneUnit(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(UnitForm)
    @blueprint.response(200, EditedSpaceAnswer)
    def put(self, wish: dict[str, Any], space_id: int, unit_id: int) -> Any:
        """Change a unit's facts and what it is made of."""
        edit_unit(database(), current_actor(), now(), space_id=space_id, unit_id=unit_id, **wish)
        return _answer(space_id)


@blueprint.route("/units/<int:unit_id>/service")
class Service(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(ServiceForm)
    @blueprint.response(200, EditedSpaceAnswer)
    def put(self, wish: dict[str, Any], space_id: int, unit_id: int) -> Any:
        """Take a unit out of service, or back in."""
        put_in_service(database(), current_actor(), now(), space_id=space_id, unit_id=unit_id, **wish)
        return _answer(space_id)


@blueprint.route("/units/<int:unit_id>/divide")
class Division(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(DivideForm)
    @blueprint.response(201, EditedSpaceAnswer)
    def post(self, wish: dict[str, Any], space_id: int, unit_id: int) -> Any:
        """Divide a room into parts."""
        divide_unit(database(), current_actor(), now(), space_id=space_id, unit_id=unit_id, **wish)
        return _answer(space_id)
