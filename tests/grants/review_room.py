"""Reviewers, their appointments and applications in a review stage, for tests that begin there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import event, select

from services.grants.models import AUDIT, Appointment, Call, Review, Reviewer
from services.grants.reviewing import assigning, scoring
from services.grants.reviewing.scoring import Written
from shared.database import Database
from shared.identity.actor import Actor, Role
from tests.grants.conftest import AFTER, DONGJAK
from tests.grants.stage import application, group

STAGE = "document_review"
POOL = (701, 702, 703, 704)
NOW = AFTER
LATER = NOW + timedelta(days=2)
PLAN = "봄마다 골목에 꽃을 심고 이웃과 함께 물을 줍니다. 가을에는 씨앗을 거두어 나눕니다. 아이들도 함께합니다."


def reviewer(number: int) -> Actor:
    return Actor(account_id=number, name=f"심사위원 {number}", roles=frozenset({Role.REVIEWER}))


def appoint(
    database: Database, accounts: Sequence[int], district: str | None = "11590", kind: str = "reviewer", **columns: Any
) -> None:
    """Reviewers with a profile and an appointment for the year; the columns are of the profile."""
    with database.write() as session:
        for account in accounts:
            if session.get(Reviewer, account) is None:
                values: dict[str, Any] = {
                    "account_id": account,
                    "name": f"심사위원 {account}",
                    "address": f"동작구 노량진로 {account}-1",
                    "person_key": f"reviewer-{account}",
                    "expertise": [],
                    "changed_at": NOW,
                }
                session.add(Reviewer(**(values | columns)))
                session.flush()
            session.add(
                Appointment(
                    district=district,
                    account_id=account,
                    kind=kind,
                    starts_on=date(2026, 1, 1),
                    ends_on=date(2026, 12, 31),
                    appointed_by=501,
                    appointed_at=NOW,
                )
            )


def in_review(database: Database, call: Call, count: int = 1, state: str = STAGE, **columns: Any) -> list[int]:
    """Applications of groups of their own (leader 1000, 1001, …) in a stage."""
    made = []
    for number in range(count):
        leader = 1000 + number
        group_id = group(database, NOW - timedelta(days=30), (leader,))
        made.append(application(database, call, group_id, NOW, state=state, account_id=leader, **columns))
    return made


def assign(database: Database, call: Call, now: datetime = NOW) -> list[Review]:
    assigning.assign_stage(database, DONGJAK, now, call_id=call.id, stage_key=STAGE)
    return reviews(database)


def reviews(database: Database, **wanted: Any) -> list[Review]:
    with database.read() as session:
        return list(session.scalars(select(Review).filter_by(**wanted).order_by(Review.id)))


def written(
    points: Sequence[int | str] = (18, 25, 20, 12), comment: str = "이웃이 함께하는 계획이 뚜렷합니다."
) -> Written:
    keys = ("need", "plan", "people", "budget")
    return Written({key: str(value) for key, value in zip(keys, points, strict=True)}, comment)


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """The statements that run inside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def hand_in(database: Database, review: Review, points: Any = (18, 25, 20, 12), comment: str = "좋습니다.") -> Review:
    return scoring.submit(
        database, reviewer(review.account_id), LATER, review_id=review.id, written=written(points, comment)
    )


def filed(database: Database, call: Call, leader: int, **columns: Any) -> int:
    """An application by a group of three, led by account number `leader`."""
    group_id = group(database, NOW, (leader, leader + 1, leader + 2))
    return application(database, call, group_id, NOW, account_id=leader, **columns)


def audited(database: Database, action: str) -> list[Any]:
    with database.read() as session:
        return list(session.execute(select(AUDIT).where(AUDIT.c.action == action).order_by(AUDIT.c.id)))
