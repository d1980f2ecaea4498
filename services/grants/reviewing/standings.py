"""The averages of a call's applications in a stage, as far as their rounds are open: for lists and cut-offs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from services.grants import calls, policy, programmes
from services.grants.models import Application, Call, Review
from services.grants.reviewing import results, work
from services.grants.rules.definition import Definition, Stage
from services.grants.rules.scores import Spread
from shared.identity.actor import Actor
from shared.refusal import Refusal

PAGE_SIZE = 100


@dataclass(frozen=True)
class Row:
    """An application in a stage: how many reviews are in, and what came out once all are."""

    application: Application
    submitted: int
    waiting: int
    average_tenths: int | None
    spread: Spread | None


@dataclass(frozen=True)
class Standing:
    """A stage's applications, the best first and those whose reviews are out last."""

    call: Call
    rules: Definition
    stage: Stage
    rows: Sequence[Row]
    total: int
    ready: int
    cut_tenths: int | None
    passing: int


class Averages(NamedTuple):
    """Of an application in a stage, as columns for a query that has Application in it: how many reviews of the last
    round are in and out, and their average (tenths of a point; NULL unless the round is open)."""

    submitted: ColumnElement[int]
    waiting: ColumnElement[int]
    tenths: ColumnElement[int | None]


def averages(stage: Stage) -> Averages:
    """Looked up application by application through the index of reviews: what it costs does not hang on what the
    database has counted of its tables (joining sums instead took PostgreSQL minutes before its first ANALYZE)."""
    earlier, review = aliased(Review), aliased(Review)
    last = (
        select(func.max(earlier.round))
        .where(earlier.application_id == Application.id, earlier.stage == stage.key)
        .correlate(Application)
        .scalar_subquery()
    )
    submitted = func.count().filter(review.state == "submitted")
    waiting = func.count().filter(review.state == "assigned")
    total = func.sum(review.total_tenths).filter(review.state == "submitted")
    halves = (2 * total + submitted) // (2 * submitted)  # whole numbers: rounded half up, as in `scores.average`
    tenths = case((and_(submitted >= stage.reviewers, waiting == 0), halves), else_=None)

    def column(value: ColumnElement[Any]) -> ColumnElement[Any]:
        return (
            select(value)
            .where(review.application_id == Application.id, review.stage == stage.key, review.round == last)
            .correlate(Application)
            .scalar_subquery()
        )

    return Averages(column(submitted), column(waiting), column(tenths))


def of_stage(
    session: Session,
    actor: Actor,
    *,
    call_id: int,
    stage_key: str,
    cut_tenths: int | None = None,
    offset: int = 0,
    limit: int = PAGE_SIZE,
) -> Standing:
    """A page of a stage's standing; `cut_tenths` None is the stage's own. Raises Refusal: not_found, other_district."""
    call = calls.get(session, actor, call_id)
    policy.check_runs(actor, call.district)
    rules = programmes.rules_of_call(session, call)
    stage = work.stage_of(rules, stage_key)
    cut = cut_tenths if cut_tenths is not None else stage.pass_tenths
    columns = averages(stage)
    wanted = _in_stage(rules, call_id, stage)
    each_one = select(columns.tenths.label("tenths")).select_from(Application).where(wanted).subquery()
    total, ready, passing = session.execute(
        select(
            func.count(), func.count(each_one.c.tenths), func.count().filter(each_one.c.tenths >= (cut or 0))
        ).select_from(each_one)
    ).one()
    average = columns.tenths.label("average_tenths")
    found = session.execute(
        select(Application, columns.submitted, columns.waiting, average)
        .where(wanted)
        .order_by(average.desc().nulls_last(), Application.number, Application.id)
        .offset(offset)
        .limit(limit)
    ).all()
    spreads = results.outliers(session, [row[0].id for row in found], stage)
    rows = [
        Row(one, int(submitted or 0), int(waiting or 0), average, spreads.get(one.id))
        for one, submitted, waiting, average in found
    ]
    return Standing(call, rules, stage, rows, int(total), int(ready), cut, int(passing))


def beyond(session: Session, call: Call, stage: Stage, cut_tenths: int, *, passing: bool, limit: int) -> list[int]:
    """The applications of a stage whose average reaches the cut-off (or does not), in the order of their numbers."""
    rules = programmes.rules_of_call(session, call)
    tenths = averages(stage).tenths
    return list(
        session.scalars(
            select(Application.id)
            .where(_in_stage(rules, call.id, stage), tenths >= cut_tenths if passing else tenths < cut_tenths)
            .order_by(Application.number, Application.id)
            .limit(limit)
        )
    )


def present_stage(session: Session, actor: Actor, call_id: int) -> Stage:
    """The stage of a call that most of its applications under review stand in; else as `last_stage`. Raises Refusal:
    not_found (also of a programme without stages), other_district."""
    call = calls.get(session, actor, call_id)
    policy.check_runs(actor, call.district)
    rules = programmes.rules_of_call(session, call)
    stages = {each.key: each.stage for each in rules.states if each.stage}
    busiest = session.scalar(
        select(Application.state)
        .where(Application.call_id == call_id, Application.state.in_(stages))
        .group_by(Application.state)
        .order_by(func.count().desc(), Application.state)
        .limit(1)
    )
    stage = rules.stage(stages[busiest] or "") if busiest else last_stage(session, call_id, rules)
    if stage is None:
        raise Refusal("not_found", 404)
    return stage


def last_stage(session: Session, call_id: int, rules: Definition) -> Stage | None:
    """The latest stage of the course in which anything was assigned; the first one where nothing was."""
    keys = set(
        session.scalars(
            select(Review.stage)
            .join(Application, Application.id == Review.application_id)
            .where(Application.call_id == call_id)
            .distinct()
        )
    )
    used = [each for each in rules.stages if each.key in keys]
    return used[-1] if used else (rules.stages[0] if rules.stages else None)


def _in_stage(rules: Definition, call_id: int, stage: Stage) -> Any:
    states = [each.key for each in rules.states if each.stage == stage.key]
    return and_(Application.call_id == call_id, Application.state.in_(states))
