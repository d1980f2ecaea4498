"""Who somebody is to an application: of its group, of the staff that runs it, or interested in it (invariant 13)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.grants import policy
from services.grants.models import Application, Call, GroupMember, Interest
from shared.identity.actor import Actor
from shared.refusal import Refusal


def belongs(session: Session, account_id: int | None, application: Application) -> bool:
    """Whether the account is of the group that applied (or filed it, where no group is known)."""
    if account_id is None:
        return False
    if application.group_id is None:
        return application.account_id == account_id
    return in_group(session, account_id, application.group_id)


def concerned(session: Session, account_id: int | None, application: Application) -> bool:
    """Whether the account belongs to an application, or did at any time since it was begun: who leaves the group for a
    day decides on it no more than who stays."""
    if account_id is None:
        return False
    if application.group_id is None:
        return application.account_id == account_id
    return was_in_group(session, account_id, application.group_id, application.created_at)


def was_in_group(session: Session, account_id: int | None, group_id: int, since: datetime | None = None) -> bool:
    """Whether the account is in a group, or was at any time, `since` that moment where it is given."""
    wanted = [GroupMember.group_id == group_id, GroupMember.account_id == account_id]
    if since is not None:
        wanted.append(or_(GroupMember.left_at.is_(None), GroupMember.left_at >= since))
    return session.scalar(select(GroupMember.id).where(*wanted).limit(1)) is not None


def in_group(session: Session, account_id: int | None, group_id: int, *, leader: bool = False) -> bool:
    """Whether the account is in a group now, as its leader where that is asked."""
    wanted = [GroupMember.group_id == group_id, GroupMember.account_id == account_id, GroupMember.left_at.is_(None)]
    if leader:
        wanted.append(GroupMember.role == "leader")
    return session.scalar(select(GroupMember.id).where(*wanted).limit(1)) is not None


def accounts_of(session: Session, application: Application) -> list[int]:
    """The accounts that are told of an application: its group's, or who filed it."""
    if application.group_id is None:
        return [application.account_id]
    return list(
        session.scalars(
            select(GroupMember.account_id)
            .where(
                GroupMember.group_id == application.group_id,
                GroupMember.account_id.is_not(None),
                GroupMember.left_at.is_(None),
            )
            .order_by(GroupMember.id)
        )
    )


def accounts_of_all(session: Session, applications: Iterable[Application]) -> dict[int, list[int]]:
    """As `accounts_of` for many, by the application's number, in one query."""
    wanted = list(applications)
    members: dict[int, list[int]] = {}
    for group_id, account_id in session.execute(
        select(GroupMember.group_id, GroupMember.account_id)
        .where(
            GroupMember.group_id.in_({each.group_id for each in wanted if each.group_id is not None}),
            GroupMember.account_id.is_not(None),
            GroupMember.left_at.is_(None),
        )
        .order_by(GroupMember.id)
    ):
        members.setdefault(group_id, []).append(account_id or 0)
    return {each.id: [each.account_id] if each.group_id is None else members.get(each.group_id, []) for each in wanted}


def has_interest(session: Session, account_id: int | None, application_id: int) -> bool:
    """Whether a conflict of interest is on record."""
    wanted = (Interest.account_id == account_id, Interest.application_id == application_id)
    return session.scalar(select(Interest.id).where(*wanted).limit(1)) is not None


def check_applicant(session: Session, actor: Actor, application: Application) -> None:
    """Raises Refusal not_found (404) for whoever is not of the group: they need not know that it exists."""
    if not belongs(session, actor.account_id, application):
        raise Refusal("not_found", 404)


def check_staff(session: Session, actor: Actor, application: Application, call: Call) -> None:
    """Raises Refusal: not_found (404) for what was never filed, which is its group's alone; other_district (403) unless
    the actor runs the call; own_application (403) for one's own."""
    if application.number is None:
        raise Refusal("not_found", 404)
    policy.check_runs(actor, call.district)
    if concerned(session, actor.account_id, application) or has_interest(session, actor.account_id, application.id):
        raise Refusal("own_application", 403)


def near(session: Session, account_id: int | None, applications: Iterable[Application]) -> set[int]:
    """Those of the applications (their numbers) that concern the account or that it has an interest in: as
    `check_staff` asks of each, in two queries for all."""
    wanted = list(applications)
    interest = select(Interest.application_id).where(
        Interest.account_id == account_id, Interest.application_id.in_([each.id for each in wanted])
    )
    member = select(GroupMember.group_id, GroupMember.left_at).where(GroupMember.account_id == account_id)
    left: dict[int, list[datetime | None]] = {}
    for group_id, left_at in session.execute(member):
        left.setdefault(group_id, []).append(left_at)

    def of_group(application: Application, group_id: int) -> bool:
        since = application.created_at
        return any(at is None or since is None or at >= since for at in left.get(group_id, ()))

    own = {
        each.id
        for each in wanted
        if (each.account_id == account_id if each.group_id is None else of_group(each, each.group_id))
    }
    return own | set(session.scalars(interest))


def strangers(session: Session, accounts: Iterable[int], application: Application) -> list[int]:
    """Those of the accounts that have nothing to do with an application."""
    return [
        each
        for each in accounts
        if not concerned(session, each, application) and not has_interest(session, each, application.id)
    ]
