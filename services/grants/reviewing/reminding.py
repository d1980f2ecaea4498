"""Reminders to reviewers: some days before their reviews fall due each is told once how many are still open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from services.grants import notices, policy
from services.grants.models import AUDIT, Application, Interest, Review, Reviewer
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM
from shared.settings import Settings

AHEAD = timedelta(days=2)
BATCH = 200
ACTION = "review.reminded"


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Remind of reviews; True when more wait."""
    return remind_due(database, now)


def remind_due(database: Database, now: datetime) -> bool:
    """Remind the next reviewers whose reviews fall due within AHEAD; True when more wait."""
    today = policy.city_date(now)
    with database.read() as session:
        rows = session.execute(
            select(Review.account_id, Review.due_on)
            .join(Application, Application.id == Review.application_id)
            .where(*_open(), Review.due_on.between(today, today + AHEAD))
            .group_by(Review.account_id, Review.due_on)
            .order_by(Review.due_on, Review.account_id)
        ).all()
        sent = _reminded(session, {account_id for account_id, _due_on in rows}) if rows else set()
    due = [(account_id, due_on) for account_id, due_on in rows if due_on and (account_id, due_on) not in sent]
    for account_id, due_on in due[:BATCH]:
        remind(database, now, account_id, due_on)
    return len(due) > BATCH


def remind(database: Database, now: datetime, account_id: int, due_on: date) -> bool:
    """Remind one reviewer of what is due on a day, unless that was done; whether they were told. The reviewer's row is
    locked, and the audit row of the reminder is what says that it was sent."""
    with database.write() as session:
        session.get_one(Reviewer, account_id, with_for_update={"key_share": True})
        count = session.scalar(
            select(func.count())
            .select_from(Review)
            .join(Application, Application.id == Review.application_id)
            .where(*_open(), Review.account_id == account_id, Review.due_on == due_on)
        )
        if not count or (account_id, due_on) in _reminded(session, {account_id}):
            return False
        details = {"due_on": due_on.isoformat(), "count": count}
        record(session, AUDIT, SYSTEM, now, ACTION, f"reviewer:{account_id}", details)
        return notices.tell(session, [account_id], "review_due", now, path="/reviews", count=count, until=due_on) > 0


def _open() -> tuple[ColumnElement[bool], ...]:
    """Conditions on Review and its Application: it can and has to be handed in still."""
    interested = exists(
        select(Interest.id).where(
            Interest.account_id == Review.account_id, Interest.application_id == Review.application_id
        )
    )
    return (Review.state == "assigned", Application.phase == "review", ~interested)


def _reminded(session: Session, account_ids: Collection[int]) -> set[tuple[int, date]]:
    """Of which days these reviewers were reminded already."""
    rows = session.execute(
        select(AUDIT.c.subject, AUDIT.c.details).where(
            AUDIT.c.subject.in_([f"reviewer:{each}" for each in account_ids]), AUDIT.c.action == ACTION
        )
    )
    return {
        (int(subject.removeprefix("reviewer:")), date.fromisoformat(details["due_on"])) for subject, details in rows
    }
