"""A reviewer's own queue and one review of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from services.grants import programmes
from services.grants.models import AUDIT, Application, Call, Review, StageDate
from services.grants.reviewing import access, recusal
from services.grants.rules.definition import Definition, Stage
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor

PAGE_SIZE = 50


@dataclass(frozen=True)
class Waiting:
    """A review in the queue: what it is of, by which stage of which rules, and when it is heard or visited."""

    review: Review
    application: Application
    call: Call
    rules: Definition
    stage: Stage | None
    held: StageDate | None

    @property
    def open(self) -> bool:
        """Whether it can (still) be written: the application stands in the stage."""
        state = next((each for each in self.rules.states if each.key == self.application.state), None)
        return self.review.state == "assigned" and state is not None and state.stage == self.review.stage


def listed(
    session: Session, actor: Actor, *, state: str = "assigned", offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[list[Waiting], dict[str, int]]:
    """One's own reviews in a state (assigned: the next due first; submitted: the newest first), and how many there are
    in each."""
    counts = {"assigned": 0, "submitted": 0} | {
        found: int(number)
        for found, number in session.execute(
            select(Review.state, func.count()).where(*access.mine(actor)).group_by(Review.state)
        )
    }
    order = (Review.due_on, Review.id) if state == "assigned" else (Review.submitted_at.desc(), Review.id)
    rows = session.execute(
        select(Review, Application, StageDate)
        .join(Application, Application.id == Review.application_id)
        .outerjoin(StageDate, (StageDate.application_id == Review.application_id) & (StageDate.stage == Review.stage))
        .where(*access.mine(actor), Review.state == state)
        .options(joinedload(Application.call), joinedload(Application.version))
        .order_by(*order)
        .offset(offset)
        .limit(limit)
    ).all()
    return [_waiting(session, *row) for row in rows], counts


def one(database: Database, actor: Actor, now: datetime, *, review_id: int) -> Waiting:
    """One's own review with its application; that it was read is recorded, and an interest that has come up since it
    was assigned is found here. Raises Refusal not_found."""
    recusal.check(database, actor, now, review_id=review_id)
    with database.read() as session:
        waiting = _of(session, actor, review_id)
    with database.write() as session:
        record(session, AUDIT, actor, now, "application.viewed", f"application:{waiting.application.id}")
    return waiting


def _of(session: Session, actor: Actor, review_id: int) -> Waiting:
    review = access.own(session, actor, review_id)
    return _waiting(
        session,
        review,
        access.application_of(session, review),
        session.get(StageDate, (review.application_id, review.stage)),
    )


def _waiting(session: Session, review: Review, application: Application, held: StageDate | None) -> Waiting:
    rules = programmes.rules_of_application(session, application)
    return Waiting(review, application, application.call, rules, rules.stage(review.stage), held)
