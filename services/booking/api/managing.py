"""Managing spaces as JSON: what I run, the day's sheet, requests, blocks, closures, the trail."""

from typing import Any

from flask.views import MethodView

from services.booking import audit_trail, blocks, closures, conflicts, managing, request_queue, sheet, sheet_acts
from services.booking.closures import acts, simulation
from services.booking.managing import KEEPERS
from services.booking.repeats import rule_of
from services.booking.rules.displacement import Place
from services.booking.rules.interval import Interval
from services.booking.schemas.managing import (
    AnsweredAnswer,
    AnswerRequest,
    AuditQuery,
    BlockedAnswer,
    BlockForm,
    ChooseRequest,
    ClosureAnswer,
    ClosureForm,
    ConflictAnswer,
    DayQuery,
    DoneAnswer,
    HomeAnswer,
    HomeQuery,
    QueueAnswer,
    QueueQuery,
    ReleaseQuery,
    SheetAct,
    SheetAnswer,
    SimulationAnswer,
    TrailAnswer,
    VersionRequest,
)
from services.booking.schemas.reservations import ReservationAnswer, ReserveHeaders
from shared.clock import now
from shared.identity.access import allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint(
    "api-manage", __name__, url_prefix="/api/manage", description="For keepers, district staff and city staff"
)


