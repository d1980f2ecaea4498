"""Writing a review: the draft is kept as it is typed; handed in, it is sealed and stays as it is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.grants import applications, policy, programmes
from services.grants.models import AUDIT, Application, Review
from services.grants.reviewing import access, recusal
from services.grants.rules import scores
from services.grants.rules.definition import Stage
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

LONGEST_CELL = 20


@dataclass(frozen=True)
class Written:
    """What a reviewer typed: points by criterion's key as text, and the comment."""

    points: Mapping[str, str]
    comment: str = ""


def save_draft(database: Database, actor: Actor, now: datetime, *, review_id: int, written: Written) -> Review:
    """Keep what was typed, whatever is wrong with it. Raises Refusal: not_found, review_closed, invalid_input (a
    comment that is too long)."""
    policy.refuse_problems(policy.text_problems("comment", written.comment, scores.COMMENT, required=False))
    with database.write() as session:
        application_id = access.own(session, actor, review_id).application_id
        application, _ = applications.locked(session, application_id)
        review = access.own(session, actor, review_id, lock=True)
        stage = _open(session, review, application)
        review.typed = {
            "points": {
                each.key: written.points.get(each.key, "").strip()[:LONGEST_CELL]
                for each in stage.rubric
                if written.points.get(each.key, "").strip()
            },
            "comment": written.comment,
            "saved_at": now.isoformat(),
        }
        session.flush()
        return review


def submit(
    database: Database, actor: Actor, now: datetime, *, review_id: int, written: Written, salt: str | None = None
) -> Review:
    """Hand a review in: from now on it is sealed. The same again is the same review; other words are refused.

    Raises Refusal: not_found (also for an application in which one has an interest), review_closed, review_handed_in,
    invalid_input (score_<criterion>: score_missing, score_unclear, score_out_of_range; comment: text_missing, …).
    """
    application_id = recusal.check(database, actor, now, review_id=review_id)
    comment = written.comment.strip()
    with database.write() as session:
        application, _ = applications.locked(session, application_id)
        review = access.own(session, actor, review_id, lock=True)
        if review.state == "submitted":
            if {key: str(value) for key, value in review.scores.items()} == _plain(written.points) and (
                review.comment == comment
            ):
                return review
            raise Refusal("review_handed_in")
        stage = _open(session, review, application)
        points, wrong = scores.read(written.points, stage)
        policy.refuse_problems(policy.text_problems("comment", comment, scores.COMMENT), wrong)
        review.scores, review.comment, review.typed = points, comment, {}
        review.total_tenths = scores.total(points, stage)
        review.salt = salt or secrets.token_hex(16)
        review.sealed_hash = scores.seal(review.id, points, comment, review.salt)
        review.state, review.submitted_at = "submitted", now
        session.flush()
        details = {"review": review.id, "stage": review.stage, "round": review.round, "hash": review.sealed_hash}
        record(session, AUDIT, actor, now, "review.submitted", f"application:{application.id}", details)
        return review


def _open(session: Session, review: Review, application: Application) -> Stage:
    """The stage of a review that may still be written. Raises Refusal: review_handed_in, review_closed."""
    rules = programmes.rules_of_application(session, application)
    stage = rules.stage(review.stage)
    state: Any = next((each for each in rules.states if each.key == application.state), None)
    if review.state == "submitted":
        raise Refusal("review_handed_in")
    if stage is None or state is None or state.stage != review.stage:
        raise Refusal("review_closed")
    return stage


def _plain(points: Mapping[str, str]) -> dict[str, str]:
    return {key: value.strip().lstrip("0") or "0" for key, value in points.items() if value.strip()}
