"""Who owes a return past its day. Like an exclusion (`sanctions`), it follows the people into a new group."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.grants.models import Application, GroupMember, ReturnOrder


def overdue(session: Session, group_id: int, person_keys: Collection[str], today: date) -> Sequence[date]:
    """The days by which returns were due that this group owes, or that a group owes in which somebody with one of these
    keys was since it applied. One query."""
    owes = [Application.group_id == group_id]
    named = set(person_keys) - {""}
    if named:
        since = func.coalesce(Application.submitted_at, Application.created_at)
        people = select(GroupMember.id).where(
            GroupMember.group_id == Application.group_id,
            GroupMember.person_key.in_(named),
            or_(GroupMember.left_at.is_(None), GroupMember.left_at >= since),
        )
        owes.append(people.exists())
    return session.scalars(
        select(ReturnOrder.due_on)
        .join(Application, Application.id == ReturnOrder.application_id)
        .where(ReturnOrder.state == "due", ReturnOrder.due_on < today, or_(*owes))
    ).all()
