"""The agenda: what waits for the committee, in an order and with a proposal for each, as the reviews suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from services.grants.committee import earlier, finding, recusals
from services.grants.models import AUDIT, AgendaItem, Application, Call, Meeting, Vote
from services.grants.selection import outcomes, ranking
from services.grants.selection.outcomes import Outcome
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

PAGE_SIZE = 100


@dataclass(frozen=True)
class Proposal:
    """What the committee is asked: an outcome with its amount (of a reserve: the most that it may be promoted with),
    conditions, reason and rank."""

    event: str
    proposed_won: int | None = None
    conditions: str = ""
    reason: str = ""
    rank: int | None = None


def fill(database: Database, actor: Actor, now: datetime, *, meeting_id: int) -> int:
    """Put all that waits on the agenda; how many were added. Raises Refusal: not_found, other_district,
    meeting_over."""
    with database.write() as session:
        meeting, call = finding.locked_meeting(session, actor, meeting_id)
        finding.check_live(meeting)
        return fill_within(session, actor, now, meeting, call)


def fill_within(session: Session, actor: Actor, now: datetime, meeting: Meeting, call: Call) -> int:
    """As `fill`, within a unit of work that holds the meeting's lock: the best scores first."""
    waiting = waiting_for(session, call, meeting)
    if not waiting:
        return 0
    last = session.scalar(select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id)) or 0
    rows = [
        {
            "meeting_id": meeting.id,
            "application_id": row.application_id,
            "position": last + index,
            "proposal": row.proposal,
            "proposed_won": row.proposed_won,
            "conditions": "",
            "reason": row.reason,
            "state": "pending",
            **dict.fromkeys(("seats", "present", "recused", "quorum", "votes_for", "votes_against", "abstained"), 0),
        }
        for index, row in enumerate(waiting, 1)
    ]
    session.execute(insert(AgendaItem), rows)
    record(session, AUDIT, actor, now, "agenda.filled", f"meeting:{meeting.id}", {"items": len(rows)})
    if meeting.state == "open":
        recusals.detect_within(session, meeting, now)
    return len(rows)


def waiting_for(session: Session, call: Call, meeting: Meeting | None = None) -> list[ranking.Row]:
    """What waits for the committee and is on no agenda of a meeting to come, by score. For `meeting`: without what it
    put off or decided already, which another one takes up."""
    taken_up = and_(Meeting.state.in_(("planned", "open")), AgendaItem.state.in_(("pending", "voting")))
    rows = [row for row in ranking.rows(session, call) if row.waiting]
    busy = set(
        session.scalars(
            select(AgendaItem.application_id)
            .join(Meeting, Meeting.id == AgendaItem.meeting_id)
            .where(
                Meeting.call_id == call.id,
                taken_up if meeting is None else or_(taken_up, Meeting.id == meeting.id),
            )
        )
    )
    return [row for row in rows if row.application_id not in busy]


def add(database: Database, actor: Actor, now: datetime, *, meeting_id: int, application_id: int) -> AgendaItem:
    """Put one application on the agenda; again gives the same item.

    Raises Refusal: not_found, other_district, meeting_over, item_done_here (put off or decided in this meeting),
    not_in_deliberation.
    """
    with database.write() as session:
        meeting, call = finding.locked_meeting(session, actor, meeting_id)
        finding.check_live(meeting)
        here = (AgendaItem.meeting_id == meeting_id, AgendaItem.application_id == application_id)
        there = session.scalar(select(AgendaItem).where(*here))
        if there is not None:
            if there.state in ("decided", "deferred"):
                raise Refusal("item_done_here")
            return there
        wanted = [row for row in waiting_for(session, call) if row.application_id == application_id]
        if not wanted:
            raise Refusal("not_in_deliberation")
        last = session.scalar(select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting_id)) or 0
        item = AgendaItem(
            meeting_id=meeting_id,
            application_id=application_id,
            position=last + 1,
            proposal=wanted[0].proposal,
            proposed_won=wanted[0].proposed_won,
            reason=wanted[0].reason,
        )
        session.add(item)
        session.flush()
        record(session, AUDIT, actor, now, "item.added", f"agenda_item:{item.id}")
        if meeting.state == "open":
            recusals.detect_within(session, meeting, now)
        return item


