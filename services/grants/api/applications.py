"""The applications of one's groups: /api/applications, from the draft on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask.views import MethodView
from sqlalchemy.orm import Session

from services.grants import applications, programmes
from services.grants.applying.drafts import Conflict
from services.grants.models import Application, Call
from services.grants.schemas.applying import ApplicationAnswer, DraftAnswer, DraftPatch, KeyHeader
from services.grants.selection import embargo
from shared.clock import now
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-applications", __name__, url_prefix="/api/applications", description="My applications")


@blueprint.route("")
class Mine(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, ApplicationAnswer(many=True))
    def get(self) -> list[dict[str, Any]]:
        """The applications of my groups, the newest first"""
        moment = now()
        with database().read() as session:
            return [shown(session, each, each.call, moment) for each in applications.mine(session, current_actor())]


@blueprint.route("/<int:application_id>")
class OneApplication(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, ApplicationAnswer)
    def get(self, application_id: int) -> dict[str, Any]:
        """One application, of my group or of my district"""
        moment = now()
        application = applications.view(database(), current_actor(), moment, application_id=application_id)
        with database().read() as session:
            return shown(session, application, application.call, moment)


@blueprint.route("/<int:application_id>/draft")
class Draft(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, DraftAnswer)
    def get(self, application_id: int) -> dict[str, Any]:
        """A draft, or what is to be corrected, with what is still missing"""
        return shown_draft(application_id)

    @allow(SIGNED_IN)
    @blueprint.arguments(DraftPatch)
    @blueprint.response(200, DraftAnswer)
    def patch(self, wanted: dict[str, Any], application_id: int) -> dict[str, Any]:
        """Save some fields; those that somebody else changed since come back as conflicts"""
        saved = applications.save(
            database(),
            current_actor(),
            now(),
            application_id=application_id,
            revision=wanted["revision"],
            values=wanted["answers"],
        )
        return shown_draft(application_id, saved.conflicts)


@blueprint.route("/<int:application_id>/submit")
class Submission(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(KeyHeader, location="headers")
    @blueprint.response(200, ApplicationAnswer)
    def post(self, headers: dict[str, str], application_id: int) -> dict[str, Any]:
        """File a draft; the same Idempotency-Key gives the same receipt, even after the close"""
        key = headers["idempotency_key"]
        filed = applications.submit(database(), current_actor(), application_id=application_id, key=key)
        return shown_alone(filed)


@blueprint.route("/<int:application_id>/correct")
class Correction(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(KeyHeader, location="headers")
    @blueprint.response(200, ApplicationAnswer)
    def post(self, headers: dict[str, str], application_id: int) -> dict[str, Any]:
        """File what was to be corrected; the earlier filing stays"""
        key = headers["idempotency_key"]
        filed = applications.correct(database(), current_actor(), application_id=application_id, key=key)
        return shown_alone(filed)


@blueprint.route("/<int:application_id>/withdraw")
class Withdrawal(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, ApplicationAnswer)
    def post(self, application_id: int) -> dict[str, Any]:
        """Take an application back, or give a draft up; again changes nothing"""
        return shown_alone(applications.withdraw(database(), current_actor(), now(), application_id=application_id))


def shown(session: Session, application: Application, call: Call, moment: datetime) -> dict[str, Any]:
    """An application as its group may know it now."""
    known = embargo.known(programmes.rules_of_application(session, application), application, call, moment)
    told = {
        "state": known.state.key,
        "phase": known.state.phase,
        "awarded_won": known.awarded_won,
        "reason": known.reason,
        "conditions": known.conditions,
        "announced_at": known.announced_at,
    }
    return {name: getattr(application, name) for name in ApplicationAnswer().fields} | told


def shown_alone(application: Application) -> dict[str, Any]:
    """As `shown`; what was just received is under no embargo, and nothing has to be looked up."""
    if application.phase == "intake":
        return {name: getattr(application, name) for name in ApplicationAnswer().fields}
    with database().read() as session:
        return shown(session, application, session.get_one(Call, application.call_id), now())


def shown_draft(application_id: int, conflicts: tuple[Conflict, ...] = ()) -> dict[str, Any]:
    """A draft with what keeps it from being filed."""
    opened = applications.look(database(), current_actor(), now(), application_id=application_id)
    it, missing = opened.application, dict(opened.checked.reading.errors)
    if opened.checked.blocking:
        missing["form"] = opened.checked.blocking
    columns = {name: getattr(it, name) for name in ("id", "call_id", "group_id", "state", "revision", "saved_at")}
    return {**columns, "answers": it.typed, "missing": missing, "conflicts": conflicts}
