"""Checking in, no-shows and appeals as JSON."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from services.booking import check_in, no_shows
from services.booking.managing import KEEPERS
from services.booking.schemas.attendance import (
    AppealRequest,
    AppealsAnswer,
    AppealsQuery,
    DecisionRequest,
    HereAnswer,
    MissedAnswer,
    NoShowAnswer,
)
from services.booking.schemas.reservations import ReservationAnswer
from shared.clock import now
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

coming = Blueprint(
    "api-check-in", __name__, url_prefix="/api/check-in", description="Coming, with the code on the spot"
)
by_hand = Blueprint(
    "api-attendance", __name__, url_prefix="/api/reservations", description="Who came, as the keeper saw it"
)
missing = Blueprint("api-no-shows", __name__, url_prefix="/api/no-shows", description="No-shows and appeals")


@coming.route("/<code>")
class CheckIn(MethodView):
    @allow(SIGNED_IN)
    @coming.response(200, HereAnswer)
    def get(self, code: str) -> Any:
        """What I can do before the unit of this code."""
        return check_in.here(database(), current_actor(), now(), code)

    @allow(SIGNED_IN)
    @coming.response(200, HereAnswer)
    def post(self, code: str) -> Any:
        """Check in; a second time changes nothing."""
        return check_in.check_in(database(), current_actor(), now(), code)


@by_hand.route("/<int:reservation_id>/check-in")
class CheckInByHand(MethodView):
    @allow(KEEPERS)
    @by_hand.response(200, ReservationAnswer)
    def post(self, reservation_id: int) -> Any:
        """They came."""
        return check_in.check_in_by_hand(database(), current_actor(), now(), reservation_id)


@by_hand.route("/<int:reservation_id>/no-show")
class MissByHand(MethodView):
    @allow(KEEPERS)
    @by_hand.response(200, ReservationAnswer)
    def post(self, reservation_id: int) -> Any:
        """Nobody came: the rest of the time is free again."""
        return check_in.miss_by_hand(database(), current_actor(), now(), reservation_id)


@missing.route("")
class MyNoShows(MethodView):
    @allow(SIGNED_IN)
    @missing.response(200, MissedAnswer(many=True))
    def get(self) -> Any:
        """My no-shows, the latest first."""
        return no_shows.mine(database(), current_actor())


@missing.route("/<int:no_show_id>/appeal")
class Appeal(MethodView):
    @allow(SIGNED_IN)
    @missing.arguments(AppealRequest)
    @missing.response(200, NoShowAnswer)
    def post(self, told: dict[str, Any], no_show_id: int) -> Any:
        """Say why I was away, or that I was there."""
        return no_shows.appeal(database(), current_actor(), now(), no_show_id, told["text"])


@missing.route("/appeals")
class Appeals(MethodView):
    @allow(KEEPERS)
    @missing.arguments(AppealsQuery, location="query")
    @missing.response(200, AppealsAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """What waits for my decision. Who looked is recorded."""
        found = no_shows.appeals(database(), current_actor(), query["page"])
        no_shows.viewed(database(), current_actor(), now(), found.waiting)
        return found


@missing.route("/<int:no_show_id>/decision")
class Decision(MethodView):
    @allow(KEEPERS)
    @missing.arguments(DecisionRequest)
    @missing.response(200, NoShowAnswer)
    def post(self, told: dict[str, Any], no_show_id: int) -> Any:
        """Excuse it, or let it stand; the person is told why."""
        return no_shows.decide(database(), current_actor(), now(), no_show_id, told["decision"], told["reason"])
