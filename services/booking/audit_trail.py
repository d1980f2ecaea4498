"""The trail of a space: who did what, when, on whose behalf, and who looked at personal data (invariant 14).

A space's rows are its own, its units' and those of whatever happened in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking.managing import day_of, own_space
from services.booking.models import (
    AUDIT,
    Closure,
    Equipment,
    Lottery,
    Person,
    Reservation,
    Series,
    Space,
    Unit,
    Waiting,
)
from services.booking.models.seasons import SeasonUnit
from shared.audit import record
from shared.audit_trail import Line, Owned, of_kind, page, subjects
from shared.database import Database
from shared.identity.actor import Actor

KINDS: Mapping[str, tuple[str, ...]] = {
    "viewed": ("%.viewed",),
    "reservation": ("reservation.%", "series.%", "no_show.%"),
    "closure": ("closure.%",),
    "rules": ("unit.%", "rules.%", "space.%", "special_day.%", "equipment.%", "holiday.%"),
    "others": ("lottery.%", "season.%", "waitlist.%", "group.%", "appeal.%"),
}
"""What one can look for -> patterns of the action."""
OWNED: Owned = {
    "reservation": (Reservation.id, Reservation.space_id),
    "series": (Series.id, Series.space_id),
    "unit": (Unit.id, Unit.space_id),
    "closure": (Closure.id, Closure.space_id),
    "equipment": (Equipment.id, Equipment.space_id),
    "waiting": (Waiting.id, Waiting.space_id),
    "lottery": (Lottery.id, Lottery.space_id),
    "season": (SeasonUnit.season_id, SeasonUnit.space_id),
}
"""Kind of a subject -> where it is told to which space it belongs."""


@dataclass(frozen=True)
class Filter:
    """What to look for: a kind of KINDS, who did it, local days (both included), one subject (`reservation:12`)."""

    kind: str | None = None
    account_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Trail:
    """A page of a space's trail, newest first; `older` is what `before` must be to see on."""

    space: Space
    lines: list[Line]
    older: int | None


def read(
    database: Database, actor: Actor, now: datetime, space_id: int, wanted: Filter, before: int | None = None
) -> Trail:
    """The newest rows, or those older than the row `before`. That somebody looked is itself recorded.

    Raises Refusal: space_not_found (404), not_allowed (403).
    """
    with database.write() as session:
        space = own_space(session, actor, space_id)
        query = select(AUDIT).where(AUDIT.c.subject.in_(subjects([f"space:{space_id}"], OWNED, space_id)))
        query = _filtered(query, wanted, ZoneInfo(space.zone))
        found = page(session, AUDIT, query, before)
        names = _names(session, found.accounts())
        record(session, AUDIT, actor, now, "audit.viewed", f"space:{space_id}", {"rows": len(found.rows)})
    return Trail(space, found.lines(names), found.older)


def _filtered(query: Any, wanted: Filter, zone: ZoneInfo) -> Any:
    if wanted.kind is not None:
        query = query.where(of_kind(AUDIT, KINDS[wanted.kind]))
    if wanted.account_id is not None:
        query = query.where((AUDIT.c.account_id == wanted.account_id) | (AUDIT.c.on_behalf_of == wanted.account_id))
    if wanted.subject:
        query = query.where(AUDIT.c.subject == wanted.subject)
    if wanted.first_day:
        query = query.where(AUDIT.c.at >= day_of(wanted.first_day, zone).start)
    if wanted.last_day:
        query = query.where(AUDIT.c.at < day_of(wanted.last_day, zone).end)
    return query


def _names(session: Session, account_ids: set[int]) -> dict[int, str]:
    known = select(Person.account_id, Person.name).where(Person.account_id.in_(account_ids))
    return {account_id: name for account_id, name in session.execute(known) if name}
