"""Payments of an application and their gates: /api/applications/<id>/payment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask.views import MethodView
from sqlalchemy.orm import Session

from services.grants import award, funded, ledger, payments
from services.grants.funded import Funded
from services.grants.models import Tranche
from services.grants.rules.tranches import UNPAID
from services.grants.schemas.payments import PaymentSchema, StepSchema, TrancheSchema
from shared import clock
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-payments", __name__, url_prefix="/api/applications", description="Payments of awards")


@blueprint.route("/<int:application_id>/payment")
class Payment(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, PaymentSchema)
    def get(self, application_id: int) -> dict[str, Any]:
        """Why it cannot be paid yet: each tranche with its gates, for its group and for those who run the call"""
        now, actor = clock.now(), current_actor()
        with database().read() as session:
            it = funded.opened(session, actor, application_id)
            known = it.known(now) or not it.own
            rows = award.tranches_of(session, application_id) if known else []
            balance = ledger.of_application(session, application_id) if known else ledger.Balance()
            return {
                "application_id": application_id,
                "awarded_won": it.application.awarded_won if known else None,
                "committed_won": balance.commitment_won,
                "paid_won": balance.expenditure_won,
                "tranches": [_shown(session, it, each, now) for each in rows],
            }


@blueprint.route("/<int:application_id>/payment/<int:number>")
class Step(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(StepSchema)
    @blueprint.response(200, TrancheSchema)
    def post(self, wanted: dict[str, Any], application_id: int, number: int) -> dict[str, Any]:
        """Take a step of a tranche's payment; the same step again changes nothing and pays nothing twice"""
        now, actor = clock.now(), current_actor()
        with database().read() as session:
            funded.opened(session, actor, application_id)
            tranche_id = payments.number_of(session, application_id, number)
        _take(wanted, tranche_id, now)
        with database().read() as session:
            it = funded.opened(session, actor, application_id)
            return _shown(session, it, session.get_one(Tranche, tranche_id), now)


def _take(wanted: dict[str, Any], tranche_id: int, now: datetime) -> None:
    actor, step = current_actor(), wanted["step"]
    if step == "pay":
        payments.pay(
            database(),
            actor,
            now,
            tranche_id=tranche_id,
            reference=wanted["reference"],
            paid_on=wanted["paid_on"],
        )
    elif step == "refuse":
        payments.refuse(database(), actor, now, tranche_id=tranche_id, reason=wanted["reason"])
    else:
        steps = {
            "request": payments.request,
            "take_back": payments.take_back,
            "prepare": payments.prepare,
            "approve": payments.approve,
        }
        steps[step](database(), actor, now, tranche_id=tranche_id)


def _shown(session: Session, it: Funded, tranche: Tranche, now: datetime) -> dict[str, Any]:
    found = payments.gates(session, it, tranche, now) if tranche.state in UNPAID else []
    columns = ("id", "number", "amount_won", "state", "paid_at", "reference")
    return {name: getattr(tranche, name) for name in columns} | {
        "paid_on": award.paid_days(session, [tranche]).get(tranche.id),
        "payable": bool(found) and all(gate.green for gate in found),
        "gates": [
            {
                "key": gate.guard.key,
                "label": str(gate.guard.label),
                "green": gate.green,
                "owner": gate.owner,
                "waiting": gate.finding.waiting,
                "code": gate.guard.code,
                "since": gate.finding.on,
                "due": gate.finding.due,
            }
            for gate in found
        ],
    }
