"""Seasons as JSON: apply, propose, edit, publish, call off."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from services.booking import seasons
from services.booking.managing import KEEPERS
from services.booking.models import Season
from services.booking.schemas.reservations import ReserveHeaders
from services.booking.schemas.seasons import (
    EditSeasonRequest,
    SeasonActRequest,
    SeasonAnswer,
    SeasonApplicationAnswer,
    SeasonApplicationRequest,
    SeasonBackRequest,
    SeasonPlanAnswer,
    SeasonReasonRequest,
    SeasonRequest,
    SeasonVersionQuery,
    SeasonVersionRequest,
    ShownSeasonAnswer,
)
from services.booking.seasons import applications, ending, plan, publishing
from shared.clock import now
from shared.identity.access import ANYONE, SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint(
    "api-seasons", __name__, url_prefix="/api/seasons", description="Weekly times over a season: apply and allocate"
)


@blueprint.route("")
class Seasons(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, SeasonAnswer(many=True))
    def get(self) -> Any:
        """The seasons that were announced, the latest first."""
        return [_told(season) for season, _spaces, _mine in seasons.announced(database(), current_actor())]


@blueprint.route("/managed")
class Managed(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, SeasonAnswer(many=True))
    def get(self) -> Any:
        """The seasons that I run, drafts too."""
        return [_told(season) for season, _spaces, _count in seasons.managed_by(database(), current_actor())]

    @allow(KEEPERS)
    @blueprint.arguments(ReserveHeaders, location="headers")
    @blueprint.arguments(SeasonRequest)
    @blueprint.response(201, SeasonAnswer)
    def post(self, headers: dict[str, Any], told: dict[str, Any]) -> Any:
        """Make a season; nobody else sees it until it is announced."""
        made = seasons.make(database(), current_actor(), now(), told["wanted"], headers["idempotency_key"])
        return _told(made)


@blueprint.route("/<int:season_id>")
class OneSeason(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, ShownSeasonAnswer)
    def get(self, season_id: int) -> Any:
        """A season with its units and my application."""
        found = seasons.read(database(), current_actor(), season_id)
        return {**vars(found), "season": _told(found.season)}

    @allow(KEEPERS)
    @blueprint.arguments(EditSeasonRequest)
    @blueprint.response(200, SeasonAnswer)
    def put(self, told: dict[str, Any], season_id: int) -> Any:
        """Change a season, as far as it still can be."""
        return _told(seasons.edit(database(), current_actor(), now(), season_id, told["version"], told["wanted"]))

    @allow(KEEPERS)
    @blueprint.arguments(SeasonVersionQuery, location="query")
    @blueprint.response(204)
    def delete(self, told: dict[str, Any], season_id: int) -> None:
        """Delete a draft."""
        ending.drop(database(), current_actor(), now(), season_id, told["version"])


@blueprint.route("/<int:season_id>/announcement")
class Announcement(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(SeasonVersionRequest)
    @blueprint.response(200, SeasonAnswer)
    def post(self, told: dict[str, Any], season_id: int) -> Any:
        """Let everybody see it."""
        return _told(seasons.announce(database(), current_actor(), now(), season_id, told["version"]))


@blueprint.route("/<int:season_id>/cancellation")
class Cancellation(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(SeasonReasonRequest)
    @blueprint.response(200, SeasonAnswer)
    def post(self, told: dict[str, Any], season_id: int) -> Any:
        """Call it off before it is published; everybody who applied is told why."""
        return _told(ending.cancel(database(), current_actor(), now(), season_id, told["reason"]))


@blueprint.route("/<int:season_id>/application")
class Application(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(SeasonApplicationRequest)
    @blueprint.response(200, SeasonApplicationAnswer)
    def put(self, asked: Any, season_id: int) -> Any:
        """Apply, or change what I applied with."""
        return applications.submit(database(), current_actor(), now(), season_id, asked)

    @allow(SIGNED_IN)
    @blueprint.response(200, SeasonApplicationAnswer)
    def delete(self, season_id: int) -> Any:
        """Withdraw."""
        return applications.withdraw(database(), current_actor(), now(), season_id)


@blueprint.route("/<int:season_id>/plan")
class PlanOfSeason(MethodView):
    @allow(KEEPERS)
    @blueprint.response(200, SeasonPlanAnswer)
    def get(self, season_id: int) -> Any:
        """The applications and the plan. Who looked is recorded."""
        return _board(season_id)

    @allow(KEEPERS)
    @blueprint.arguments(SeasonActRequest)
    @blueprint.response(200, SeasonPlanAnswer)
    def patch(self, told: dict[str, Any], season_id: int) -> Any:
        """Pin, unpin, forbid, allow or move one weekly time."""
        placement, to = plan.placements_of(database(), season_id, told)
        plan.act(database(), current_actor(), now(), season_id, told["version"], told["do"], placement, to)
        return _board(season_id)


@blueprint.route("/<int:season_id>/plan/proposal")
class ProposalOfSeason(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(SeasonVersionRequest)
    @blueprint.response(200, SeasonPlanAnswer)
    def post(self, told: dict[str, Any], season_id: int) -> Any:
        """Let the solver propose."""
        plan.propose_plan(database(), current_actor(), now(), season_id, told["version"])
        return _board(season_id)


@blueprint.route("/<int:season_id>/plan/return")
class ReturnOfSeason(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(SeasonBackRequest)
    @blueprint.response(200, SeasonPlanAnswer)
    def post(self, told: dict[str, Any], season_id: int) -> Any:
        """Go back to an earlier plan."""
        plan.go_back(database(), current_actor(), now(), season_id, told["version"], told["index"])
        return _board(season_id)


@blueprint.route("/<int:season_id>/publication")
class Publication(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(SeasonVersionRequest)
    @blueprint.response(200, SeasonAnswer)
    def post(self, told: dict[str, Any], season_id: int) -> Any:
        """Make the allocation final and reserve; again, it goes on with what is not carried out yet."""
        return _told(publishing.publish(database(), current_actor(), now(), season_id, told["version"]))


def _board(season_id: int) -> dict[str, Any]:
    found = plan.read(database(), current_actor(), now(), season_id)
    plan.viewed(database(), current_actor(), now(), season_id)
    return {
        "season": found.season,
        "plan": found.plan,
        "clashes": found.clashes,
        "fairness": found.fairness,
        "shares": found.shares,
        "applying": list(found.applications.values()),
        "reasons": {str(wish_id): list(reasons) for wish_id, reasons in found.reasons.items()},
    }


def _told(season: Season) -> dict[str, Any]:
    columns = {column.key: getattr(season, column.key) for column in Season.__table__.columns}
    return {**columns, "stage": season.stage(now())}
