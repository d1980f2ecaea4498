"""A reviewer's own reviews (/api/reviews) and the staff's list of a call's applications (/api/intake)."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from sqlalchemy import inspect

from services.grants.callers import REVIEWERS, STAFF
from services.grants.intake import checking, listing
from services.grants.intake.listing import Query
from services.grants.models import Application
from services.grants.pages.words import told
from services.grants.reviewing import queue, recusal, scoring
from services.grants.reviewing.queue import Waiting
from services.grants.reviewing.scoring import Written
from services.grants.schemas.reviewing import (
    CheckedApplicationSchema,
    EligibilitySchema,
    IntakeList,
    IntakeQuery,
    InterestSchema,
    ReviewList,
    ReviewQuery,
    ReviewSchema,
    WrittenSchema,
)
from shared import clock
from shared.identity.access import allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

reviews = Blueprint("api-reviews", __name__, url_prefix="/api/reviews", description="What I review")
intake = Blueprint("api-intake", __name__, url_prefix="/api/intake", description="A call's applications, for its staff")


@reviews.route("")
class Reviews(MethodView):
    @allow(REVIEWERS)
    @reviews.arguments(ReviewQuery, location="query")
    @reviews.response(200, ReviewList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """My reviews, the next due first, 50 a page"""
        with database().read() as session:
            found, counts = queue.listed(
                session, current_actor(), state=query["state"], offset=(query["page"] - 1) * queue.PAGE_SIZE
            )
            return {"reviews": [_shown(each) for each in found], **counts}


@reviews.route("/<int:review_id>")
class OneReview(MethodView):
    @allow(REVIEWERS)
    @reviews.response(200, ReviewSchema)
    def get(self, review_id: int) -> dict[str, Any]:
        """One of my reviews"""
        return _shown(queue.one(database(), current_actor(), clock.now(), review_id=review_id))

    @allow(REVIEWERS)
    @reviews.arguments(WrittenSchema)
    @reviews.response(200, ReviewSchema)
    def put(self, written: dict[str, Any], review_id: int) -> dict[str, Any]:
        """Keep a draft"""
        actor, now = current_actor(), clock.now()
        scoring.save_draft(database(), actor, now, review_id=review_id, written=_written(written))
        return _shown(queue.one(database(), actor, now, review_id=review_id))


@reviews.route("/<int:review_id>/submit")
class Submit(MethodView):
    @allow(REVIEWERS)
    @reviews.arguments(WrittenSchema)
    @reviews.response(200, ReviewSchema)
    def post(self, written: dict[str, Any], review_id: int) -> dict[str, Any]:
        """Hand a review in; the same again is the same review"""
        actor, now = current_actor(), clock.now()
        scoring.submit(database(), actor, now, review_id=review_id, written=_written(written))
        return _shown(queue.one(database(), actor, now, review_id=review_id))


@reviews.route("/<int:review_id>/interest")
class Interest(MethodView):
    @allow(REVIEWERS)
    @reviews.arguments(InterestSchema)
    @reviews.response(204)
    def post(self, said: dict[str, str], review_id: int) -> None:
        """Step back for an interest"""
        recusal.declare(database(), current_actor(), clock.now(), review_id=review_id, reason=said["reason"])


@intake.route("/calls/<int:call_id>/applications")
class Applications(MethodView):
    @allow(STAFF)
    @intake.arguments(IntakeQuery, location="query")
    @intake.response(200, IntakeList)
    def get(self, query: dict[str, Any], call_id: int) -> dict[str, Any]:
        """A call's filed applications, 50 a page"""
        wanted = Query(
            state=query["state"],
            phase=query["phase"],
            strand=query["strand"],
            dong=query["dong"],
            text=query["q"],
            sort=query["sort"],
            descending=query["descending"],
        )
        with database().read() as session:
            found = listing.listed(
                session,
                current_actor(),
                call_id=call_id,
                query=wanted,
                offset=(query["page"] - 1) * listing.PAGE_SIZE,
            )
        rows = [
            _columns(row.application)
            | {
                "reviews_submitted": row.submitted,
                "reviews_waiting": row.waiting,
                "average_tenths": row.average_tenths,
            }
            for row in found.rows
        ]
        return {"applications": rows, "total": found.total, "counts": found.counts}


@intake.route("/applications/<int:application_id>/decision")
class Eligibility(MethodView):
    @allow(STAFF)
    @intake.arguments(EligibilitySchema)
    @intake.response(200, CheckedApplicationSchema)
    def post(self, said: dict[str, Any], application_id: int) -> dict[str, Any]:
        """Say that it is eligible, that it is not, or what to correct"""
        actor, now = current_actor(), clock.now()
        if said["decision"] == "accept":
            done = checking.accept(database(), actor, now, application_id=application_id, reason=said["reason"])
        elif said["decision"] == "refuse":
            done = checking.refuse(database(), actor, now, application_id=application_id, reason=said["reason"])
        else:
            done = checking.request_correction(
                database(),
                actor,
                now,
                application_id=application_id,
                reason=said["reason"],
                correct_by=said["correct_by"],
            )
        return _columns(done)


def _written(written: dict[str, Any]) -> Written:
    return Written({key: str(value) for key, value in written["scores"].items()}, written["comment"])


def _columns(application: Application) -> dict[str, Any]:
    """What of an application was read: lists leave the long texts out."""
    left = inspect(application).unloaded
    return {each.key: getattr(application, each.key) for each in Application.__table__.columns if each.key not in left}


def _shown(waiting: Waiting) -> dict[str, Any]:
    review, application = waiting.review, waiting.application
    rubric = waiting.stage.rubric if waiting.stage else ()
    return {
        "id": review.id,
        "application_id": application.id,
        "call_id": application.call_id,
        "title": application.title,
        "group_name": application.group_name,
        "strand": application.strand,
        "requested_won": application.requested_won,
        "stage": review.stage,
        "round": review.round,
        "state": review.state,
        "open": waiting.open,
        "due_on": review.due_on,
        "rubric": [
            {"key": each.key, "label": told(each.label), "most": each.most, "weight": each.weight} for each in rubric
        ],
        "typed": review.typed.get("points", {}),
        "scores": review.scores,
        "comment": review.comment or review.typed.get("comment", ""),
        "total_tenths": review.total_tenths,
        "sealed_hash": review.sealed_hash,
        "submitted_at": review.submitted_at,
    }
