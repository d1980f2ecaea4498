"""Finding a meeting or an item of its agenda, with its locks, and whose seat is meant.

The order of locks: call, application, meeting, item. Whoever needs only the later ones takes them in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import applications, calls, policy, standing
from services.grants.models import AgendaItem, Application, Call, Meeting, Seat
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal


def locked_meeting(session: Session, actor: Actor, meeting_id: int) -> tuple[Meeting, Call]:
    """A meeting and its call, the call's row locked first, for those who run it. Raises Refusal: not_found,
    other_district."""
    call_id = session.scalar(select(Meeting.call_id).where(Meeting.id == meeting_id))
    if call_id is None:
        raise Refusal("not_found", 404)
    call = calls.locked(session, call_id)
    policy.check_runs(actor, call.district)
    return session.get_one(Meeting, meeting_id, with_for_update=True, populate_existing=True), call


def locked_item(session: Session, item_id: int) -> tuple[AgendaItem, Meeting]:
    """An item and its meeting, the meeting's row locked first. Raises Refusal not_found."""
    meeting_id = session.scalar(select(AgendaItem.meeting_id).where(AgendaItem.id == item_id))
    if meeting_id is None:
        raise Refusal("not_found", 404)
    meeting = session.get_one(Meeting, meeting_id, with_for_update=True, populate_existing=True)
    item = session.get(AgendaItem, item_id, with_for_update=True, populate_existing=True)
    if item is None:  # dropped while we waited for its meeting
        raise Refusal("not_found", 404)
    return item, meeting


def item_for_staff(session: Session, actor: Actor, item_id: int) -> tuple[AgendaItem, Meeting, Call, Application]:
    """An item with all it hangs on, locked in order, for those who run the call and have nothing to do with the group.
    Raises Refusal: not_found, other_district, own_application."""
    application_id = session.scalar(select(AgendaItem.application_id).where(AgendaItem.id == item_id))
    if application_id is None:
        raise Refusal("not_found", 404)
    application, call = applications.locked(session, application_id)
    standing.check_staff(session, actor, application, call)
    item, meeting = locked_item(session, item_id)
    return item, meeting, call, application


def read_meeting(session: Session, actor: Actor, meeting_id: int) -> tuple[Meeting, Call, bool]:
    """A meeting, its call, and whether the actor runs it; its members read it too. Raises Refusal not_found."""
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        raise Refusal("not_found", 404)
    call = session.get_one(Call, meeting.call_id)
    if runs(actor, call):
        return meeting, call, True
    if actor.account_id is None or session.get(Seat, (meeting_id, actor.account_id)) is None:
        raise Refusal("not_found", 404)
    return meeting, call, False


def runs(actor: Actor, call: Call) -> bool:
    """Whether the actor is of the staff that runs the call."""
    return actor.has(Role.DISTRICT_STAFF, Role.CITY_STAFF) and policy.runs_call(actor, call.district)


def seats(session: Session, meeting_id: int) -> Sequence[Seat]:
    """The seats of a meeting, the chair's first."""
    return session.scalars(
        select(Seat).where(Seat.meeting_id == meeting_id).order_by(Seat.chair.desc(), Seat.name, Seat.account_id)
    ).all()


def seat_for(session: Session, actor: Actor, meeting: Meeting, account_id: int | None) -> Seat:
    """Whose seat is meant: one's own, or that of `account_id` by those who run the call. Raises Refusal: not_found for
    whoever has no seat, other_district."""
    if account_id is None:
        account_id = actor.account_id
    elif account_id != actor.account_id:
        policy.check_runs(actor, session.get_one(Call, meeting.call_id).district)
    seat = session.get(Seat, (meeting.id, account_id)) if account_id is not None else None
    if seat is None:
        raise Refusal("not_found", 404)
    return seat


def item_and_seat(
    session: Session, actor: Actor, item_id: int, account_id: int | None
) -> tuple[AgendaItem, Meeting, Seat]:
    """A locked item and whose seat acts on it: one's own, or that of `account_id` by those who run the call and have
    nothing to do with the group. Raises Refusal: not_found, other_district, own_application."""
    if account_id is None or account_id == actor.account_id:
        item, meeting = locked_item(session, item_id)
    else:
        item, meeting, _call, _application = item_for_staff(session, actor, item_id)
    return item, meeting, seat_for(session, actor, meeting, account_id)


def is_there(seat: Seat) -> bool:
    """Whether a member has come and not left."""
    return seat.arrived_at is not None and seat.left_at is None


def check_planned(meeting: Meeting) -> None:
    """Raises Refusal meeting_not_planned."""
    if meeting.state != "planned":
        raise Refusal("meeting_not_planned")


def check_open(meeting: Meeting) -> None:
    """Raises Refusal meeting_not_open."""
    if meeting.state != "open":
        raise Refusal("meeting_not_open")


def check_live(meeting: Meeting) -> None:
    """Raises Refusal meeting_over once a meeting is closed or called off."""
    if meeting.state not in ("planned", "open"):
        raise Refusal("meeting_over")


def check_undecided(item: AgendaItem, meeting: Meeting) -> None:
    """Raises Refusal: meeting_over, already_decided."""
    check_live(meeting)
    if item.state in ("decided", "deferred"):
        raise Refusal("already_decided")