@blueprint.route("/spaces")
class Spaces(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(HomeQuery, location="query")
    @blueprint.response(200, HomeAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """The spaces that I run, with what needs me."""
        return managing.home(database(), current_actor(), now(), query["text"], query["page"])


@blueprint.route("/spaces/<int:space_id>/sheet")
class Sheet(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(DayQuery, location="query")
    @blueprint.response(200, SheetAnswer)
    def get(self, query: dict[str, Any], space_id: int) -> Any:
        """A local day of a space: who comes when. Who looked is recorded."""
        return sheet.read(database(), current_actor(), now(), space_id, query["day"])


@blueprint.route("/spaces/<int:space_id>/sheet/<int:reservation_id>")
class SheetLine(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(SheetAct)
    @blueprint.response(200, ReservationAnswer)
    def post(self, form: dict[str, Any], space_id: int, reservation_id: int) -> Any:
        """Check in by hand, mark the fee, mark a no-show, or cancel with a reason."""
        return sheet_acts.act(database(), current_actor(), now(), space_id, reservation_id, **form)


@blueprint.route("/approvals")
class Approvals(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(QueueQuery, location="query")
    @blueprint.response(200, QueueAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """The requests that wait for me, the oldest first."""
        return request_queue.read(database(), current_actor(), now(), **query)

    @allow(KEEPERS)
    @blueprint.arguments(AnswerRequest)
    @blueprint.response(200, AnsweredAnswer)
    def post(self, form: dict[str, Any]) -> Any:
        """Approve or decline several; one that can't be answered any more stops no other."""
        done = request_queue.answer(
            database(), current_actor(), now(), form["reservations"], form["decision"], form["reason"]
        )
        return {"done": done.done, "refused": {key: refusal.code for key, refusal in done.refused.items()}}


@blueprint.route("/conflicts")
class Conflicts(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, ConflictAnswer(many=True))
    def get(self) -> Any:
        """Reservations that meet since rooms were divided or joined anew, soonest first. Who looked is recorded."""
        return conflicts.of(database(), current_actor(), now())


@blueprint.route("/conflicts/<int:reservation_id>/<int:other_id>/settled")
class Settled(MethodView):
    @allow(KEEPERS)
    @blueprint.response(204)
    def post(self, reservation_id: int, other_id: int) -> None:
        """Both stay as they are."""
        conflicts.settle(database(), current_actor(), now(), reservation_id, other_id)


@blueprint.route("/spaces/<int:space_id>/blocks")
class Blocks(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, ReservationAnswer(many=True))
    def get(self, space_id: int) -> Any:
        """What the space has blocked from now on."""
        return blocks.coming(database(), current_actor(), now(), space_id)[2]

    @allow(KEEPERS)
    @blueprint.arguments(ReserveHeaders, location="headers")
    @blueprint.arguments(BlockForm)
    @blueprint.response(201, BlockedAnswer)
    def post(self, headers: dict[str, Any], form: dict[str, Any], space_id: int) -> Any:
        """Keep a unit for an event of the space's own, once or repeated."""
        return blocks.block(
            database(),
            current_actor(),
            now(),
            unit_id=form["unit_id"],
            day=form["date"],
            opens=form["start"],
            closes=form["end"],
            purpose=form["purpose"],
            key=headers["idempotency_key"],
            rule=rule_of(form["repeat"], form["date"], form["until"]),
            free_only=form["free_only"],
        )


@blueprint.route("/blocks/<int:reservation_id>")
class OneBlock(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(ReleaseQuery, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], reservation_id: int) -> None:
        """Give a blocked time back, and with `following` all later ones of its repetition."""
        blocks.release(database(), current_actor(), now(), reservation_id, **query)


@blueprint.route("/spaces/<int:space_id>/closures")
class Closures(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, ClosureAnswer(many=True))
    def get(self, space_id: int) -> Any:
        """A space's closures, the latest first."""
        return closures.of_space(database(), current_actor(), space_id)[2]

    @allow(KEEPERS)
    @blueprint.arguments(ClosureForm)
    @blueprint.response(201, ClosureAnswer)
    def post(self, form: dict[str, Any], space_id: int) -> Any:
        """Prepare a closure; nothing changes for anybody yet."""
        zone = closures.zone_of(database(), current_actor(), space_id)
        start, end = closures.span(form["first_day"], form["from_"], form["last_day"], form["to"], zone)
        return closures.draft(
            database(),
            current_actor(),
            now(),
            space_id=space_id,
            unit_ids=form["units"],
            start=start,
            end=end,
            reason=form["reason"],
            rule=rule_of(form["repeat"], form["first_day"], form["until"]),
        )


@blueprint.route("/closures/<int:closure_id>")
class OneClosure(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, DoneAnswer)
    def get(self, closure_id: int) -> Any:
        """What an applied or undone closure did."""
        return acts.done(database(), current_actor(), now(), closure_id)

    @allow(KEEPERS)
    @blueprint.arguments(ChooseRequest)
    @blueprint.response(200, ClosureAnswer)
    def put(self, form: dict[str, Any], closure_id: int) -> Any:
        """Choose for reservations, and edit the messages."""
        choices = {each["reservation_id"]: _choice(each) for each in form["choices"]}
        return simulation.choose(
            database(), current_actor(), now(), closure_id, form["version"], choices, form["texts"]
        )

    @allow(KEEPERS)
    @blueprint.response(204)
    def delete(self, closure_id: int) -> None:
        """Forget a draft."""
        closures.drop(database(), current_actor(), now(), closure_id)


@blueprint.route("/closures/<int:closure_id>/simulation")
class Simulation(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, SimulationAnswer)
    def get(self, closure_id: int) -> Any:
        """Whom a draft meets now, and where each could move."""
        return simulation.simulate(database(), current_actor(), now(), closure_id)


@blueprint.route("/closures/<int:closure_id>/apply")
class Apply(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(VersionRequest)
    @blueprint.response(200, ClosureAnswer)
    def post(self, form: dict[str, Any], closure_id: int) -> Any:
        """Close, move, cancel and tell; every reservation in the way must have been chosen for."""
        return acts.apply(database(), current_actor(), now(), closure_id, form["version"])


@blueprint.route("/closures/<int:closure_id>/undo")
class Undo(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, ClosureAnswer)
    def post(self, closure_id: int) -> Any:
        """Open again and put back what can be."""
        return acts.undo(database(), current_actor(), now(), closure_id)


@blueprint.route("/spaces/<int:space_id>/audit")
class Audit(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(AuditQuery, location="query")
    @blueprint.response(200, TrailAnswer)
    def get(self, query: dict[str, Any], space_id: int) -> Any:
        """Who did what in a space, newest first. Who looked is recorded."""
        before = query.pop("before")
        return audit_trail.read(database(), current_actor(), now(), space_id, audit_trail.Filter(**query), before)


def _choice(told: dict[str, Any]) -> simulation.Choice:
    place = told["place"]
    if place is None:
        return simulation.Choice(told["action"])
    return simulation.Choice(told["action"], Place(place["unit_id"], Interval(place["start"], place["end"])))
