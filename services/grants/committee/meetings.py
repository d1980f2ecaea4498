"""Meetings of a call's committee: planning one, opening it, calling it off, and reading them.

Its members are those appointed for the call's district (the city's call: by the city) on the day of the meeting; nobody
chooses among them, for the quorum is a part of all the seats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from services.grants import calls, desk, notices, policy, programmes
from services.grants.committee import agenda, finding, recusals
from services.grants.committee.finding import locked_meeting, seats
from services.grants.models import AUDIT, AgendaItem, Appointment, Call, Meeting, Reviewer, Seat
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

TITLE, PLACE = 120, 120
PAGE_SIZE = 50


@dataclass(frozen=True)
class Plan:
    """When and where a meeting is held. The moment is aware; None is not filled in."""

    title: str
    held_at: datetime | None
    place: str


def plan(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    call_id: int,
    terms: Plan,
    key: str,
    unread: dict[str, list[str]] | None = None,
) -> Meeting:
    """Plan a meeting, with all that waits for the committee on its agenda, and invite the members. The same `key`
    again gives the same meeting.

    Raises Refusal: not_found, other_district, invalid_input, committee_too_small, key_missing.
    """
    calls.check_key(key)
    with database.write() as session:
        call = calls.locked(session, call_id)
        policy.check_runs(actor, call.district)
        made = session.scalar(
            select(Meeting).where(Meeting.created_by == actor.account_id, Meeting.idempotency_key == key)
        )
        if made is not None:
            return made
        if call.published_at is None:
            raise Refusal("not_found", 404)
        policy.refuse_problems(_problems(terms, now), unread)
        meeting = Meeting(
            call_id=call.id,
            district=call.district,
            title=terms.title.strip(),
            held_at=terms.held_at,
            place=terms.place.strip(),
            created_by=actor.account_id,
            created_at=now,
            idempotency_key=key,
        )
        session.add(meeting)
        session.flush()
        _seat(session, meeting, call, meeting.held_at)
        record(session, AUDIT, actor, now, "meeting.planned", f"meeting:{meeting.id}", {"call": call.id})
        agenda.fill_within(session, actor, now, meeting, call)
        _invite(session, meeting, now)
        return meeting


def change(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    meeting_id: int,
    terms: Plan,
    unread: dict[str, list[str]] | None = None,
) -> Meeting:
    """Move a meeting that is not open yet; its members are told where and when again. Raises Refusal as `plan`, and
    meeting_not_planned."""
    with database.write() as session:
        meeting, call = locked_meeting(session, actor, meeting_id)
        finding.check_planned(meeting)
        policy.refuse_problems(_problems(terms, now), unread)
        meeting.title, meeting.place = terms.title.strip(), terms.place.strip()
        meeting.held_at = terms.held_at or meeting.held_at
        _seat(session, meeting, call, meeting.held_at)
        record(session, AUDIT, actor, now, "meeting.changed", f"meeting:{meeting.id}")
        _invite(session, meeting, now)
        return meeting


def open_meeting(database: Database, actor: Actor, now: datetime, *, meeting_id: int) -> Meeting:
    """Begin: the seats are those of this very day, and who is kept from which item is looked up. Again changes nothing.

    Raises Refusal: not_found, other_district, meeting_not_planned, committee_too_small.
    """
    with database.write() as session:
        meeting, call = locked_meeting(session, actor, meeting_id)
        if meeting.state == "open":
            return meeting
        finding.check_planned(meeting)
        _seat(session, meeting, call, now)
        meeting.state, meeting.opened_at = "open", now
        session.flush()
        recusals.detect_within(session, meeting, now)
        record(session, AUDIT, actor, now, "meeting.opened", f"meeting:{meeting.id}")
        return meeting


def cancel(database: Database, actor: Actor, now: datetime, *, meeting_id: int, reason: str) -> Meeting:
    """Call off a meeting that is not open yet; the members are told. Again changes nothing. Raises Refusal: not_found,
    other_district, meeting_not_planned, invalid_input."""
    with database.write() as session:
        meeting, _ = locked_meeting(session, actor, meeting_id)
        if meeting.state == "cancelled":
            return meeting
        finding.check_planned(meeting)
        policy.refuse_problems(policy.text_problems("reason", reason, policy.REASON))
        meeting.state = "cancelled"
        record(session, AUDIT, actor, now, "meeting.cancelled", f"meeting:{meeting.id}")
        accounts = [seat.account_id for seat in seats(session, meeting.id)]
        path, told = f"/meetings/{meeting.id}", {"meeting": meeting.title, "starts": meeting.held_at}
        notices.tell(session, accounts, "committee_cancelled", now, path=path, reason=reason.strip(), **told)
        return meeting


def listed(
    session: Session, actor: Actor, *, call_id: int | None = None, coming: datetime | None = None
) -> list[tuple[Meeting, Call, int]]:
    """The meetings of the actor's calls, or where the actor has a seat, with how many items are on each agenda; the
    newest first, at most PAGE_SIZE. `coming`: those that are soon to be held from this moment on, the next first."""
    items = select(func.count()).select_from(AgendaItem).where(AgendaItem.meeting_id == Meeting.id).scalar_subquery()
    query = select(Meeting, Call, items).join(Call, Call.id == Meeting.call_id)
    if call_id is not None:
        query = query.where(Meeting.call_id == call_id)
    seated = Meeting.id.in_(select(Seat.meeting_id).where(Seat.account_id == actor.account_id))
    staff = actor.has(Role.DISTRICT_STAFF, Role.CITY_STAFF)
    query = query.where(or_(desk.run_by(actor), seated) if staff else seated)
    order = (Meeting.held_at.desc(), Meeting.id.desc())
    if coming is not None:
        query, order = query.where(desk.coming(coming)), (Meeting.held_at.asc(), Meeting.id.asc())
    rows = session.execute(query.order_by(*order).limit(PAGE_SIZE))
    return [(meeting, call, int(number or 0)) for meeting, call, number in rows]


def _problems(terms: Plan, now: datetime) -> policy.Problems:
    yield from policy.text_problems("title", terms.title, TITLE)
    yield from policy.text_problems("place", terms.place, PLACE)
    if terms.held_at is None:
        yield "held_at", "date_missing"
    elif terms.held_at <= now:
        yield "held_at", "held_in_past"


def _seat(session: Session, meeting: Meeting, call: Call, at: datetime) -> None:
    """Give each member of the day a seat, and take it from who is none. Raises Refusal committee_too_small."""
    day = policy.city_date(at)
    here = Appointment.district.is_(None) if call.district is None else Appointment.district == call.district
    members: dict[int, tuple[str, bool]] = {}
    for account_id, name, chair in session.execute(
        select(Appointment.account_id, Reviewer.name, Appointment.chair)
        .join(Reviewer, Reviewer.account_id == Appointment.account_id)
        .where(here, Appointment.kind == "committee", Appointment.starts_on <= day, Appointment.ends_on >= day)
    ):
        members[account_id] = (name, chair or members.get(account_id, ("", False))[1])
    least = programmes.rules_of_call(session, call).committee.seats
    if len(members) < least:
        raise Refusal("committee_too_small", least=str(least), seats=str(len(members)))
    session.execute(delete(Seat).where(Seat.meeting_id == meeting.id, Seat.account_id.not_in(members)))
    for account_id, (name, chair) in members.items():
        session.merge(Seat(meeting_id=meeting.id, account_id=account_id, name=name, chair=chair))
    session.flush()


def _invite(session: Session, meeting: Meeting, now: datetime) -> None:
    accounts = [seat.account_id for seat in seats(session, meeting.id)]
    told = {"meeting": meeting.title, "starts": meeting.held_at, "place": meeting.place}
    notices.tell(session, accounts, "committee_invited", now, path=f"/meetings/{meeting.id}", **told)
