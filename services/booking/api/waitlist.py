"""The line as JSON: join, see one's place, take what is offered, leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask.views import MethodView

from services.booking import waitlist
from services.booking.managing import KEEPERS
from services.booking.models import Waiting
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.schemas.reservations import ReservationAnswer
from services.booking.schemas.waitlist import (
    ClaimOfferRequest,
    JoinLineRequest,
    LineCountAnswer,
    LineQuery,
    MyLinesAnswer,
    PlaceAnswer,
    SpaceLinesAnswer,
)
from services.booking.waitlist import lines
from shared.clock import now
from shared.identity.access import ANYONE, SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint(
    "api-waitlist", __name__, url_prefix="/api/waitlist", description="The line for times that are taken"
)


@blueprint.route("")
class MyLines(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, MyLinesAnswer)
    def get(self) -> Any:
        """My wishes, with my place in each line."""
        standing, at, over = waitlist.mine(database(), current_actor())
        moment = now()
        return {
            "in_line": [_told(each, at.get(each.id), moment) for each in standing],
            "over": [_told(each, None, moment) for each in over],
        }

    @allow(SIGNED_IN)
    @blueprint.arguments(JoinLineRequest)
    @blueprint.response(201, PlaceAnswer)
    def post(self, wish: dict[str, Any]) -> Any:
        """Stand in line for a taken time; doing so again keeps the first place."""
        unit_id, during = wish.pop("unit_id"), Interval(wish.pop("start"), wish.pop("end"))
        made = waitlist.join(database(), current_actor(), now(), unit_id=unit_id, wish=Wish(during, **wish))
        return _one(made.id)


@blueprint.route("/line")
class Line(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(LineQuery, location="query")
    @blueprint.response(200, LineCountAnswer)
    def get(self, asked: dict[str, Any]) -> Any:
        """How many stand in line for a time of a unit."""
        during = Interval(asked["start"], asked["end"])
        return lines.line(database(), current_actor(), now(), asked["unit_id"], during)


@blueprint.route("/<int:waiting_id>")
class OneWish(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, PlaceAnswer)
    def get(self, waiting_id: int) -> Any:
        """One wish of mine, with its place."""
        return _one(waiting_id)

    @allow(SIGNED_IN)
    @blueprint.response(200, PlaceAnswer)
    def delete(self, waiting_id: int) -> Any:
        """Leave the line, or decline what is offered, which goes on to the next."""
        waitlist.decline(database(), current_actor(), now(), waiting_id)
        return _one(waiting_id)


@blueprint.route("/<int:waiting_id>/claim")
class Claim(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(ClaimOfferRequest)
    @blueprint.response(200, ReservationAnswer)
    def post(self, how: dict[str, Any], waiting_id: int) -> Any:
        """Take what is offered; a second time answers the same reservation."""
        return waitlist.claim(database(), current_actor(), now(), waiting_id, **how)


@blueprint.route("/spaces/<int:space_id>")
class SpaceLine(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, SpaceLinesAnswer)
    def get(self, space_id: int) -> Any:
        """Who waits for what in a space that I run. Who looked is recorded."""
        found = lines.of_space(database(), current_actor(), now(), space_id)
        units = [{"unit": unit, "standing": standing} for unit, standing in found.units]
        return {"space": found.space, "total": found.total, "units": units}


def _one(waiting_id: int) -> dict[str, Any]:
    waiting, place = waitlist.read(database(), current_actor(), waiting_id)
    return _told(waiting, place, now())


def _told(waiting: Waiting, place: int | None, moment: datetime) -> dict[str, Any]:
    until = lines.until(waiting, moment)
    return {
        "waiting": waiting,
        "place": place,
        "held_until": until,
        "price_won": waiting.offer.price_won if until and waiting.offer else None,
        "reservation_id": waiting.reservation_id if waiting.status == "claimed" else None,
    }
