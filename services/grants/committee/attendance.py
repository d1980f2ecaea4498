"""Who is at a meeting: they say so themselves when they come and go, or the staff does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import standing
from services.grants.committee import finding
from services.grants.models import AUDIT, SHORT, AgendaItem, Application, Meeting, Seat
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def arrive(database: Database, actor: Actor, now: datetime, *, meeting_id: int, account_id: int | None = None) -> Seat:
    """Be there from now on; again changes nothing. `account_id`: another one's seat, by the staff.

    Raises Refusal: not_found, other_district, meeting_not_open, own_application (another one's seat while an item of
    the actor's own group is voted on: who is there decides on it).
    """
    return _note(database, actor, now, meeting_id, account_id, there=True)


def leave(database: Database, actor: Actor, now: datetime, *, meeting_id: int, account_id: int | None = None) -> Seat:
    """Be gone from now on: whose vote is not decided on yet does not count. Raises as `arrive`."""
    return _note(database, actor, now, meeting_id, account_id, there=False)


def _note(
    database: Database, actor: Actor, now: datetime, meeting_id: int, account_id: int | None, *, there: bool
) -> Seat:
    with database.write() as session:
        meeting = session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)
        if meeting is None:
            raise Refusal("not_found", 404)
        seat = finding.seat_for(session, actor, meeting, account_id)
        finding.check_open(meeting)
        if seat.account_id != actor.account_id:
            _check_own(session, actor, meeting)
        if finding.is_there(seat) is not there:
            _write(session, actor, now, seat, there)
        return seat


def _check_own(session: Session, actor: Actor, meeting: Meeting) -> None:
    voted_on = session.scalars(
        select(Application)
        .join(AgendaItem, AgendaItem.application_id == Application.id)
        .where(AgendaItem.meeting_id == meeting.id, AgendaItem.state == "voting")
        .options(*SHORT)
    ).all()
    if standing.near(session, actor.account_id, voted_on):
        raise Refusal("own_application", 403)


def _write(session: Session, actor: Actor, now: datetime, seat: Seat, there: bool) -> None:
    if there:
        seat.arrived_at, seat.left_at = seat.arrived_at or now, None
    else:
        if seat.arrived_at is None:
            return
        seat.left_at = now
    record(
        session,
        AUDIT,
        actor,
        now,
        "seat.arrived" if there else "seat.left",
        f"meeting:{seat.meeting_id}",
        on_behalf_of=seat.account_id if seat.account_id != actor.account_id else None,
    )
