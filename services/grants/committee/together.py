"""Many items at once: a committee that agrees on a list need not press a button for each. Every item goes its own way,
by the rules of one; what cannot be stays as it is, and how often why is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants.committee import deciding, finding, voting
from services.grants.models import AgendaItem, Vote
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

MOST = 500


@dataclass(frozen=True)
class Done:
    """How many items went through, and code -> how many did not because of it."""

    done: int
    refused: Counter[str] = field(default_factory=Counter)


def start(database: Database, actor: Actor, now: datetime, *, meeting_id: int) -> Done:
    """Put all that is pending to the vote."""
    with database.read() as session:
        finding.read_meeting(session, actor, meeting_id)
        ids = _ids(session, meeting_id, "pending")
    return _each(ids, lambda item_id: voting.start(database, actor, now, item_id=item_id))


def cast(database: Database, actor: Actor, now: datetime, *, meeting_id: int, choice: str) -> Done:
    """Vote alike on all that one has not voted on yet; what one is recused from stays apart."""
    with database.read() as session:
        finding.read_meeting(session, actor, meeting_id)
        said = set(session.scalars(select(Vote.item_id).where(Vote.account_id == actor.account_id)))
        ids = [each for each in _ids(session, meeting_id, "voting") if each not in said]
    return _each(ids, lambda item_id: voting.cast(database, actor, now, item_id=item_id, choice=choice))


def decide(database: Database, actor: Actor, now: datetime, *, meeting_id: int) -> Done:
    """Close the vote on all that is being voted on, in the order of the agenda."""
    with database.read() as session:
        finding.read_meeting(session, actor, meeting_id)
        ids = _ids(session, meeting_id, "voting")
    return _each(ids, lambda item_id: deciding.decide(database, actor, now, item_id=item_id))


def _ids(session: Session, meeting_id: int, state: str) -> Sequence[int]:
    return session.scalars(
        select(AgendaItem.id)
        .where(AgendaItem.meeting_id == meeting_id, AgendaItem.state == state)
        .order_by(AgendaItem.position, AgendaItem.id)
        .limit(MOST)
    ).all()


def _each(ids: Sequence[int], act: Callable[[int], Any]) -> Done:
    done, refused = 0, Counter[str]()
    for item_id in ids:
        try:
            act(item_id)
            done += 1
        except Refusal as refusal:
            if refusal.code == "not_found":
                raise
            refused[refusal.code] += 1
    return Done(done, refused)
