"""What giving up an award does: its commitment goes back to the line, and the register forgets the project."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import ledger, policy
from services.grants.models import Application, Call, Project
from shared.bus.outbox import publish
from shared.identity.actor import Actor


def release_within(session: Session, actor: Actor, now: datetime, application: Application, call: Call) -> int:
    """After a withdrawal, within its unit of work (the caller holds the lock): what is committed and was not paid is
    decommitted, once; how many won. An award under embargo was never committed."""
    application.reserve_rank = None
    balance = ledger.of_application(session, application.id)
    free_won = balance.commitment_won - balance.expenditure_won
    _withdraw_project(session, now, application)
    if free_won <= 0:
        return 0
    entry = ledger.Entry("decommitment", free_won, policy.city_date(now), f"{application.receipt} {application.title}")
    ledger.post_within(
        session,
        actor,
        now,
        line_id=ledger.line_of(session, call, now),
        application_id=application.id,
        entries=[(entry, f"award-release:{application.id}")],
    )
    return free_won


def _withdraw_project(session: Session, now: datetime, application: Application) -> None:
    """Take the project out of the register, and tell those who show it."""
    project = session.scalar(select(Project).where(Project.application_id == application.id))
    if project is None:
        return
    payload = {"project_id": project.id, "call_id": project.call_id, "district": project.district}
    session.delete(project)
    session.flush()
    publish(
        session,
        "grants.project.withdrawn",
        aggregate=f"project:{project.id}",
        occurred_at=now,
        payload=payload,
    )
