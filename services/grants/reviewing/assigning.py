"""Assigning reviewers to a whole stage of a call at once, and again where somebody fell out.

Whoever assigns holds the call's lock, so that two who assign at once don't assign twice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import calls, policy, programmes
from services.grants.models import Application, Call
from services.grants.reviewing import interests, pool, work
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def look(session: Session, actor: Actor, now: datetime, *, call_id: int, stage_key: str) -> work.Work:
    """What would be assigned, without assigning it. Raises Refusal: not_found, other_district."""
    call = calls.get(session, actor, call_id)
    policy.check_runs(actor, call.district)
    return work.plan(session, call, work.stage_of(programmes.rules_of_call(session, call), stage_key), now)


def assign_stage(database: Database, actor: Actor, now: datetime, *, call_id: int, stage_key: str) -> work.Work:
    """Give every application of the stage the reviewers that it lacks, and tell them. Again when nothing is lacking
    changes nothing. Raises Refusal: not_found, other_district, reviewers_none."""
    with database.write() as session:
        call = calls.locked(session, call_id)
        policy.check_runs(actor, call.district)
        stage = work.stage_of(programmes.rules_of_call(session, call), stage_key)
        found = interests.detect(
            session,
            pool.appointed(session, call.district, now),
            work.in_stage(call, work.states_of(session, call, stage)),
            now,
        )
        interests.note(session, actor, now, found)
        planned = work.plan(session, call, stage, now)
        if not planned.pool:
            raise Refusal("reviewers_none")
        work.write(session, actor, now, call, stage, planned.plan.picks, planned.rounds, planned.due_on)
        return planned


def fill(session: Session, actor: Actor, now: datetime, call: Call, application_ids: Collection[int]) -> None:
    """Find reviewers for what these applications lack in their stages, where there is somebody. The caller holds the
    call's lock."""
    rules = programmes.rules_of_call(session, call)
    for stage in rules.stages:
        planned = work.plan(session, call, stage, now, application_ids)
        work.write(session, actor, now, call, stage, planned.plan.picks, planned.rounds, planned.due_on)


def short_of(session: Session, planned: work.Work, limit: int) -> list[tuple[Application, int]]:
    """The applications for which nobody more can be found, and how many are lacking."""
    ids = sorted(planned.plan.short)[:limit]
    rows = session.scalars(select(Application).where(Application.id.in_(ids)).order_by(Application.number))
    return [(each, planned.plan.short[each.id]) for each in rows]