def propose(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    item_id: int,
    proposal: Proposal,
    unread: dict[str, list[str]] | None = None,
) -> AgendaItem:
    """Say what the committee is asked. Another proposal than the one voted on is voted on anew (recusals stay): nobody
    voted for these words. What was voted on before stays on record with its votes (`earlier`).

    Raises Refusal: not_found, other_district, own_application, meeting_over, already_decided, and those of
    `outcomes.check`, so that nothing is put to the vote that cannot be.
    """
    with database.write() as session:
        item, meeting, call, application = finding.item_for_staff(session, actor, item_id)
        finding.check_undecided(item, meeting)
        if unread:
            raise Refusal("invalid_input", 422, fields=unread)
        outcomes.check(session, application, call, outcome_of(proposal), now)
        before = proposal_of(item)
        replaced = earlier.put_down(session, item, meeting, application, now) if item.state == "voting" else None
        item.proposal = proposal.event
        item.proposed_won = proposal.proposed_won if proposal.event in outcomes.WITH_AMOUNT else None
        item.conditions, item.reason = proposal.conditions.strip(), proposal.reason.strip()
        item.rank = proposal.rank if proposal.event == "reserve" else None
        if proposal_of(item) != before:
            session.execute(delete(Vote).where(Vote.item_id == item.id, Vote.choice != "recused"))
            item.state = "pending"
            details: dict[str, Any] = {"proposal": item.proposal, "proposed_won": item.proposed_won}
            if replaced is not None:
                details[earlier.REPLACED] = replaced
            record(session, AUDIT, actor, now, "item.proposed", f"agenda_item:{item.id}", details)
        return item


def move(database: Database, actor: Actor, now: datetime, *, item_id: int, position: int) -> AgendaItem:
    """Put an item at another place, from 1; the others make room. Raises Refusal: not_found, other_district,
    meeting_over."""
    with database.write() as session:
        item, meeting = _of_meeting(session, actor, item_id)
        finding.check_live(meeting)
        last = session.scalar(select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id)) or 1
        wanted, before = max(1, min(position, last)), item.position
        here = AgendaItem.meeting_id == meeting.id
        if wanted < before:
            between = (here, AgendaItem.position >= wanted, AgendaItem.position < before)
            session.execute(update(AgendaItem).where(*between).values(position=AgendaItem.position + 1))
        elif wanted > before:
            between = (here, AgendaItem.position > before, AgendaItem.position <= wanted)
            session.execute(update(AgendaItem).where(*between).values(position=AgendaItem.position - 1))
        item.position = wanted
        record(session, AUDIT, actor, now, "item.moved", f"agenda_item:{item.id}", {"position": wanted})
        return item


def drop(database: Database, actor: Actor, now: datetime, *, item_id: int) -> None:
    """Take an item off the agenda that was never put to the vote. Raises Refusal: not_found, other_district,
    meeting_over, item_in_vote."""
    with database.write() as session:
        item, meeting = _of_meeting(session, actor, item_id)
        finding.check_live(meeting)
        if item.state != "pending" or earlier.any_of(session, [item.id]):
            raise Refusal("item_in_vote")
        session.execute(delete(Vote).where(Vote.item_id == item.id))
        record(session, AUDIT, actor, now, "item.dropped", f"agenda_item:{item.id}", {"meeting": meeting.id})
        session.delete(item)


def items(
    session: Session, meeting_id: int, *, offset: int = 0
) -> tuple[Sequence[tuple[AgendaItem, Application]], int]:
    """The agenda in its order, PAGE_SIZE at a time, and how long it is."""
    total = session.scalar(select(func.count()).select_from(AgendaItem).where(AgendaItem.meeting_id == meeting_id))
    rows = session.execute(
        select(AgendaItem, Application)
        .join(Application, Application.id == AgendaItem.application_id)
        .where(AgendaItem.meeting_id == meeting_id)
        .order_by(AgendaItem.position, AgendaItem.id)
        .offset(offset)
        .limit(PAGE_SIZE)
    )
    return [(item, application) for item, application in rows], int(total or 0)


def proposal_of(item: AgendaItem) -> Proposal:
    return Proposal(item.proposal, item.proposed_won, item.conditions, item.reason, item.rank)


def outcome_of(proposal: Proposal) -> Outcome:
    return Outcome(proposal.event, proposal.proposed_won, proposal.conditions, proposal.reason, proposal.rank)


def _of_meeting(session: Session, actor: Actor, item_id: int) -> tuple[AgendaItem, Meeting]:
    meeting_id = session.scalar(select(AgendaItem.meeting_id).where(AgendaItem.id == item_id))
    if meeting_id is None:
        raise Refusal("not_found", 404)
    finding.locked_meeting(session, actor, meeting_id)
    return finding.locked_item(session, item_id)


def states(session: Session, meeting_id: int) -> dict[str, int]:
    """How many items of a meeting are in each state."""
    rows = session.execute(
        select(AgendaItem.state, func.count()).where(AgendaItem.meeting_id == meeting_id).group_by(AgendaItem.state)
    )
    return {state: int(number) for state, number in rows}
