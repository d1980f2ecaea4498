"""The vote on an item: opened by the staff, cast by each member on their phone, or entered for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants.committee import finding, recusals
from services.grants.models import AUDIT, AgendaItem, Meeting, Vote
from services.grants.rules import quorum
from services.grants.rules.definition import Definition
from services.grants.rules.quorum import CHOICES, Attendance, Tally
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def start(database: Database, actor: Actor, now: datetime, *, item_id: int) -> AgendaItem:
    """Put an item to the vote; again changes nothing. Raises Refusal: not_found, other_district, own_application,
    meeting_not_open, already_decided, reason_missing."""
    with database.write() as session:
        item, meeting, _, _ = finding.item_for_staff(session, actor, item_id)
        finding.check_open(meeting)
        finding.check_undecided(item, meeting)
        if item.proposal == "reject" and not item.reason:
            raise Refusal("reason_missing", fields={"reason": ["reason_missing"]})
        if item.state != "voting":
            item.state = "voting"
            record(session, AUDIT, actor, now, "item.voting", f"agenda_item:{item.id}")
        return item


def cast(
    database: Database, actor: Actor, now: datetime, *, item_id: int, choice: str, account_id: int | None = None
) -> Vote:
    """Vote for, against or abstain; until the item is decided one may think again. `account_id`: entered by the staff
    for a member, which the audit says.

    Raises Refusal: not_found, other_district, vote_unknown, meeting_not_open, already_decided, not_voting, not_there,
    recused.
    """
    if choice not in CHOICES:
        raise Refusal("vote_unknown", 422, fields={"choice": ["vote_unknown"]})
    with database.write() as session:
        item, meeting = finding.locked_item(session, item_id)
        seat = finding.seat_for(session, actor, meeting, account_id)
        finding.check_open(meeting)
        finding.check_undecided(item, meeting)
        if item.state != "voting":
            raise Refusal("not_voting")
        recusals.check_not_recused(session, seat.account_id, item, now)
        if not finding.is_there(seat):
            raise Refusal("not_there")
        vote = session.get(Vote, (item.id, seat.account_id))
        if vote is not None and vote.choice == choice:
            return vote
        if vote is None:
            vote = Vote(item_id=item.id, account_id=seat.account_id, choice=choice, cast_at=now)
            session.add(vote)
        vote.choice, vote.cast_at = choice, now
        on_behalf_of = seat.account_id if seat.account_id != actor.account_id else None
        record(session, AUDIT, actor, now, "vote.cast", f"agenda_item:{item.id}", on_behalf_of=on_behalf_of)
        session.flush()
        return vote


def count(
    session: Session, item: AgendaItem, meeting: Meeting, rules: Definition, now: datetime
) -> tuple[Attendance, Tally]:
    """Who may decide on an item at this moment, and what they voted. Certain while meeting and item are locked."""
    seats = finding.seats(session, meeting.id)
    accounts = {seat.account_id for seat in seats}
    there = {seat.account_id for seat in seats if finding.is_there(seat)}
    recused = recusals.recused_of(session, item, accounts, now)
    votes = {vote.account_id: vote.choice for vote in session.scalars(select(Vote).where(Vote.item_id == item.id))}
    attendance = quorum.attendance(accounts, there, recused, rules.committee.quorum)
    return attendance, quorum.tally(there - recused, votes)
