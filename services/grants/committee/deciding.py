"""The decision on an item: what was proposed, when the quorum is there and it is carried. Nothing else decides."""

from __future__ import annotations

from datetime import datetime

from services.grants import policy, programmes
from services.grants.committee import agenda, earlier, finding, recusals, voting
from services.grants.models import AUDIT, AgendaItem
from services.grants.selection import outcomes
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def decide(database: Database, actor: Actor, now: datetime, *, item_id: int) -> AgendaItem:
    """Close the vote on an item: its proposal becomes the application's decision. Again gives the decided item.

    The quorum is counted at this moment, after recusals, under the locks of meeting and item; the database holds it
    too. Raises Refusal: not_found, other_district, own_application, meeting_not_open, already_decided (deferred),
    not_voting, no_quorum, votes_missing, not_carried, and those of `outcomes.apply`.
    """
    with database.write() as session:
        item, meeting, call, application = finding.item_for_staff(session, actor, item_id)
        if item.state == "decided":
            return item
        finding.check_open(meeting)
        finding.check_undecided(item, meeting)
        rules = programmes.rules_of_application(session, application)
        recusals.detect_within(session, meeting, now, item)
        attendance, tally = voting.count(session, item, meeting, rules, now, noted=True)
        if not attendance.reached:
            raise Refusal(
                "no_quorum",
                seats=str(attendance.seats),
                deciding=str(attendance.deciding),
                quorum=str(attendance.quorum),
            )
        if item.state != "voting":
            raise Refusal("not_voting")
        if tally.missing:
            raise Refusal("votes_missing", missing=str(tally.missing))
        if not tally.carried:
            raise Refusal("not_carried", votes_for=str(tally.votes_for), votes_against=str(tally.votes_against))
        item.seats, item.present = attendance.seats, attendance.present
        item.recused, item.quorum = attendance.recused, attendance.quorum
        item.votes_for, item.votes_against, item.abstained = tally.votes_for, tally.votes_against, tally.abstained
        item.outcome, item.awarded_won, item.decided_at, item.state = item.proposal, item.proposed_won, now, "decided"
        session.flush()  # the guard of the application's step looks for it
        outcomes.apply(session, actor, now, application, call, agenda.outcome_of(agenda.proposal_of(item)))
        item.rank = application.reserve_rank
        details = {
            "outcome": item.outcome,
            "awarded_won": item.awarded_won,
            "present": item.present,
            "recused": item.recused,
            "quorum": item.quorum,
            "votes_for": item.votes_for,
            "votes_against": item.votes_against,
            "abstained": item.abstained,
        }
        record(session, AUDIT, actor, now, "item.decided", f"agenda_item:{item.id}", details)
        return item


def defer(database: Database, actor: Actor, now: datetime, *, item_id: int, reason: str) -> AgendaItem:
    """Put an item off to another meeting (보류); the application waits on, and how a vote on it stood is kept. Again
    changes nothing.

    Raises Refusal: not_found, other_district, own_application, meeting_not_open, already_decided, invalid_input.
    """
    policy.refuse_problems(policy.text_problems("reason", reason, policy.REASON))
    with database.write() as session:
        item, meeting, _, application = finding.item_for_staff(session, actor, item_id)
        if item.state == "deferred":
            return item
        finding.check_open(meeting)
        finding.check_undecided(item, meeting)
        details = {"proposal": item.proposal, "proposed_won": item.proposed_won}
        if item.state == "voting":  # how the vote stood is kept with it
            details = earlier.put_down(session, item, meeting, application, now)
            for name in ("seats", "present", "recused", "quorum", "votes_for", "votes_against", "abstained"):
                setattr(item, name, details[name])
        item.state, item.reason = "deferred", reason.strip()
        record(session, AUDIT, actor, now, "item.deferred", f"agenda_item:{item.id}", details)
        return item
