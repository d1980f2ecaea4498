"""The change requests that wait for those who run calls."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants.desk import run_by
from services.grants.models import Application, Call, ChangeRequest
from shared.identity.actor import Actor

PAGE_SIZE = 25


def waiting(
    session: Session, actor: Actor, *, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[Sequence[tuple[ChangeRequest, Application, Call]], int]:
    """The open requests of all calls that the actor runs, the oldest first, and how many there are: two queries."""
    mine = (run_by(actor), ChangeRequest.state == "open")
    base = (
        select(ChangeRequest, Application, Call)
        .join(Application, Application.id == ChangeRequest.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(*mine)
    )
    total = session.scalar(select(func.count()).select_from(base.subquery())) or 0
    rows = session.execute(base.order_by(ChangeRequest.requested_at, ChangeRequest.id).offset(offset).limit(limit))
    return [(change, application, call) for change, application, call in rows], total
