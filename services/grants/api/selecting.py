"""Results for everyone, meetings for their members: /api/calls/<id>/results, /api/meetings."""

from typing import Any

from flask.views import MethodView
from sqlalchemy import select

from services.grants import calls, programmes
from services.grants.callers import COMMITTEE
from services.grants.committee import agenda, attendance, finding, meetings, recusals, voting
from services.grants.models import Meeting, Vote
from services.grants.rules import quorum
from services.grants.schemas.calls import PageQuery
from services.grants.schemas.selecting import (
    AgendaSchema,
    AttendanceForm,
    MeetingSchema,
    ResultsQuery,
    ResultsSchema,
    VoteForm,
)
from services.grants.selection import results
from shared import clock
from shared.identity.access import ANYONE, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

HIDDEN = dict.fromkeys(("proposal", "proposed_won", "rank", "state"))
"""What of an item is null for whoever is kept from it."""

announced = Blueprint("api-results", __name__, url_prefix="/api/calls", description="Results of calls")
blueprint = Blueprint("api-meetings", __name__, url_prefix="/api/meetings", description="Meetings of the committee")


@announced.route("/<int:call_id>/results")
class Results(MethodView):
    @allow(ANYONE)
    @announced.arguments(ResultsQuery, location="query")
    @announced.response(200, ResultsSchema)
    def get(self, query: dict[str, Any], call_id: int) -> results.Results:
        """The announced results of a call"""
        with database().read() as session:
            call = calls.get(session, current_actor(), call_id)
            return results.of_call(session, call, clock.now(), offset=(query["page"] - 1) * results.PAGE_SIZE)


@blueprint.route("")
class Meetings(MethodView):
    @allow(COMMITTEE)
    @blueprint.response(200, MeetingSchema(many=True))
    def get(self) -> list[Meeting]:
        """My meetings, the newest first"""
        with database().read() as session:
            return [meeting for meeting, _call, _items in meetings.listed(session, current_actor())]


@blueprint.route("/<int:meeting_id>")
class OneMeeting(MethodView):
    @allow(COMMITTEE)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, AgendaSchema)
    def get(self, query: dict[str, Any], meeting_id: int) -> dict[str, Any]:
        """A meeting with its agenda"""
        return _shown(meeting_id, query["page"])


@blueprint.route("/<int:meeting_id>/attendance")
class Attendance(MethodView):
    @allow(COMMITTEE)
    @blueprint.arguments(AttendanceForm)
    @blueprint.response(200, AgendaSchema)
    def put(self, form: dict[str, Any], meeting_id: int) -> dict[str, Any]:
        """Say that one has come, or left"""
        act = attendance.arrive if form["there"] else attendance.leave
        act(database(), current_actor(), clock.now(), meeting_id=meeting_id)
        return _shown(meeting_id, 1)


@blueprint.route("/items/<int:item_id>/vote")
class OneVote(MethodView):
    @allow(COMMITTEE)
    @blueprint.arguments(VoteForm)
    @blueprint.response(200, VoteForm)
    def put(self, form: dict[str, Any], item_id: int) -> Vote:
        """Vote, or vote otherwise before it is decided"""
        return voting.cast(database(), current_actor(), clock.now(), item_id=item_id, choice=form["choice"])


def _shown(meeting_id: int, page: int) -> dict[str, Any]:
    actor, now = current_actor(), clock.now()
    reader = actor.account_id or 0
    with database().read() as session:
        meeting, call, _runs = finding.read_meeting(session, actor, meeting_id)
        rules = programmes.rules_of_call(session, call)
        seats = finding.seats(session, meeting_id)
        found, total = agenda.items(session, meeting_id, offset=(page - 1) * agenda.PAGE_SIZE)
        kept = recusals.kept_from(session, actor.account_id, [item for item, _application in found], now)
        cast = select(Vote).where(Vote.account_id == reader, Vote.item_id.in_([item.id for item, _ in found]))
        own = {vote.item_id: vote.choice for vote in session.scalars(cast)}
    items = [
        {column.key: getattr(item, column.key) for column in item.__table__.columns}
        | {
            "title": application.title,
            "group_name": application.group_name,
            "requested_won": application.requested_won,
            "recused": item.id in kept,
            "choice": own.get(item.id),
        }
        | (HIDDEN if item.id in kept else {})
        for item, application in found
    ]
    return {
        **{column.key: getattr(meeting, column.key) for column in meeting.__table__.columns},
        "quorum": quorum.needed(len(seats), rules.committee.quorum) if seats else 0,
        "present": sum(finding.is_there(seat) for seat in seats),
        "items": items,
        "total": total,
    }
