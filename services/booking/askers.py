"""Who asks, as the rules need to know it; read, and where quotas count locked, in the reservation's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.booking import standing
from services.booking.models import LIVE, Group, Membership, Person, Reservation, Space, Trust, Unit
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Asker, Quota, period_of
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

COUNTED = (*LIVE, "no_show")
"""The states of a reservation that a quota counts."""


class Unread(Enum):
    """Nobody has looked yet."""

    UNREAD = 0


UNREAD = Unread.UNREAD


def runs_space(actor: Actor, space: Space) -> bool:
    """Whether the actor runs the space: its keeper, its district's staff, city staff (invariant 13)."""
    keeps = Role.SPACE_KEEPER in actor.roles and space.id in actor.spaces
    return keeps or actor.runs_district(space.district)


def asker(
    session: Session,
    actor: Actor,
    unit: Unit,
    during: Interval,
    group_id: int | None = None,
    but: Iterable[int] = (),
    lock: bool = True,
    lives_in: str | Unread | None = UNREAD,
) -> Asker:
    """Who asks for this unit and time. With quotas the person's row, then the group's, is locked (invariant 3);
    reservations of the ids in `but` don't count; `lives_in` where the person's district was read already. Raises
    Refusal group_not_yours (422)."""
    quotas = unit.policy.quotas
    if isinstance(lives_in, Unread) or quotas:
        person = _person(session, actor.account_id or 0, lock=lock and bool(quotas))
        lives_in = person.district if person else None
    group, trusted = _group(session, actor, unit, group_id, lock=lock and bool(quotas))
    return Asker(
        district=lives_in,
        group_id=group.id if group else None,
        group_kind=group.kind if group and group.kind_confirmed_at else None,
        trusted=trusted,
        keeper=runs_space(actor, unit.space),
        blocked_until=standing.blocked_until(session, actor.account_id or 0, unit),
        used={quota: _used(session, actor, unit, during, quota, group_id, tuple(but)) for quota in quotas},
    )


def _person(session: Session, account_id: int, lock: bool) -> Person | None:
    if lock:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        there = dialect.insert(Person).values(account_id=account_id).on_conflict_do_nothing()
        session.execute(there)
    query = select(Person).where(Person.account_id == account_id)
    return session.scalar(query.with_for_update() if lock else query)


def _group(session: Session, actor: Actor, unit: Unit, group_id: int | None, lock: bool) -> tuple[Group | None, bool]:
    if group_id is None:
        return None, False
    query = (
        select(Group)
        .join(Membership, Membership.group_id == Group.id)
        .where(Group.id == group_id, Membership.account_id == actor.account_id)
    )
    group = session.scalar(query.with_for_update(of=Group) if lock else query)
    if group is None:
        raise Refusal("group_not_yours", 422, fields={"group_id": ["group_not_yours"]})
    return group, session.get(Trust, (unit.space_id, group_id)) is not None


def _used(
    session: Session,
    actor: Actor,
    unit: Unit,
    during: Interval,
    quota: Quota,
    group_id: int | None,
    but: tuple[int, ...],
) -> int:
    first, after = period_of(quota, during, unit.zone)
    whose = Reservation.account_id == actor.account_id if quota.per == "person" else Reservation.group_id == group_id
    counted = select(func.count()).where(
        whose,
        Reservation.space_id == unit.space_id,
        Reservation.kind == "visit",
        Reservation.status.in_(COUNTED),
        Reservation.start_at >= instant(first, "00:00", unit.zone),
        Reservation.start_at < instant(after, "00:00", unit.zone),
        Reservation.id.not_in(but),
    )
    return session.scalar(counted) or 0
