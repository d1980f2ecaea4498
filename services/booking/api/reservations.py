"""Reservations as JSON."""

from typing import Any

from flask import jsonify
from flask.views import MethodView

from services.booking import reservations
from services.booking.rules.interval import Interval
from services.booking.schemas.reservations import (
    AlternativeAnswer,
    CancelQuery,
    ChangeRequest,
    MineAnswer,
    ReservationAnswer,
    ReserveHeaders,
    ReserveRequest,
)
from services.booking.search import alternatives
from shared.clock import now
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.refusal import Refusal
from shared.web.api import Blueprint
from shared.web.errors import answer
from shared.web.pages import database

blueprint = Blueprint(
    "api-reservations", __name__, url_prefix="/api/reservations", description="My reservations: make, see, cancel"
)


@blueprint.route("")
class Reservations(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, MineAnswer)
    def get(self) -> Any:
        """My reservations."""
        return reservations.mine(database(), current_actor(), now())

    @allow(SIGNED_IN)
    @blueprint.arguments(ReserveHeaders, location="headers")
    @blueprint.arguments(ReserveRequest)
    @blueprint.response(201, ReservationAnswer)
    def post(self, headers: dict[str, Any], wish: dict[str, Any]) -> Any:
        """Reserve. A taken time answers 409 with `alternatives` beside the error form."""
        try:
            return reservations.reserve(database(), current_actor(), now(), **wish, **headers)
        except Refusal as refusal:
            if refusal.code != "slot_taken":
                raise
            during = Interval(wish["start"], wish["end"])
            free = alternatives.find(database(), now(), wish["unit_id"], during, wish["people"])
            form, status = answer(refusal)
            told = {**form.get_json(), "alternatives": AlternativeAnswer(many=True).dump(free)}  # type: ignore[union-attr]
            return jsonify(told), status


@blueprint.route("/<int:reservation_id>")
class OneReservation(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, ReservationAnswer)
    def get(self, reservation_id: int) -> Any:
        """One reservation: mine, or of a space that I run."""
        return reservations.read(database(), current_actor(), now(), reservation_id)

    @allow(SIGNED_IN)
    @blueprint.arguments(ChangeRequest)
    @blueprint.response(200, ReservationAnswer)
    def put(self, wish: dict[str, Any], reservation_id: int) -> Any:
        """Change unit, time, people and purpose; refused, it stays what it was."""
        return reservations.change(database(), current_actor(), now(), reservation_id, **wish)

    @allow(SIGNED_IN)
    @blueprint.arguments(CancelQuery, location="query")
    @blueprint.response(200, ReservationAnswer)
    def delete(self, query: dict[str, Any], reservation_id: int) -> Any:
        """Cancel; a cancelled one stays as it is."""
        return reservations.cancel(database(), current_actor(), now(), reservation_id, query["reason"])
