"""How groups stand: staff confirm their kind, spaces trust them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from services.booking.groups import by_code, refuse_wrong
from services.booking.managing import own_space
from services.booking.models import AUDIT, Group, Reservation, Space, Trust
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

PER_PAGE = 50


@dataclass(frozen=True)
class Found:
    """One page of groups; `page` counts from 1."""

    groups: list[Group]
    page: int
    pages: int
    total: int


@dataclass(frozen=True)
class Trusted:
    """The groups that a space trusts, and others that have reserved there."""

    space: Space
    groups: list[Group]
    others: list[Group]


def find(database: Database, actor: Actor, text: str = "", page: int = 1, waiting: bool = False) -> Found:
    """The groups that staff may confirm: of their district (and of none), for city staff all. Raises not_allowed."""
    if not _staff(actor):
        raise Refusal("not_allowed", 403)
    query = select(Group)
    if not actor.has(Role.CITY_STAFF):
        query = query.where((Group.district == actor.district) | Group.district.is_(None))
    if waiting:
        query = query.where(Group.kind_confirmed_at.is_(None), Group.kind != "residents")
    for word in text.split():
        query = query.where(func.lower(Group.name).contains(word.lower(), autoescape=True))
    with database.read() as session:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(1, page), pages)
        ordered = query.order_by(Group.name, Group.id).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
        return Found(list(session.scalars(ordered)), page, pages, total)


def confirm_kind(database: Database, actor: Actor, now: datetime, group_id: int, kind: str) -> Group:
    """Staff say what kind of group it is; tariffs and trust go by it. Raises Refusal: group_not_found, not_allowed,
    choice_invalid (422)."""
    refuse_wrong("-", kind, None)
    with database.write() as session:
        group = session.get(Group, group_id, with_for_update=True)
        if group is None:
            raise Refusal("group_not_found", 404)
        own = group.district is None or actor.runs_district(group.district)
        if not _staff(actor) or not own:
            raise Refusal("not_allowed", 403)
        before = {"kind": group.kind, "confirmed": group.kind_confirmed_at is not None}
        group.kind, group.kind_confirmed_at = kind, now
        details = {"before": before, "after": {"kind": kind, "confirmed": True}}
        record(session, AUDIT, actor, now, "group.kind_confirmed", f"group:{group_id}", details)
        return group


def trusted(database: Database, actor: Actor, space_id: int) -> Trusted:
    """The groups that a space trusts, for who runs it. Raises Refusal: space_not_found (404), not_allowed (403)."""
    with database.read() as session:
        space = own_space(session, actor, space_id)
        query = select(Group).join(Trust, Trust.group_id == Group.id).where(Trust.space_id == space_id)
        groups = list(session.scalars(query.order_by(Group.name, Group.id)))
        others = select(Group).where(Group.id.in_(_here(space_id)), Group.id.not_in([group.id for group in groups]))
        return Trusted(space, groups, list(session.scalars(others.order_by(Group.name, Group.id).limit(PER_PAGE))))


def trust(
    database: Database, actor: Actor, now: datetime, space_id: int, group_id: int | None = None, code: str = ""
) -> Group:
    """Let a group reserve without approval: one that has reserved here, or one that gave its invitation code.

    Raises Refusal: as `trusted`, group_not_found, invitation_unknown (404).
    """
    with database.write() as session:
        own_space(session, actor, space_id)
        group = by_code(session, code, lock=True) if group_id is None else session.get(Group, group_id)
        if group is None or (group_id is not None and group.id not in _seen_here(session, space_id, group.id)):
            raise Refusal("group_not_found", 404)
        if session.get(Trust, (space_id, group.id)) is None:
            session.add(Trust(space_id=space_id, group_id=group.id))
            record(session, AUDIT, actor, now, "group.trusted", f"space:{space_id}", {"group_id": group.id})
        return group


def distrust(database: Database, actor: Actor, now: datetime, space_id: int, group_id: int) -> None:
    """Ask a group for approval again. Raises Refusal as `trusted`."""
    with database.write() as session:
        own_space(session, actor, space_id)
        gone = session.execute(delete(Trust).where(Trust.space_id == space_id, Trust.group_id == group_id))
        if gone.rowcount:  # type: ignore[attr-defined]
            record(session, AUDIT, actor, now, "group.distrusted", f"space:{space_id}", {"group_id": group_id})


def _staff(actor: Actor) -> bool:
    return actor.has(Role.DISTRICT_STAFF, Role.CITY_STAFF)


def _here(space_id: int) -> Select[Any]:
    return select(Reservation.group_id).where(Reservation.space_id == space_id, Reservation.group_id.is_not(None))


def _seen_here(session: Session, space_id: int, group_id: int) -> set[int | None]:
    return set(session.scalars(_here(space_id).where(Reservation.group_id == group_id).limit(1)))
