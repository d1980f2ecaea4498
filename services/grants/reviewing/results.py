"""What the reviewers said, once it may be read: a round is open when all of it is in. Before that nobody reads what
another scored, the staff neither."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants.models import Review, Reviewer
from services.grants.rules import scores
from services.grants.rules.definition import Definition, Stage


@dataclass(frozen=True)
class Line:
    """One review as it may be read: `review` is None as long as it is sealed for the reader."""

    review_id: int
    account_id: int
    name: str
    state: str
    review: Review | None
    verified: bool = False
    outlier: bool = False


@dataclass(frozen=True)
class Round:
    """A round of reviews of one application in one stage."""

    stage: Stage
    number: int
    open: bool
    lines: tuple[Line, ...]
    spread: scores.Spread | None

    @property
    def submitted(self) -> int:
        return sum(each.state == "submitted" for each in self.lines)


def of_application(session: Session, application_id: int, rules: Definition) -> list[Round]:
    """All rounds of an application in the order of the course; two queries."""
    rows = session.execute(
        select(Review, Reviewer.name)
        .join(Reviewer, Reviewer.account_id == Review.account_id)
        .where(Review.application_id == application_id)
        .order_by(Review.round, Review.id)
    ).all()
    rounds: defaultdict[tuple[str, int], list[tuple[Review, str]]] = defaultdict(list)
    for review, name in rows:
        if review.state != "cancelled":
            rounds[review.stage, review.round].append((review, name))
    found = []
    for stage in rules.stages:
        numbers = sorted(number for key, number in rounds if key == stage.key)
        for number in numbers:
            found.append(_round(stage, number, rounds[stage.key, number], superseded=number < numbers[-1]))
    return found


def for_reviewer(session: Session, review: Review, rules: Definition) -> Round | None:
    """The round of one's own review, without names, once it is open and one's own is in; None before."""
    if review.state != "submitted":
        return None
    rounds = of_application(session, review.application_id, rules)
    same_stage = [each for each in rounds if each.stage.key == review.stage]
    if not same_stage or not same_stage[-1].open:
        return None  # a re-review runs: its reviewers judge for themselves
    own = next(each for each in same_stage if each.number == review.round)
    lines = tuple(
        Line(each.review_id, each.account_id, "", each.state, each.review, each.verified, each.outlier)
        for each in own.lines
    )
    return Round(own.stage, own.number, own.open, lines, own.spread)


def outliers(session: Session, application_ids: Collection[int], stage: Stage) -> dict[int, scores.Spread]:
    """How the totals of several applications lie in the last round of a stage, of those whose round is open."""
    rows = session.execute(
        select(Review.application_id, Review.round, Review.state, Review.total_tenths).where(
            Review.application_id.in_(application_ids), Review.stage == stage.key
        )
    ).all()
    last: dict[int, int] = {}
    for application_id, number, _, _ in rows:
        last[application_id] = max(number, last.get(application_id, 0))
    found: dict[int, scores.Spread] = {}
    for application_id, number in last.items():
        current = [(row[2], row[3]) for row in rows if row[0] == application_id and row[1] == number]
        if scores.complete((state for state, _ in current), stage.reviewers):
            totals = [tenths for state, tenths in current if state == "submitted" and tenths is not None]
            found[application_id] = scores.spread(totals, stage.outlier_tenths)
    return found


def _round(stage: Stage, number: int, rows: list[tuple[Review, str]], *, superseded: bool) -> Round:
    is_open = superseded or scores.complete((review.state for review, _ in rows), stage.reviewers)
    counted = [review for review, _ in rows if review.state == "submitted"]
    totals = [review.total_tenths or 0 for review in counted]
    spread = scores.spread(totals, stage.outlier_tenths) if is_open and totals else None
    far = {counted[at].id for at in spread.outliers} if spread else set()
    lines = tuple(
        Line(
            review.id,
            review.account_id,
            name,
            review.state,
            review if is_open and review.state == "submitted" else None,
            is_open and review.state == "submitted" and verified(review),
            review.id in far,
        )
        for review, name in rows
    )
    return Round(stage, number, is_open, lines, spread)


def verified(review: Review) -> bool:
    """Whether what is read is what was handed in: the seal, computed again, equals the one on record."""
    return scores.seal(review.id, review.scores, review.comment, review.salt) == review.sealed_hash
