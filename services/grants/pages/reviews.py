"""A reviewer's own queue, and one review: the application beside the rubric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import files
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.policy import city_date
from services.grants.reviewing import queue, recusal, results, reviewers, scoring
from services.grants.reviewing.queue import Waiting
from services.grants.reviewing.scoring import Written
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """What I have to review, and what I have handed in."""
    state = "submitted" if request.args.get("state") == "submitted" else "assigned"
    page = page_number()
    with database().read() as session:
        profile = reviewers.profile(session, current_actor())
        found, counts = queue.listed(session, current_actor(), state=state, offset=(page - 1) * queue.PAGE_SIZE)
    return render_template(
        "grants/reviews.html",
        found=found,
        counts=counts,
        state=state,
        profile=profile,
        today=city_date(clock.now()),
        page=page,
        pages=pages_of(counts[state], queue.PAGE_SIZE),
    )


def show(review_id: int) -> ResponseReturnValue:
    """One review, to write or to read again."""
    waiting = queue.one(database(), current_actor(), clock.now(), review_id=review_id)
    return _page(waiting, {})


def save(review_id: int) -> ResponseReturnValue:
    """Keep the draft; a script asks for JSON and stays on the page."""
    review = scoring.save_draft(database(), current_actor(), clock.now(), review_id=review_id, written=_written())
    if request.accept_mimetypes.best == "application/json":
        return jsonify(saved_at=review.typed.get("saved_at"))
    flash(_("쓰던 심사표를 저장했습니다."), "success")
    return redirect(url_for("reviews.show", review_id=review_id))


def submit(review_id: int) -> ResponseReturnValue:
    """Hand it in; a refused form keeps all that was typed. The buttons of one form share this address."""
    actor, now = current_actor(), clock.now()
    if request.form.get("do") == "save":
        return save(review_id)
    try:
        scoring.submit(database(), actor, now, review_id=review_id, written=_written())
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        waiting = queue.one(database(), actor, now, review_id=review_id)
        return _page(waiting, request.form, refusal), refusal.status
    flash(_("심사표를 냈습니다. 이 신청의 심사가 모두 들어올 때까지 아무도 점수를 볼 수 없습니다."), "success")
    return redirect(url_for("reviews.index"))


def declare(review_id: int) -> ResponseReturnValue:
    """Step back for an interest."""
    actor, now = current_actor(), clock.now()
    try:
        recusal.declare(
            database(), actor, now, review_id=review_id, reason=Reader(request.form).text("interest_reason")
        )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        refusal.fields["interest_reason"] = refusal.fields.pop("reason", ["text_missing"])
        waiting = queue.one(database(), actor, now, review_id=review_id)
        return _page(waiting, request.form, refusal), refusal.status
    flash(_("이 신청의 심사에서 빠졌습니다. 다른 심사위원이 맡습니다. 알려 주셔서 고맙습니다."), "success")
    return redirect(url_for("reviews.index"))


def _written() -> Written:
    points = {name.removeprefix("score_"): value for name, value in request.form.items() if name.startswith("score_")}
    return Written(points, Reader(request.form).text("comment"))


def _page(waiting: Waiting, typed: Mapping[str, Any], refusal: Refusal | None = None) -> str:
    review = waiting.review
    if not typed:
        kept = review.typed.get("points", {}) if review.state == "assigned" else review.scores
        comment = review.typed.get("comment", "") if review.state == "assigned" else review.comment
        typed = {f"score_{key}": value for key, value in kept.items()} | {"comment": comment}
    with database().read() as session:
        opened = results.for_reviewer(session, review, waiting.rules)
        attached = files.of_subject(session, "application", waiting.application.id)
    return render_template(
        "grants/review.html",
        waiting=waiting,
        review=review,
        application=waiting.application,
        call=waiting.call,
        stage=waiting.stage,
        rules=waiting.rules,
        files=attached,
        opened=opened,
        typed=typed,
        **said(refusal),
    )
