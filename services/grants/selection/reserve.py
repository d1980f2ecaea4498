"""The reserve list (예비): when somebody gives up, the next one moves up; in the end it is closed with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import applications, standing
from services.grants.models import AgendaItem, Application, Call
from services.grants.selection import objections, outcomes
from services.grants.selection.outcomes import Outcome
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def promote(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    awarded_won: int | None,
    reason: str = "",
    unread: dict[str, list[str]] | None = None,
) -> Application:
    """Select the first one of the reserve list, as the committee ranked it, with no more than the committee decided;
    the same again changes nothing.

    Raises Refusal: not_found, other_district, own_application, reserve_only, objection_waits, reserve_order,
    award_waits, award_over_reserve, and those of `outcomes.apply`.
    """
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        standing.check_staff(session, actor, application, call)
        if application.phase == "selected" and application.awarded_won == awarded_won:
            return application
        _check_reserve(session, application)
        if unread:
            raise Refusal("invalid_input", 422, fields=unread)
        first = first_rank(session, call)
        if first is not None and first < (application.reserve_rank or 0):
            raise Refusal("reserve_order", rank=str(first))
        again = objections.award_again(session, call)
        if again is not None:  # its money is free only until it is decided on anew
            raise Refusal("award_waits", title=again.title)
        most_won = decided_won(session, [application_id]).get(application_id)
        if most_won is not None and most_won < (awarded_won or 0) <= application.requested_won:
            code = "award_over_reserve"
            raise Refusal(code, 409, fields={"awarded_won": [code]}, limit_won=f"{most_won:,}")
        outcome = Outcome("select", awarded_won, application.conditions, reason)
        outcomes.apply(session, actor, now, application, call, outcome)
        return application


def close(database: Database, actor: Actor, now: datetime, *, application_id: int, reason: str) -> Application:
    """Take one off the reserve list for good, with the reason that its group reads; again changes nothing.

    Raises Refusal: not_found, other_district, own_application, reserve_only, objection_waits, reason_missing.
    """
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        standing.check_staff(session, actor, application, call)
        if application.phase == "rejected" and application.reason == reason.strip():
            return application
        _check_reserve(session, application)
        outcomes.apply(session, actor, now, application, call, Outcome("reject", reason=reason))
        return application


def first_rank(session: Session, call: Call) -> int | None:
    """The rank of the one whose turn it is; None for an empty list."""
    return session.scalar(
        select(func.min(Application.reserve_rank)).where(
            Application.call_id == call.id, Application.phase == "decision"
        )
    )


def decided_won(session: Session, application_ids: Sequence[int]) -> dict[int, int]:
    """Application -> the amount with which the committee put it on the reserve list, in won; those from before the
    committee decided on amounts are left out. One query."""
    rows = session.execute(
        select(AgendaItem.application_id, AgendaItem.awarded_won)
        .where(
            AgendaItem.application_id.in_(application_ids),
            AgendaItem.state == "decided",
            AgendaItem.outcome == "reserve",
        )
        .order_by(AgendaItem.decided_at, AgendaItem.id)
    )
    last: dict[int, int | None] = {row[0]: row[1] for row in rows}  # the newest decision is the last one
    return {application_id: won for application_id, won in last.items() if won is not None}


def _check_reserve(session: Session, application: Application) -> None:
    if application.phase != "decision" or application.reserve_rank is None:
        raise Refusal("reserve_only")
    objections.check_none_waits(session, application.id)  # what it objects to would be decided over
