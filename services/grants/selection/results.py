"""The results of a call as everyone may read them: who was selected with how much, and the reserve list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from services.grants.calls import FUNDED
from services.grants.models import Application, Call, Project

PAGE_SIZE = 100


@dataclass(frozen=True)
class Results:
    """What is announced: a part of the selected ones (the best known order: by their numbers), how many and how much in
    all, the reserve list, and how many were not selected. All empty before the announcement."""

    announced_at: datetime | None
    selected: Sequence[Application] = ()
    reserve: Sequence[Application] = ()
    total: int = 0
    awarded_won: int = 0
    rejected: int = 0
    projects: Mapping[int, int] = field(default_factory=dict)
    """Application -> its project in the public register."""


def of_call(session: Session, call: Call, now: datetime, *, offset: int = 0) -> Results:
    """Four queries, however many there are."""
    told = (Application.call_id == call.id, Application.announced_at.is_not(None), Application.announced_at <= now)
    first, total, awarded_won, rejected = session.execute(
        select(
            # Who was not eligible was told at once, which is no announcement of results.
            func.min(Application.announced_at).filter(Application.phase != "rejected"),
            func.count().filter(Application.phase.in_(FUNDED)),
            func.coalesce(func.sum(Application.awarded_won).filter(Application.phase.in_(FUNDED)), 0),
            func.count().filter(Application.phase == "rejected"),
        ).where(*told)
    ).one()
    lean = (defer(Application.typed), defer(Application.answers), defer(Application.plan))
    selected = session.scalars(
        select(Application)
        .where(*told, Application.phase.in_(FUNDED))
        .options(*lean)
        .order_by(Application.number)
        .offset(offset)
        .limit(PAGE_SIZE)
    ).all()
    reserve = session.scalars(
        select(Application)
        .where(*told, Application.phase == "decision", Application.reserve_rank.is_not(None))
        .options(*lean)
        .order_by(Application.reserve_rank)
        .limit(PAGE_SIZE)
    ).all()
    at = call.announced_at or first
    if at is None:
        return Results(None)
    numbers = session.execute(
        select(Project.application_id, Project.id).where(Project.application_id.in_([each.id for each in selected]))
    )
    projects = {row[0]: row[1] for row in numbers}
    return Results(at, selected, reserve, int(total), int(awarded_won or 0), int(rejected), projects)
