"""A reviewer's way to an application: through a review of their own that counts, and never past an interest."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, joinedload

from services.grants import standing
from services.grants.models import Application, Interest, Review
from services.grants.reviewing.interests import LIVE
from shared.identity.actor import Actor
from shared.refusal import Refusal


def mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Review: the actor's own that count, without those of applications that they have an interest in."""
    interested = exists(
        select(Interest.id).where(
            Interest.account_id == actor.account_id, Interest.application_id == Review.application_id
        )
    )
    return (Review.account_id == actor.account_id, Review.state.in_(LIVE), ~interested)


def own(session: Session, actor: Actor, review_id: int, *, lock: bool = False) -> Review:
    """A review of one's own. Raises Refusal not_found (404) for everything else: it need not be known to exist."""
    wanted = select(Review).where(Review.id == review_id, *mine(actor))
    if lock:
        wanted = wanted.with_for_update(of=Review).execution_options(populate_existing=True)
    review = session.scalar(wanted)
    if review is None:
        raise Refusal("not_found", 404)
    application = application_of(session, review)
    if standing.belongs(session, actor.account_id, application):
        raise Refusal("not_found", 404)
    return review


def application_of(session: Session, review: Review) -> Application:
    """The application with its call."""
    return session.get_one(Application, review.application_id, options=[joinedload(Application.call)])
