"""Ending an agreement early (협약 해지): nothing more is paid, and what was not paid goes back to the budget."""

from __future__ import annotations

from datetime import datetime

from services.grants import award, changes, funded, guards, notices, policy, process, standing
from services.grants.models import Application
from shared.database import Database
from shared.identity.actor import Actor


def terminate(database: Database, actor: Actor, now: datetime, *, application_id: int, reason: str) -> Application:
    """Terminate a selected or running project with the reason that its group reads; again changes nothing.

    What is to come back of what was paid is ordered apart. Raises Refusal: not_found, other_district, own_application,
    step_not_possible, not_announced, invalid_input.
    """
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        application = it.application
        ends = {each.end for each in it.rules.transitions if each.event == "terminate"}
        if application.state in ends:
            return application
        policy.refuse_problems(policy.text_problems("reason", reason, policy.REASON))
        reason = reason.strip()
        if application.phase == "selected":  # its group does not know yet what it would be told the end of
            guards.check(("announced",), process.facts_of(session, application, it.call, now))
        process.move(session, application, it.call, "terminate", actor, now, reason=reason)
        changes.refuse_open(session, actor, now, application_id, reason)
        award.stop(session, actor, now, it, f"terminate:{application_id}", reason)
        told = standing.accounts_of(session, application)
        path = f"/applications/{application_id}"
        notices.tell(session, told, "agreement_terminated", now, path=path, title=application.title, reason=reason)
        return application
