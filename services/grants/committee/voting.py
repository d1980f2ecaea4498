"""The vote on an item: opened by the staff, cast by each member on their phone, or entered for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import standing
from services.grants.committee import finding, recusals
from services.grants.models import AUDIT, SHORT, AgendaItem, Application, Meeting, Seat, Vote
from services.grants.rules import awards, quorum
from services.grants.rules.definition import Definition
from services.grants.rules.quorum import CHOICES, Attendance, Tally
from shared.audit import record, record_all
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def start(database: Database, actor: Actor, now: datetime, *, item_id: int) -> AgendaItem:
    """Put an item to the vote; again changes nothing. Raises Refusal: not_found, other_district, own_application,
    meeting_not_open, already_decided, reason_missing."""
    with database.write() as session:
        item, meeting, _, application = finding.item_for_staff(session, actor, item_id)
        _check_start(item, meeting, application.requested_won)
        if item.state != "voting":
            item.state = "voting"
            record(session, AUDIT, actor, now, "item.voting", f"agenda_item:{item.id}")
        return item


def start_within(
    session: Session, actor: Actor, now: datetime, meeting: Meeting, items: Sequence[AgendaItem]
) -> Counter[str]:
    """Put pending items of a meeting, which the caller holds with its call and runs, to the vote; code -> how many were
    not because of it. As many queries for all of them as for one."""
    refused = Counter[str]()
    ids = [each.application_id for each in items]
    applications = session.scalars(select(Application).where(Application.id.in_(ids)).options(*SHORT)).all()
    near = standing.near(session, actor.account_id, applications)
    asked = {each.id: each.requested_won for each in applications}
    begun = []
    for item in items:
        try:
            if item.application_id in near:
                raise Refusal("own_application", 403)
            _check_start(item, meeting, asked[item.application_id])
        except Refusal as refusal:
            refused[refusal.code] += 1
            continue
        item.state = "voting"
        begun.append((f"agenda_item:{item.id}", dict[str, Any]()))
    record_all(session, AUDIT, actor, now, "item.voting", begun)
    return refused


def _check_start(item: AgendaItem, meeting: Meeting, requested_won: int) -> None:
    finding.check_open(meeting)
    finding.check_undecided(item, meeting)
    if awards.needs_reason(item.proposal, item.proposed_won, requested_won) and not item.reason:
        raise Refusal("reason_missing", fields={"reason": ["reason_missing"]})


def cast(
    database: Database, actor: Actor, now: datetime, *, item_id: int, choice: str, account_id: int | None = None
) -> Vote:
    """Vote for, against or abstain; until the item is decided one may think again. `account_id`: entered by the staff
    for a member, which the audit says.

    Raises Refusal: not_found, other_district, own_application (for a member, by staff that is of the group),
    vote_unknown, meeting_not_open, already_decided, not_voting, not_there, recused.
    """
    check_choice(choice)
    with database.write() as session:
        item, meeting, seat = finding.item_and_seat(session, actor, item_id, account_id)
        vote = cast_within(session, actor, now, meeting, seat, [item], choice)[item.id]
        if isinstance(vote, Refusal):
            raise vote
        return vote


def check_choice(choice: str) -> None:
    """Raises Refusal vote_unknown."""
    if choice not in CHOICES:
        raise Refusal("vote_unknown", 422, fields={"choice": ["vote_unknown"]})


def cast_within(
    session: Session,
    actor: Actor,
    now: datetime,
    meeting: Meeting,
    seat: Seat,
    items: Sequence[AgendaItem],
    choice: str,
) -> dict[int, Vote | Refusal]:
    """Vote alike on items of a meeting, which the caller holds with them: item -> the vote, or why there is none. As
    many queries for all of them as for one."""
    kept, earlier = _before(session, seat.account_id, items, now)
    found: dict[int, Vote | Refusal] = {}
    cast_now = []
    for item in items:
        vote = earlier.get(item.id)
        try:
            finding.check_open(meeting)
            finding.check_undecided(item, meeting)
            if item.state != "voting":
                raise Refusal("not_voting")
            if item.application_id in kept or (vote is not None and vote.choice == "recused"):
                raise Refusal("recused", 403)
            if not finding.is_there(seat):
                raise Refusal("not_there")
        except Refusal as refusal:
            found[item.id] = refusal
            continue
        if vote is None:
            vote = Vote(item_id=item.id, account_id=seat.account_id)
            session.add(vote)
        if vote.choice != choice:
            vote.choice, vote.cast_at = choice, now
            cast_now.append((f"agenda_item:{item.id}", {"choice": choice}))
        found[item.id] = vote
    on_behalf_of = seat.account_id if seat.account_id != actor.account_id else None
    record_all(session, AUDIT, actor, now, "vote.cast", cast_now, on_behalf_of)
    session.flush()
    return found


def _before(
    session: Session, account_id: int, items: Sequence[AgendaItem], now: datetime
) -> tuple[set[int], dict[int, Vote]]:
    """The applications that a member is kept from, and what they said of the items so far."""
    kept: set[int] = set()
    said: dict[int, Vote] = {}
    for at in range(0, len(items), recusals.BATCH):
        some = items[at : at + recusals.BATCH]
        reasons = recusals.reasons_of(session, [account_id], [each.application_id for each in some], now)
        kept |= {application_id for _account, application_id in reasons}
        own = (Vote.account_id == account_id, Vote.item_id.in_([each.id for each in some]))
        said |= {vote.item_id: vote for vote in session.scalars(select(Vote).where(*own))}
    return kept, said


def count(
    session: Session, item: AgendaItem, meeting: Meeting, rules: Definition, now: datetime, *, noted: bool = False
) -> tuple[Attendance, Tally]:
    """Who may decide on an item at this moment, and what they voted. Certain while meeting and item are locked.
    `noted`: `recusals.detect_within` was just asked of the item, so that whoever is kept from it is on record."""
    seats = finding.seats(session, meeting.id)
    accounts = {seat.account_id for seat in seats}
    there = {seat.account_id for seat in seats if finding.is_there(seat)}
    votes = {vote.account_id: vote.choice for vote in session.scalars(select(Vote).where(Vote.item_id == item.id))}
    recused = {each for each, choice in votes.items() if choice == "recused"} & accounts
    if not noted:
        recused = recusals.recused_of(session, item, accounts, now)
    attendance = quorum.attendance(accounts, there, recused, rules.committee.quorum)
    return attendance, quorum.tally(there - recused, votes)
