"""Assigning by hand: one review to somebody else, and a re-review of one application."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import applications, notices, policy, programmes, standing
from services.grants.models import AUDIT, Application, Call, Review
from services.grants.reviewing import assigning, interests, pool, work
from services.grants.rules.assignment import Pick
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def move(database: Database, actor: Actor, now: datetime, *, review_id: int, account_id: int | None) -> Review:
    """Give a review that is not handed in to somebody else; the same again changes nothing. Raises Refusal: not_found,
    other_district, own_application, review_closed, invalid_input (account_id: reviewer_unknown, reviewer_conflicted,
    reviewer_has_it)."""
    with database.read() as session:
        application_id = session.scalar(select(Review.application_id).where(Review.id == review_id))
    if application_id is None:
        raise Refusal("not_found", 404)
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        standing.check_staff(session, actor, application, call)
        review = session.get_one(Review, review_id, with_for_update=True)
        if review.state == "cancelled" and account_id is not None:
            moved = _review_of(session, review, account_id)
            if moved is not None and moved.state == "assigned":
                return moved  # the second click
        if review.state != "assigned":
            raise Refusal("review_closed")
        if account_id == review.account_id:
            return review
        chosen = _check_choice(session, call, application, account_id, now)
        review.state, review.typed = "cancelled", {}
        session.flush()
        made = _give(session, actor, now, review, chosen)
        details = {"stage": review.stage, "round": review.round, "from": review.account_id, "to": chosen}
        record(session, AUDIT, actor, now, "review.moved", f"application:{application.id}", details)
        work.tell(session, call, now, {chosen: 1}, made.due_on)
        return made


def again(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    reason: str,
    same_people: bool,
    round_asked: int,
) -> int:
    """Ask for a re-review (재심사) of the application's present stage, by the same people or by others; its round. The
    earlier round is kept. `round_asked` is the round on the page (the one that is over): a second click asks once.

    Raises Refusal: not_found, other_district, own_application, review_running, reviews_missing, invalid_input (reason),
    reviewers_none.
    """
    policy.refuse_problems(policy.reason_problems(reason, required=True))
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        standing.check_staff(session, actor, application, call)
        rules = programmes.rules_of_application(session, application)
        key = rules.state(application.state).stage
        if key is None:
            raise Refusal("step_not_possible", 409)
        stage = work.stage_of(rules, key)
        reviews = session.scalars(
            select(Review).where(Review.application_id == application.id, Review.stage == stage.key)
        ).all()
        last = max((each.round for each in reviews), default=0)
        if round_asked == last - 1:
            return last
        current = [each for each in reviews if each.round == last]
        if not last or any(each.state == "assigned" for each in current):
            raise Refusal("review_running")
        had = [each.account_id for each in current if each.state == "submitted"]
        barred = interests.on_record(session, had, Application.id == application.id)
        allowed = [each for each in had if (each, application.id) not in barred] if same_people else []
        rounds = {application.id: last + 1}
        due = policy.city_date(now) + timedelta(days=stage.days)
        if same_people:
            picks = [Pick(application.id, each, True) for each in allowed]
        else:
            planned = work.plan(session, call, stage, now, [application.id], new_round=last + 1, spared=frozenset(had))
            picks, rounds = list(planned.plan.picks), planned.rounds
        if not picks:
            raise Refusal("reviewers_none")
        record(
            session,
            AUDIT,
            actor,
            now,
            "review.reopened",
            f"application:{application.id}",
            {"stage": stage.key, "round": last + 1, "reason": reason, "same_people": same_people},
        )
        work.write(session, actor, now, call, stage, picks, rounds, due, told=False)
        assigning.fill(session, actor, now, call, [application.id])  # for those who may not any more
        notices.tell(
            session,
            [each.account_id for each in picks],
            "review_reopened",
            now,
            path="/reviews",
            title=application.title,
            call=call.title,
            until=due,
        )
        return last + 1


def _review_of(session: Session, like: Review, account_id: int) -> Review | None:
    return session.scalar(
        select(Review)
        .where(
            Review.application_id == like.application_id,
            Review.stage == like.stage,
            Review.round == like.round,
            Review.account_id == account_id,
        )
        .with_for_update()
    )


def _give(session: Session, actor: Actor, now: datetime, like: Review, account_id: int) -> Review:
    """A review like this one for somebody; who had it once gets the same row again."""
    mine = _review_of(session, like, account_id)
    if mine is not None:
        if mine.state != "cancelled":
            raise Refusal("invalid_input", 422, fields={"account_id": ["reviewer_has_it"]})
        mine.state, mine.due_on, mine.assigned_at, mine.assigned_by = (
            "assigned",
            like.due_on,
            now,
            actor.account_id or 0,
        )
        return mine
    made = Review(
        application_id=like.application_id,
        stage=like.stage,
        round=like.round,
        account_id=account_id,
        due_on=like.due_on,
        assigned_at=now,
        assigned_by=actor.account_id,
    )
    session.add(made)
    session.flush()
    return made


def _check_choice(session: Session, call: Call, application: Application, account_id: int | None, now: datetime) -> int:
    asked = {each.account_id: each for each in pool.appointed(session, call.district, now)}
    if account_id is None or account_id not in asked:
        raise Refusal("invalid_input", 422, fields={"account_id": ["reviewer_unknown"]})
    here = Application.id == application.id
    found = interests.detect(session, [asked[account_id]], here, now) or interests.on_record(
        session, [account_id], here
    )
    if found:
        raise Refusal("invalid_input", 422, fields={"account_id": ["reviewer_conflicted"]})
    return account_id
