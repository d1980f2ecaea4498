"""What giving up an award does, and deciding on it again: its commitment goes back to the line, and the register
forgets the project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import ledger, policy
from services.grants.models import Application, Call, Posting, Project
from shared.bus.outbox import publish
from shared.identity.actor import Actor

KEY = "award-release"
"""How the ledger's keys of these postings begin."""


def release_within(session: Session, actor: Actor, now: datetime, application: Application, call: Call) -> int:
    """After a withdrawal or an objection that was upheld, within its unit of work (the caller holds the lock): what is
    committed and was not paid is decommitted, once; how many won. An award under embargo was never committed."""
    application.reserve_rank = None
    balance = ledger.of_application(session, application.id)
    free_won = balance.commitment_won - balance.expenditure_won
    _withdraw_project(session, now, application)
    if free_won <= 0:
        return 0
    before = releases(session, [application.id])[application.id]
    key = f"{KEY}:{application.id}" if not before else f"{KEY}:{application.id}:{before + 1}"
    entry = ledger.Entry("decommitment", free_won, policy.city_date(now), f"{application.receipt} {application.title}")
    ledger.post_within(
        session,
        actor,
        now,
        line_id=ledger.line_of(session, call, now),
        application_id=application.id,
        entries=[(entry, key)],
    )
    return free_won


def releases(session: Session, application_ids: Sequence[int]) -> Counter[int]:
    """Application -> how often its award was given up or decided on again: one query."""
    wanted = (Posting.application_id.in_(application_ids), Posting.idempotency_key.startswith(f"{KEY}:"))
    rows = session.execute(select(Posting.application_id, func.count()).where(*wanted).group_by(Posting.application_id))
    return Counter({application_id: int(number) for application_id, number in rows if application_id is not None})


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
