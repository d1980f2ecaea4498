"""Lotteries as JSON: read them, take part, answer a win; keepers make and cancel them and see who won."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import jsonify
from flask.views import MethodView

from services.booking import lottery
from services.booking.lottery import Entering, drawing, results
from services.booking.managing import KEEPERS
from services.booking.models import Lottery, LotteryEntry
from services.booking.schemas.lotteries import (
    LotteriesQuery,
    LotteryAnswer,
    LotteryAwardAnswer,
    LotteryEntryAnswer,
    LotteryEntryRequest,
    LotteryReasonRequest,
    LotteryReceiptAnswer,
    LotteryShownAnswer,
    LotteryWinnerAnswer,
)
from services.booking.schemas.lottery_plan import PlanRequest, plan_of
from services.booking.schemas.reservations import ReservationAnswer, ReserveHeaders
from shared.clock import now
from shared.identity.access import ANYONE, SIGNED_IN, allow, current_actor
from shared.refusal import Refusal
from shared.web.api import Blueprint
from shared.web.errors import answer
from shared.web.pages import database

blueprint = Blueprint(
    "api-lotteries", __name__, url_prefix="/api/lotteries", description="Lotteries: enter, and check the draw"
)
managing = Blueprint("api-manage-lotteries", __name__, url_prefix="/api/manage", description="Lotteries of my spaces")


def _listed(found: Lottery) -> results.Listed:
    """A lottery as it stands, for what changes one."""
    listed = results.listed(database(), current_actor(), now(), found.space_id)
    return next(each for each in listed if each.lottery.id == found.id)


def _mine(lottery_id: int) -> LotteryEntry:
    mine = lottery.read(database(), current_actor(), lottery_id).mine
    if mine is None:
        raise Refusal("lottery_entry_not_found", 404)
    return mine


@blueprint.route("")
class Lotteries(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(LotteriesQuery, location="query")
    @blueprint.response(200, LotteryAnswer(many=True))
    def get(self, query: dict[str, Any]) -> Any:
        """Lotteries, those that close next first, then those that are over."""
        return results.listed(database(), current_actor(), now(), query["space_id"])


@blueprint.route("/<int:lottery_id>")
class OneLottery(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, LotteryShownAnswer)
    def get(self, lottery_id: int) -> Any:
        """One lottery: its terms and commitment, its times with how many wish for each, and what is mine of it."""
        shown = lottery.read(database(), current_actor(), lottery_id)
        won_by = results.given(shown)
        plain = ("id", "code", "unit_id", "unit", "start_at", "end_at", "status")
        return {
            "lottery": shown.lottery,
            "stage": shown.lottery.stage(now()),
            "entries": shown.entries,
            "slot_count": len(shown.slots),
            "slots": [
                {
                    **{name: getattr(slot, name) for name in plain},
                    "wished": shown.wished.get(slot.id, 0),
                    "won_by": won_by.get(slot.id),
                }
                for slot in shown.slots
            ],
            "mine": shown.mine,
            "explained": results.explained(shown),
            "awards": shown.awards,
        }


@blueprint.route("/<int:lottery_id>/receipt")
class Receipt(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, LotteryReceiptAnswer)
    def get(self, lottery_id: int) -> Any:
        """The public document of the draw, with the seed: anybody can run it again."""
        return results.receipt(database(), lottery_id)[2]


@blueprint.route("/<int:lottery_id>/entry")
class Entry(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, LotteryEntryAnswer)
    def get(self, lottery_id: int) -> Any:
        """My own entry."""
        return _mine(lottery_id)

    @allow(SIGNED_IN)
    @blueprint.arguments(LotteryEntryRequest)
    @blueprint.response(200, LotteryEntryAnswer)
    def put(self, entering: Entering, lottery_id: int) -> Any:
        """Take part, or change what I entered with; one entry for each person, whatever is sent again."""
        return lottery.enter(database(), current_actor(), now(), lottery_id, entering)

    @allow(SIGNED_IN)
    @blueprint.response(200, LotteryEntryAnswer)
    def delete(self, lottery_id: int) -> Any:
        """Take my entry back; it keeps its number. A second time changes nothing."""
        lottery.withdraw(database(), current_actor(), now(), lottery_id)
        return _mine(lottery_id)


@blueprint.route("/awards")
class MyAwards(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, LotteryAwardAnswer(many=True))
    def get(self) -> Any:
        """What I have won, the latest first."""
        return results.awards_mine(database(), current_actor())


@blueprint.route("/awards/<int:award_id>/confirm")
class Confirm(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, ReservationAnswer)
    def post(self, award_id: int) -> Any:
        """Take what I won: it becomes a reservation. A second time changes nothing."""
        return drawing.confirm(database(), current_actor(), now(), award_id)


@blueprint.route("/awards/<int:award_id>/decline")
class Decline(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, LotteryAwardAnswer)
    def post(self, award_id: int) -> Any:
        """Pass on what I won: it goes to the next who wished for it. A second time changes nothing."""
        return drawing.decline(database(), current_actor(), now(), award_id)


@managing.route("/spaces/<int:space_id>/lotteries")
class SpaceLotteries(MethodView):
    @allow(KEEPERS)
    @managing.response(200, LotteryAnswer(many=True))
    def get(self, space_id: int) -> Any:
        """The lotteries of a space that I run."""
        return results.of_space(database(), current_actor(), now(), space_id)[2]

    @allow(KEEPERS)
    @managing.arguments(ReserveHeaders, location="headers")
    @managing.arguments(PlanRequest)
    @managing.response(201, LotteryAnswer)
    def post(self, headers: dict[str, Any], form: dict[str, Any], space_id: int) -> Any:
        """Make a lottery: its times are kept from now on. When some are taken, 409 tells which (`taken`) beside the
        error form."""
        space = results.of_space(database(), current_actor(), now(), space_id)[0]
        plan = plan_of(form, ZoneInfo(space.zone))
        try:
            made = lottery.make(database(), current_actor(), now(), space_id, plan, headers["idempotency_key"])
        except Refusal as refusal:
            if refusal.code != "lottery_slots_taken":
                raise
            told, status = answer(refusal)
            taken: Any = refusal.params["taken"]
            times = [
                {"unit_name": name, "start": during.start.isoformat(), "end": during.end.isoformat()}
                for name, during in taken
            ]
            return jsonify({**told.get_json(), "taken": times}), status  # type: ignore[union-attr]
        return _listed(made)


@managing.route("/lotteries/<int:lottery_id>/cancel")
class Cancel(MethodView):
    @allow(KEEPERS)
    @managing.arguments(LotteryReasonRequest)
    @managing.response(200, LotteryAnswer)
    def post(self, told: dict[str, Any], lottery_id: int) -> Any:
        """Call it off before the draw: its times are free again, everybody who entered is told why."""
        return _listed(lottery.cancel(database(), current_actor(), now(), lottery_id, told["reason"]))


@managing.route("/lotteries/<int:lottery_id>/winners")
class WhoWon(MethodView):
    @allow(KEEPERS)
    @managing.response(200, LotteryWinnerAnswer(many=True))
    def get(self, lottery_id: int) -> Any:
        """Who won what, with how to reach them. Who looked is recorded."""
        found = results.winners(database(), current_actor(), now(), lottery_id)
        names = ("id", "slot", "entry", "status", "reservation_id", "reservation")
        return [
            {**{name: getattr(each, name) for name in names}, "person": found.people.get(each.entry.account_id)}
            for each in found.awards
        ]
