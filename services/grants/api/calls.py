"""Calls: /api/calls."""

from typing import Any

from flask.views import MethodView

from services.grants import applications, calls
from services.grants.models import Application, Call
from services.grants.policy import Filing
from services.grants.schemas.calls import ApplicationSchema, CallList, CallQuery, CallSchema, FilingSchema, KeyHeader
from services.grants.workflow import call_phase, public_state
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
        """Calls, those that close next first, 24 a page"""
        now = clock.now()
        with database().read() as session:
            found, total = calls.listed(
                session,
                current_actor(),
                now,
                district=query["district"],
                phase=query["state"],
                offset=(query["page"] - 1) * calls.PAGE_SIZE,
            )
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
    @blueprint.arguments(FilingSchema)
    @blueprint.response(201, ApplicationSchema)
    def post(self, headers: dict[str, str], filed: dict[str, Any], call_id: int) -> dict[str, Any]:
        """File an application; the same Idempotency-Key gives the same receipt"""
        now = clock.now()
        application = applications.submit(
            database(), current_actor(), now, call_id=call_id, filing=Filing(**filed), key=headers["idempotency_key"]
        )
        with database().read() as session:
            return shown_application(application, session.get_one(Call, call_id), now)


def shown_application(application: Application, call: Call, now: Any) -> dict[str, Any]:
    """The columns of an application with its state in public words' key."""
    columns = {column.key: getattr(application, column.key) for column in Application.__table__.columns}
    return columns | {"state": public_state(application, call, now)}


def _shown(call: Call, now: Any) -> dict[str, Any]:
    columns = {column.key: getattr(call, column.key) for column in Call.__table__.columns}
    return columns | {"state": call_phase(call, now).value}
