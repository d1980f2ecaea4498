"""The papers of an item: what its reader may see of it. That somebody read the application is recorded (invariant 14);
whoever is recused sees what it is about and nothing more (invariant 13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import programmes
from services.grants.committee import earlier, finding, recusals, voting
from services.grants.committee.earlier import Earlier
from services.grants.models import AUDIT, AgendaItem, Application, Call, Meeting, Seat, Vote
from services.grants.rules.definition import Definition
from services.grants.rules.quorum import Attendance, Tally
from services.grants.selection import ranking
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Papers:
    """An item for one reader. `own`: their vote; `votes` by account are the staff's to see, the tally everyone's, and
    so are the `earlier` proposals that did not carry."""

    item: AgendaItem
    meeting: Meeting
    call: Call
    application: Application
    rules: Definition
    runs: bool
    recused: bool
    seat: Seat | None
    own: Vote | None
    seats: Sequence[Seat]
    votes: Mapping[int, Vote]
    kept: frozenset[int]
    attendance: Attendance
    tally: Tally
    earlier: Sequence[Earlier]
    score_tenths: int | None


def open_item(database: Database, actor: Actor, now: datetime, *, item_id: int) -> Papers:
    """An item for those who run its call and for the members of its meeting. Raises Refusal not_found."""
    with database.read() as session:
        papers = _read(session, actor, now, item_id)
    if not papers.recused:
        with database.write() as session:
            record(session, AUDIT, actor, now, "application.viewed", f"application:{papers.application.id}")
    return papers


def _read(session: Session, actor: Actor, now: datetime, item_id: int) -> Papers:
    item = session.get(AgendaItem, item_id)
    if item is None:
        raise Refusal("not_found", 404)
    meeting, call, runs = finding.read_meeting(session, actor, item.meeting_id)
    application = session.get_one(Application, item.application_id)
    rules = programmes.rules_of_application(session, application)
    seats = finding.seats(session, meeting.id)
    votes = {each.account_id: each for each in session.scalars(select(Vote).where(Vote.item_id == item.id))}
    attendance, tally = voting.count(session, item, meeting, rules, now)
    if item.state == "decided" or (item.state == "deferred" and item.seats):
        attendance = Attendance(item.seats, item.present, item.recused, item.quorum)
        tally = Tally(item.votes_for, item.votes_against, item.abstained)
    scores = ranking.scores_of(session, call, rules, application.id)
    return Papers(
        item=item,
        meeting=meeting,
        call=call,
        application=application,
        rules=rules,
        runs=runs,
        recused=recusals.is_recused(session, actor.account_id, item, now),
        seat=next((each for each in seats if each.account_id == actor.account_id), None),
        own=votes.get(actor.account_id or 0),
        seats=seats,
        votes=votes,
        kept=frozenset(recusals.recused_of(session, item, {each.account_id for each in seats}, now)),
        attendance=attendance,
        tally=tally,
        earlier=earlier.of_items(session, [item.id]).get(item.id, ()),
        score_tenths=scores[application.id][0] if application.id in scores else None,
    )
