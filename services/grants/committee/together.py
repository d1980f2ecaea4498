"""Many items at once: a committee that agrees on a list need not press a button for each. Every item goes its own way,
by the rules of one; what cannot be stays as it is, and how often why is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.grants.committee import deciding, finding, voting
from services.grants.models import AgendaItem, Meeting, Vote
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
    """Put all that is pending to the vote, in one unit of work. Raises Refusal: not_found, other_district."""
    with database.write() as session:
        meeting, _call = finding.locked_meeting(session, actor, meeting_id)
        items = _locked(session, AgendaItem.meeting_id == meeting_id, AgendaItem.state == "pending")
        refused = voting.start_within(session, actor, now, meeting, items)
    return Done(len(items) - refused.total(), refused)


def cast(database: Database, actor: Actor, now: datetime, *, meeting_id: int, choice: str) -> Done:
    """Vote alike on all that one has not voted on yet, in one unit of work; what one is recused from stays apart.
    Raises Refusal: not_found, vote_unknown."""
    with database.write() as session:
        meeting = session.get(Meeting, meeting_id, with_for_update=True)
        if meeting is None:
            raise Refusal("not_found", 404)
        seat = finding.seat_for(session, actor, meeting, None)
        voting.check_choice(choice)
        said = select(Vote.item_id).where(Vote.account_id == seat.account_id)
        of_meeting = (AgendaItem.meeting_id == meeting_id, AgendaItem.state == "voting")
        items = _locked(session, *of_meeting, AgendaItem.id.not_in(said))
        found = voting.cast_within(session, actor, now, meeting, seat, items, choice).values()
    refused = Counter(each.code for each in found if isinstance(each, Refusal))
    return Done(len(found) - refused.total(), refused)


def decide(database: Database, actor: Actor, now: datetime, *, meeting_id: int) -> Done:
    """Close the vote on all that is being voted on, in the order of the agenda."""
    with database.read() as session:
        finding.read_meeting(session, actor, meeting_id)
        ids = _ids(session, meeting_id, "voting")
    return _each(ids, lambda item_id: deciding.decide(database, actor, now, item_id=item_id))


def _locked(session: Session, *wanted: ColumnElement[bool]) -> Sequence[AgendaItem]:
    """Items of a meeting that is locked, in the order of the agenda."""
    ordered = select(AgendaItem).where(*wanted).order_by(AgendaItem.position, AgendaItem.id).limit(MOST)
    return session.scalars(ordered.with_for_update()).all()


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
