"""Interests in applications: detected from who people are, kept on record, and what follows for the reviews.

An interest that is on record stays: who left a group yesterday still does not review it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.grants.models import AUDIT, Application, Interest, Review, Reviewer
from services.grants.reviewing import parties
from services.grants.rules import conflicts
from shared.audit import record, record_all
from shared.identity.actor import Actor

Found = Mapping[tuple[int, int], Sequence[str]]
"""(account, application) -> kinds of interest."""
LIVE = ("assigned", "submitted")


def detect(session: Session, reviewers: Collection[Reviewer], wanted: Any, now: datetime) -> dict[tuple[int, int], Any]:
    """The interests of these reviewers or committee members in the applications that meet `wanted` (a condition on
    Application), whether on record or not. Five queries, or a few more where they applied together a lot."""
    if not reviewers:
        return {}
    known = {each.account_id: parties.of_reviewer(each) for each in reviewers}
    people = parties.of_applications(session, wanted)
    partners = parties.partners(session, known.values(), now)
    return dict(conflicts.detect(known, people.now, people.earlier, partners))


def detect_for(
    session: Session, account_ids: Collection[int], application_ids: Collection[int], now: datetime
) -> Found:
    """As `detect`, for accounts: those without a profile are known by their account alone."""
    profiles = {
        each.account_id: each for each in session.scalars(select(Reviewer).where(Reviewer.account_id.in_(account_ids)))
    }
    known = [
        profiles.get(each) or Reviewer(account_id=each, name="", address="", person_key="")
        for each in sorted(account_ids)
    ]
    return detect(session, known, Application.id.in_(application_ids), now)


def on_record(session: Session, account_ids: Collection[int], wanted: Any) -> dict[tuple[int, int], list[str]]:
    """The interests of these accounts that are on record in the applications that meet `wanted`."""
    found: dict[tuple[int, int], list[str]] = {}
    rows = session.execute(
        select(Interest.account_id, Interest.application_id, Interest.kind)
        .join(Application, Application.id == Interest.application_id)
        .where(Interest.account_id.in_(account_ids), wanted)
        .order_by(Interest.id)
    )
    for account_id, application_id, kind in rows:
        found.setdefault((account_id, application_id), []).append(kind)
    return found


def of_application(session: Session, application_id: int) -> Sequence[tuple[Interest, str]]:
    """An application's interests with the reviewers' names, for those who run its call."""
    rows = session.execute(
        select(Interest, Reviewer.name)
        .outerjoin(Reviewer, Reviewer.account_id == Interest.account_id)
        .where(Interest.application_id == application_id)
        .order_by(Interest.at, Interest.id)
    )
    return [(interest, name or "") for interest, name in rows]


def note(
    session: Session, actor: Actor, now: datetime, found: Found, *, reason: str = ""
) -> list[tuple[int, str, int]]:
    """Put interests on record and take those who have them off the reviews that still count; (application, stage,
    round) of each review that now lacks a reviewer. The caller holds the locks of the applications or of their call.
    """
    if not found:
        return []
    accounts, applications = {pair[0] for pair in found}, {pair[1] for pair in found}
    known: set[tuple[int, int, str]] = set()
    for some in parties.chunks(applications):
        known |= {
            (row[0], row[1], row[2])
            for row in session.execute(
                select(Interest.account_id, Interest.application_id, Interest.kind).where(
                    Interest.account_id.in_(accounts), Interest.application_id.in_(some)
                )
            )
        }
    fresh = [
        {"account_id": account, "application_id": application, "kind": kind, "note": reason[:500], "at": now}
        for (account, application), kinds in sorted(found.items())
        for kind in kinds
        if (account, application, kind) not in known
    ]
    if fresh:
        session.execute(insert(Interest), fresh)
        told = [
            (f"application:{each['application_id']}", {"reviewer": each["account_id"], "kind": each["kind"]})
            for each in fresh
        ]
        record_all(session, AUDIT, actor, now, "interest.noted", told)
    return _recuse(session, actor, now, found, applications)


def _recuse(
    session: Session, actor: Actor, now: datetime, found: Found, applications: Collection[int]
) -> list[tuple[int, str, int]]:
    freed = []
    for some in parties.chunks(applications):
        reviews = session.scalars(
            select(Review)
            .join(Application, Application.id == Review.application_id)
            .where(
                Review.application_id.in_(some),
                Review.account_id.in_({account for account, _ in found}),
                Review.state.in_(LIVE),
                Application.phase == "review",  # what a later decision rests on stays as it was
            )
            .order_by(Review.id)
            .with_for_update(of=Review)
            .execution_options(populate_existing=True)
        )
        for review in reviews:
            if (review.account_id, review.application_id) in found:
                review.state, review.typed = "recused", {}
                freed.append((review.application_id, review.stage, review.round))
                details = {"reviewer": review.account_id, "stage": review.stage, "round": review.round}
                record(session, AUDIT, actor, now, "review.recused", f"application:{review.application_id}", details)
    session.flush()
    return freed
