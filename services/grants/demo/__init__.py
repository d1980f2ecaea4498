"""The demonstration: calls in every state of their course, from the draft to the archive, with what belongs to it.

Told by the real use cases, each at a moment of its own past. Deterministic but for what is random on purpose (codes,
salts): the same day and the same spaces give the same rows. What is there already is left alone, so loading it again,
also after an interrupted load, completes it and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from services.grants.demo import calls, cast, course, money
from services.grants.demo.cast import Stage
from services.grants.models import Posting, Space
from shared.database import Database
from shared.identity.actor import Actor


def load(database: Database, now: datetime, people: Mapping[str, Actor]) -> None:
    """Load what is not there yet. `people`: login -> one of the demonstration's accounts; whoever else acts in it has
    no account (their ids are negative)."""
    with database.read() as session:
        if session.scalar(select(Posting.id).where(Posting.idempotency_key == money.LAST_KEY)):
            return
        spaces = list(session.scalars(select(Space).where(Space.stage != "retired").order_by(Space.id)))
    stage = Stage(database, now, people, spaces)
    cast.appoint(stage)
    for number, plan in enumerate(calls.PLANS, 1):
        call = calls.publish(stage, number, plan)
        if not plan.draft:
            filed = calls.file_all(stage, call, plan)
            course.follow(stage, call, plan, filed)
    calls.begin_drafts(stage)
    money.load_intermediaries(database, now)
    money.load_budget(database, now)
