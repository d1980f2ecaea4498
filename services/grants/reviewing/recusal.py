"""Stepping back from an application: by one's own word, or because an interest was found; somebody else takes over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from services.grants import policy
from services.grants.applying.locks import locked
from services.grants.models import Application, Appointment, Call, Review
from services.grants.reviewing import access, assigning, interests
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal

REASON = 500


def declare(database: Database, actor: Actor, now: datetime, *, review_id: int, reason: str) -> None:
    """Say that one has an interest in the application of one's review: from then on one does not see it. Again changes
    nothing. Raises Refusal: not_found, invalid_input (reason)."""
    policy.refuse_problems(policy.text_problems("reason", reason, REASON))
    with database.read() as session:
        review = session.get(Review, review_id)
        if review is not None and review.account_id == actor.account_id and review.state == "recused":
            return  # the second click
        application_id = access.own(session, actor, review_id).application_id
    with database.write() as session:
        application, call = locked(session, application_id)
        found = {(actor.account_id or 0, application.id): ("declared",)}
        freed = interests.note(session, actor, now, found, reason=reason.strip())
        if freed:
            assigning.fill(session, SYSTEM, now, call, [application.id])


def check(database: Database, actor: Actor, now: datetime, *, review_id: int) -> int:
    """The application of one's own review, after looking once more whether one has an interest in it: whoever has is
    taken off it. Raises Refusal not_found, then too."""
    with database.read() as session:
        application_id = session.scalar(
            select(Review.application_id).where(Review.id == review_id, *access.mine(actor))
        )
        if application_id is None or actor.account_id is None:
            raise Refusal("not_found", 404)
        found = interests.detect_for(session, [actor.account_id], [application_id], now)
    if found:
        _recheck(database, SYSTEM, now, [application_id], [actor.account_id])
        raise Refusal("not_found", 404)
    return application_id


def recheck_reviewer(database: Database, actor: Actor, now: datetime, *, account_id: int) -> None:
    """Look again at all that a reviewer has to review: what they say of themselves changed."""
    with database.read() as session:
        ids = session.scalars(
            select(Review.application_id)
            .join(Application, Application.id == Review.application_id)
            .where(
                Review.account_id == account_id,
                Review.state.in_(interests.LIVE),
                Application.phase == "review",
            )
            .distinct()
        ).all()
        hit = sorted({application for _, application in interests.detect_for(session, [account_id], ids, now)})
    _recheck(database, actor, now, hit, [account_id])


def recheck_group(database: Database, actor: Actor, now: datetime, *, group_id: int) -> None:
    """Look again at all applications of a group that are being reviewed or decided: its members changed."""
    with database.read() as session:
        ids = session.scalars(
            select(Application.id).where(
                Application.group_id == group_id, Application.phase.in_(("intake", "review", "decision"))
            )
        ).all()
    _recheck(database, actor, now, ids)


def _recheck(
    database: Database, actor: Actor, now: datetime, ids: Iterable[int], accounts: Iterable[int] | None = None
) -> None:
    for application_id in ids:
        with database.write() as session:
            application, call = locked(session, application_id)
            who = set(accounts) if accounts is not None else set(session.scalars(_concerned(call, application, now)))
            found = interests.detect_for(session, who, [application.id], now) if who else {}
            if interests.note(session, actor, now, found):
                assigning.fill(session, SYSTEM, now, call, [application.id])


def _concerned(call: Call, application: Application, now: datetime) -> Any:
    """Who is appointed where the call is run, and who reviews the application."""
    today = policy.city_date(now)
    where = Appointment.district == call.district if call.district else Appointment.district.is_(None)
    appointed = select(Appointment.account_id).where(where, Appointment.ends_on >= today)
    reviews = select(Review.account_id).where(Review.application_id == application.id)
    return appointed.union(reviews)
