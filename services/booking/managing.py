"""Which spaces somebody runs, and what needs them there (invariant 13: one's own spaces, own district, or all)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import Session

from services.booking.askers import runs_space
from services.booking.models import LIVE, NoShow, Reservation, Space, Unit
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from shared.database import Database
from shared.identity.access import roles
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

KEEPERS = roles(Role.SPACE_KEEPER, Role.DISTRICT_STAFF, Role.CITY_STAFF)
"""Who has pages under /manage; which spaces they see there is `managed` to say."""
STAFF = roles(Role.DISTRICT_STAFF, Role.CITY_STAFF)
CITY = roles(Role.CITY_STAFF)
PER_PAGE = 20


@dataclass(frozen=True)
class Kept:
    """A space that somebody runs: how many visits it has today, and how many requests wait for an answer."""

    space: Space
    today: int
    waiting: int


@dataclass(frozen=True)
class Home:
    """What somebody runs, a page of it, and what waits there in all; `page` counts from 1."""

    spaces: list[Kept]
    page: int
    pages: int
    total: int
    waiting: int
    appeals: int


@dataclass(frozen=True)
class Overview:
    """A space with its units, today's visits and the requests that wait."""

    space: Space
    units: list[Unit]
    today: int
    waiting: int


def managed(actor: Actor) -> ColumnElement[bool]:
    """The condition on `space`: the actor runs it."""
    if actor.has(Role.CITY_STAFF):
        return true()
    own: list[ColumnElement[bool]] = []
    if Role.DISTRICT_STAFF in actor.roles and actor.district:
        own.append(Space.district == actor.district)
    if Role.SPACE_KEEPER in actor.roles and actor.spaces:
        own.append(Space.id.in_(actor.spaces))
    return or_(false(), *own)


def own_space(session: Session, actor: Actor, space_id: int) -> Space:
    """The space. Raises Refusal: space_not_found (404), not_allowed (403) when the actor does not run it."""
    space = session.get(Space, space_id)
    if space is None:
        raise Refusal("space_not_found", 404)
    if not runs_space(actor, space):
        raise Refusal("not_allowed", 403)
    return space


def units_of(session: Session, space_id: int) -> list[Unit]:
    """The active units of a space by name."""
    units = select(Unit).where(Unit.space_id == space_id, Unit.active).order_by(Unit.name, Unit.id)
    return list(session.scalars(units))


def home(database: Database, actor: Actor, now: datetime, text: str = "", page: int = 1) -> Home:
    """The spaces of the actor whose name or address has these words, with what needs them."""
    wanted = select(Space).where(managed(actor))
    for word in text.split():
        known = func.lower(Space.name + " " + Space.address)
        wanted = wanted.where(known.contains(word.lower(), autoescape=True))
    with database.read() as session:
        total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(1, page), pages)
        ordered = wanted.order_by(Space.district, Space.name, Space.id)
        spaces = list(session.scalars(ordered.limit(PER_PAGE).offset((page - 1) * PER_PAGE)))
        today, waiting = _today(session, spaces, now), _waiting(session, now, [space.id for space in spaces])
        return Home(
            [Kept(space, today.get(space.id, 0), waiting.get(space.id, 0)) for space in spaces],
            page,
            pages,
            total,
            waiting_of(session, actor, now),
            _appeals_of(session, actor),
        )


def overview(database: Database, actor: Actor, now: datetime, space_id: int) -> Overview:
    """One space. Raises Refusal: space_not_found (404), not_allowed (403)."""
    with database.read() as session:
        space = own_space(session, actor, space_id)
        today, waiting = _today(session, [space], now), _waiting(session, now, [space_id])
        return Overview(space, units_of(session, space_id), today.get(space_id, 0), waiting.get(space_id, 0))


def waiting_of(session: Session, actor: Actor, now: datetime) -> int:
    """How many requests wait for this actor's answer."""
    counted = requests(now, func.count()).join(Space, Space.id == Reservation.space_id)
    return session.scalar(counted.where(managed(actor))) or 0


def _appeals_of(session: Session, actor: Actor) -> int:
    waits = NoShow.appealed_at.is_not(None) & NoShow.decision.is_(None)
    counted = select(func.count()).select_from(NoShow).join(Space, Space.id == NoShow.space_id)
    return session.scalar(counted.where(waits, managed(actor))) or 0


def requests(now: datetime, *columns: object) -> Select:
    """The statement for requests that still can be answered."""
    return select(*columns).select_from(Reservation).where(Reservation.status == "requested", Reservation.end_at > now)  # type: ignore[call-overload]


def day_of(day: date, zone: ZoneInfo) -> Interval:
    """The whole local day."""
    return Interval(instant(day, "00:00", zone), instant(day, "24:00", zone))


def _today(session: Session, spaces: Iterable[Space], now: datetime) -> Mapping[int, int]:
    by_zone: dict[str, list[int]] = {}
    for space in spaces:
        by_zone.setdefault(space.zone, []).append(space.id)
    found: dict[int, int] = {}
    for name, ids in by_zone.items():  # one zone, as a rule
        zone = ZoneInfo(name)
        today = day_of(now.astimezone(zone).date(), zone)
        rows = session.execute(
            select(Reservation.space_id, func.count())
            .where(
                Reservation.space_id.in_(ids),
                Reservation.status.in_(LIVE),
                Reservation.start_at < today.end,
                Reservation.end_at > today.start,
            )
            .group_by(Reservation.space_id)
        )
        found.update((space_id, count) for space_id, count in rows)
    return found


def _waiting(session: Session, now: datetime, space_ids: list[int]) -> Mapping[int, int]:
    rows = requests(now, Reservation.space_id, func.count()).where(Reservation.space_id.in_(space_ids))
    return dict(session.execute(rows.group_by(Reservation.space_id)).all())
