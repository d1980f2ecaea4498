"""Decisions: selecting an application makes a funded project, refusing one needs a reason."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import applications, policy, workflow
from services.grants.models import AUDIT, Application, Call, Project
from shared.audit import record
from shared.bus.outbox import publish
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def select_application(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    awarded_won: int | None,
    reason: str = "",
    unread: dict[str, list[str]] | None = None,
) -> Project:
    """Fund an application with `awarded_won`; the same decision again gives the same project.

    The call's row is locked, so that awards never exceed its budget together. Raises Refusal: not_found,
    other_district, own_application, call_not_closed_yet, already_decided, invalid_input (award_over_request,
    award_over_remaining).
    """
    with database.write() as session:
        application, call = _to_decide(session, actor, application_id)
        if application.state == "selected" and application.awarded_won == awarded_won:
            return session.scalars(select(Project).where(Project.application_id == application_id)).one()
        _check_step("select", application, call, now)
        left = remaining_won(session, call)
        policy.refuse_problems(_problems(application, awarded_won, reason, left), unread)
        application.awarded_won = awarded_won
        _close(session, actor, now, application, "selected", reason)
        project = Project(
            application_id=application.id,
            call_id=call.id,
            district=application.district,
            title=application.title,
            group_name=application.group_name,
            strand=application.strand,
            awarded_won=awarded_won,
            decided_at=now,
            space_id=application.space_id,
            latitude=application.latitude,
            longitude=application.longitude,
        )
        session.add(project)
        session.flush()
        _announce(session, project)
        return project


def reject(database: Database, actor: Actor, now: datetime, *, application_id: int, reason: str) -> Application:
    """Refuse an application with the reason that its group will read; again with the same reason changes nothing.

    Raises Refusal: not_found, other_district, own_application, call_not_closed_yet, already_decided, invalid_input.
    """
    with database.write() as session:
        application, call = _to_decide(session, actor, application_id)
        if application.state == "rejected" and application.reason == reason.strip():
            return application
        _check_step("reject", application, call, now)
        policy.refuse_problems(policy.reason_problems(reason, required=True))
        _close(session, actor, now, application, "rejected", reason)
        return application


def remaining_won(session: Session, call: Call) -> int:
    """What the call's budget still holds; certain only while the call's row is locked."""
    spent = session.scalar(select(func.coalesce(func.sum(Project.awarded_won), 0)).where(Project.call_id == call.id))
    return call.budget_won - int(spent or 0)


def _to_decide(session: Session, actor: Actor, application_id: int) -> tuple[Application, Call]:
    application, call = applications.locked(session, application_id)
    policy.check_runs(actor, call.district)
    if application.account_id == actor.account_id:
        raise Refusal("own_application", 403)
    return application, call


def _check_step(event: str, application: Application, call: Call, now: datetime) -> None:
    if not workflow.can(event, application.state):
        raise Refusal("already_decided")
    policy.check_decidable(call, now)


def _problems(application: Application, awarded_won: int | None, reason: str, left: int) -> policy.Problems:
    yield from policy.award_problems(awarded_won, application.requested_won, left)
    yield from policy.reason_problems(reason, required=False)


def _close(session: Session, actor: Actor, now: datetime, application: Application, state: str, reason: str) -> None:
    application.state, application.reason = state, reason.strip()
    application.decided_at, application.decided_by = now, actor.account_id
    details = {"awarded_won": application.awarded_won} if application.awarded_won else {}
    record(session, AUDIT, actor, now, f"application.{state}", f"application:{application.id}", details)


def _announce(session: Session, project: Project) -> None:
    publish(
        session,
        "grants.project.funded",
        aggregate=f"project:{project.id}",
        occurred_at=project.decided_at,
        payload={
            "project_id": project.id,
            "call_id": project.call_id,
            "district": project.district,
            "title": project.title,
            "group_name": project.group_name,
            "strand": project.strand,
            "awarded_won": project.awarded_won,
            "decided_at": project.decided_at,
            "latitude": project.latitude,
            "longitude": project.longitude,
            "space_id": project.space_id,
        },
    )
