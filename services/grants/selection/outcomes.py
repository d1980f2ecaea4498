"""What a decision does to an application: selected with an award, on the reserve list, or refused with its reason.

The committee decides (`committee.deciding`); here its decision becomes the application's, within the same unit of work
and under the call's lock, and is announced at once where nothing is left to wait for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import policy, process, programmes
from services.grants.models import Application, Call
from services.grants.rules import awards
from services.grants.selection import announcement, budget
from shared.identity.actor import Actor
from shared.refusal import Refusal

OUTCOMES = ("select", "reserve", "reject")
WITH_AMOUNT = ("select", "reserve")
CONDITIONS = 2_000


@dataclass(frozen=True)
class Outcome:
    """What is decided. `awarded_won` is the award of a selection, and of a place on the reserve list the most that it
    may be promoted with; `rank` of the reserve list (None: its end)."""

    event: str
    awarded_won: int | None = None
    conditions: str = ""
    reason: str = ""
    rank: int | None = None


def apply(
    session: Session, actor: Actor, now: datetime, application: Application, call: Call, outcome: Outcome
) -> None:
    """Decide an application whose lock the caller holds.

    Raises Refusal: step_not_possible, committee_undecided, own_application, other_district; award_over_request,
    award_over_project, award_over_remaining, award_over_group, award_over_group_awards, award_over_dong,
    award_over_district, rank_taken, reason_missing (each with its field).
    """
    check(session, application, call, outcome, now)
    application.awarded_won = outcome.awarded_won if outcome.event == "select" else None
    application.reserve_rank = _rank(session, application, call, outcome) if outcome.event == "reserve" else None
    application.reason, application.conditions = outcome.reason.strip(), outcome.conditions.strip()
    application.decided_at, application.decided_by, application.announced_at = now, actor.account_id, None
    details = {"awarded_won": application.awarded_won} if application.awarded_won else {}
    if application.reserve_rank:
        details["rank"] = application.reserve_rank
    process.move(session, application, call, outcome.event, actor, now, reason=application.reason, details=details)
    announcement.follow(session, actor, now, call, [application])


def check(session: Session, application: Application, call: Call, outcome: Outcome, now: datetime) -> None:
    """Raises the Refusal of an outcome that cannot be; certain while the call's row is locked."""
    policy.refuse_problems(_texts(outcome, application.requested_won))
    if outcome.event in WITH_AMOUNT:
        rules = programmes.rules_of_application(session, application)
        limits = rules.limits
        won, asked_won, ceiling_won = outcome.awarded_won, application.requested_won, call.ceiling_won
        if outcome.event == "select":
            others = budget.taken(session, application, call, rules, now)
            found = awards.problems(won, asked_won, ceiling_won, limits, others)
        else:
            found = awards.amount_problems(won, asked_won, ceiling_won, limits)
        for code, params in found:
            raise Refusal(code, 409, fields={"awarded_won": [code]}, **params)


def _texts(outcome: Outcome, requested_won: int) -> policy.Problems:
    if outcome.event not in OUTCOMES:
        yield "outcome", "decision_missing"
    required = awards.needs_reason(outcome.event, outcome.awarded_won, requested_won)
    yield from policy.reason_problems(outcome.reason, required=required)
    yield from policy.text_problems("conditions", outcome.conditions, CONDITIONS, required=False)


def _rank(session: Session, application: Application, call: Call, outcome: Outcome) -> int:
    """The place on the reserve list, counted within the call; under its lock no two get the same."""
    ranks = set(
        session.scalars(
            select(Application.reserve_rank).where(
                Application.call_id == call.id,
                Application.id != application.id,
                Application.phase == "decision",
                Application.reserve_rank.is_not(None),
            )
        )
    )
    if outcome.rank is None:
        return max((each for each in ranks if each), default=0) + 1
    if outcome.rank < 1:
        raise Refusal("rank_unclear", 422, fields={"rank": ["rank_unclear"]})
    if outcome.rank in ranks:
        raise Refusal("rank_taken", 409, fields={"rank": ["rank_taken"]}, rank=str(outcome.rank))
    return outcome.rank


def next_rank(session: Session, call: Call) -> int:
    """The place that the next one on the reserve list gets."""
    last = session.scalar(
        select(func.max(Application.reserve_rank)).where(
            Application.call_id == call.id, Application.phase == "decision"
        )
    )
    return int(last or 0) + 1
