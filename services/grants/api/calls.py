"""Calls: /api/calls."""

from typing import Any

from flask.views import MethodView

from services.grants import applications, calls, discovering
from services.grants.api.applications import shown_alone, shown_draft
from services.grants.call_phases import call_phase
from services.grants.models import Call
from services.grants.schemas.applying import ApplicationAnswer, DraftAnswer, DraftRequest, FileRequest, KeyHeader
from services.grants.schemas.calls import CallList, CallSchema
from services.grants.schemas.discovering import CallQuery
from shared import clock
from shared.identity.access import ANYONE, SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-calls", __name__, url_prefix="/api/calls", description="Calls for applications")


@blueprint.route("")
class Calls(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(CallQuery, location="query")
    @blueprint.response(200, CallList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Calls, those that close next first, 24 a page: the filters of the page are the same"""
        now = clock.now()
        with database().read() as session:
            offset = (query["page"] - 1) * discovering.PAGE_SIZE
            found, total = discovering.find(session, current_actor(), now, query["wanted"], offset=offset)
        return {"calls": [_shown(call, now) for call in found], "total": total}


@blueprint.route("/<int:call_id>")
class OneCall(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, CallSchema)
    def get(self, call_id: int) -> dict[str, Any]:
        """One call"""
        with database().read() as session:
            return _shown(calls.get(session, current_actor(), call_id), clock.now())


@blueprint.route("/<int:call_id>/applications")
class Applications(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(KeyHeader, location="headers")
    @blueprint.arguments(FileRequest)
    @blueprint.response(201, ApplicationAnswer)
    def post(self, headers: dict[str, str], wanted: dict[str, Any], call_id: int) -> dict[str, Any]:
        """File an application in one go; the same Idempotency-Key gives the same receipt, even after the close"""
        key = headers["idempotency_key"]
        return shown_alone(applications.file(database(), current_actor(), call_id=call_id, key=key, **wanted))


@blueprint.route("/<int:call_id>/drafts")
class Drafts(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(DraftRequest)
    @blueprint.response(201, DraftAnswer)
    def post(self, wanted: dict[str, Any], call_id: int) -> dict[str, Any]:
        """Begin a group's draft; where there is one already it is the answer"""
        begun = applications.begin(database(), current_actor(), clock.now(), call_id=call_id, **wanted)
        return shown_draft(begun.id)


def _shown(call: Call, now: Any) -> dict[str, Any]:
    columns = {column.key: getattr(call, column.key) for column in Call.__table__.columns}
    return columns | {"state": call_phase(call, now).value}
