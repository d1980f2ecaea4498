"""Prices, equipment and payment as JSON."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from services.booking import equipment, payment, pricing
from services.booking.equipment import Facts
from services.booking.managing import KEEPERS
from services.booking.rules.interval import Interval
from services.booking.schemas.equipment import (
    EquipmentAnswer,
    EquipmentListAnswer,
    EquipmentRequest,
    LendableAnswer,
    LendableQuery,
    PaymentAnswer,
    PaymentRequest,
)
from services.booking.schemas.quotes import QuoteAnswer, QuoteQuery
from services.booking.units import get
from services.booking.wording.rules import charge_text, quote_text
from shared.clock import now
from shared.identity.access import ANYONE, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database
from shared.web.wording import won

quotes = Blueprint("api-quotes", __name__, url_prefix="/api/units", description="What a use costs, and what is lent")
blueprint = Blueprint("api-equipment", __name__, url_prefix="/api/spaces", description="What a space lends")
payments = Blueprint("api-payments", __name__, url_prefix="/api/reservations", description="Paying on the spot")


def told(quote: pricing.Quote) -> dict[str, Any]:
    """A price as the API tells it."""
    charges = [{**line, "text": charge_text(line), "amount_text": won(line["amount"])} for line in quote.lines]
    return {**vars(quote), "text": quote_text(quote.won), "charges": charges}


@quotes.route("/<int:unit_id>/quote")
class UnitQuote(MethodView):
    @allow(ANYONE)
    @quotes.arguments(QuoteQuery, location="query")
    @quotes.response(200, QuoteAnswer)
    def get(self, query: dict[str, Any], unit_id: int) -> Any:
        """What a use costs me, whether or not it is free, with the lines that explain it."""
        with database().read() as session:
            during = Interval(*query["times"](get(session, unit_id).zone))
        wanted = query["equipment"]
        return told(pricing.ask(database(), current_actor(), unit_id, during, query["group_id"], wanted))


@quotes.route("/<int:unit_id>/equipment")
class UnitEquipment(MethodView):
    @allow(ANYONE)
    @quotes.arguments(LendableQuery, location="query")
    @quotes.response(200, LendableAnswer)
    def get(self, query: dict[str, Any], unit_id: int) -> Any:
        """What can be borrowed with a unit; with `start` and `end` also how many pieces are left then."""
        during = Interval(query["start"], query["end"]) if query["start"] and query["end"] else None
        with database().read() as session:
            return {"equipment": equipment.lendable(session, get(session, unit_id), during)}


@blueprint.route("/<int:space_id>/equipment")
class SpaceEquipment(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, EquipmentListAnswer)
    def get(self, space_id: int) -> Any:
        """All that a space lends or has lent."""
        return {"equipment": equipment.of_space(database(), current_actor(), space_id)[2]}

    @allow(KEEPERS)
    @blueprint.arguments(EquipmentRequest)
    @blueprint.response(201, EquipmentAnswer)
    def post(self, facts: Facts, space_id: int) -> Any:
        """Add equipment."""
        return equipment.put(database(), current_actor(), now(), space_id, facts)


@blueprint.route("/<int:space_id>/equipment/<int:equipment_id>")
class OneEquipment(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(EquipmentRequest)
    @blueprint.response(200, EquipmentAnswer)
    def put(self, facts: Facts, space_id: int, equipment_id: int) -> Any:
        """Change what is known of it; `active` false: lent no more."""
        return equipment.put(database(), current_actor(), now(), space_id, facts, equipment_id)


@payments.route("/<int:reservation_id>/payment")
class Payments(MethodView):
    @allow(KEEPERS)
    @payments.arguments(PaymentRequest)
    @payments.response(200, PaymentAnswer)
    def put(self, wanted: dict[str, Any], reservation_id: int) -> Any:
        """Mark what was paid on the spot, waived, or due after all."""
        return payment.mark(database(), current_actor(), now(), reservation_id, wanted["state"])
