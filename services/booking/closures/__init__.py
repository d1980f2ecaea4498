"""Closures before they are set: drafts, and the times that they close."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.booking.closures.words import DRAFTS
from services.booking.managing import own_space, units_of
from services.booking.models import AUDIT, Closure, ClosureChoice, Space, Unit
from services.booking.models.closures import REASON_LENGTH
from services.booking.rules import recurrence
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval, union
from services.booking.rules.recurrence import Recurrence
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

LONGEST = timedelta(days=400)
NOTHING: frozenset[str] = frozenset()


def draft(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    space_id: int,
    unit_ids: Collection[int],
    start: datetime,
    end: datetime,
    reason: str,
    rule: Recurrence | None = None,
) -> Closure:
    """Prepare a closure of units during [start, end), and again by the rule, whose first date is the start's.

    Nothing changes for anybody yet. Raises Refusal: space_not_found (404), not_allowed (403), and 422:
    closure_units_needed, end_before_start, in_the_past, closure_too_long, reason_needed, reason_too_long, recurrence_….
    """
    reason = reason.strip()
    with database.write() as session:
        space = own_space(session, actor, space_id)
        wrong = list(
            _problems(unit_ids, {unit.id for unit in units_of(session, space_id)}, start, end, now, reason, rule)
        )
        if wrong:
            fields: dict[str, list[str]] = {}
            for name, code in wrong:
                fields.setdefault(name, []).append(code)
            raise Refusal(wrong[0][1], 422, fields=fields)
        closure = Closure(
            space_id=space.id,
            unit_ids=sorted(unit_ids),
            reason=reason,
            start_at=start,
            end_at=end,
            rule=rule.as_json() if rule else None,
            texts={action: dict(words) for action, words in DRAFTS.items()},
            status="draft",
            version=1,
            made_by=actor.account_id,
            created_at=now,
        )
        session.add(closure)
        session.flush()
        record(session, AUDIT, actor, now, "closure.drafted", f"closure:{closure.id}", {"unit_ids": closure.unit_ids})
        return closure


def span(first: date, opens: str | None, last: date, closes: str | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Local days and clock times as instants; without clock times whole days."""
    return instant(first, opens or "00:00", zone), instant(last, closes or "24:00", zone)


def zone_of(database: Database, actor: Actor, space_id: int) -> ZoneInfo:
    """The zone of a space that the actor runs. Raises Refusal: space_not_found (404), not_allowed (403)."""
    with database.read() as session:
        return ZoneInfo(own_space(session, actor, space_id).zone)


def form_of(database: Database, actor: Actor, space_id: int) -> tuple[Space, list[Unit]]:
    """A space and what can be closed of it. Raises Refusal: space_not_found (404), not_allowed (403)."""
    with database.read() as session:
        return own_space(session, actor, space_id), units_of(session, space_id)


def read(database: Database, actor: Actor, closure_id: int) -> Closure:
    """One closure. Raises Refusal: closure_not_found (404), not_allowed (403)."""
    with database.read() as session:
        return own_closure(session, actor, closure_id)


def drop(database: Database, actor: Actor, now: datetime, closure_id: int) -> Closure:
    """Forget a draft. Raises Refusal: closure_not_found (404), not_allowed (403), closure_not_draft (409)."""
    with database.write() as session:
        closure = own_closure(session, actor, closure_id, lock=True)
        if closure.status != "draft":
            raise Refusal("closure_not_draft")
        session.execute(delete(ClosureChoice).where(ClosureChoice.closure_id == closure_id))
        session.delete(closure)
        record(session, AUDIT, actor, now, "closure.dropped", f"closure:{closure_id}", {"space_id": closure.space_id})
        return closure


def own_closure(session: Session, actor: Actor, closure_id: int, lock: bool = False) -> Closure:
    """The closure of a space that the actor runs. Raises Refusal: closure_not_found (404), not_allowed (403)."""
    wanted = select(Closure).where(Closure.id == closure_id)
    closure = session.scalar(wanted.with_for_update() if lock else wanted)
    if closure is None:
        raise Refusal("closure_not_found", 404)
    own_space(session, actor, closure.space_id)
    return closure


def of_space(database: Database, actor: Actor, space_id: int) -> tuple[Space, dict[int, str], list[Closure]]:
    """A space's closures, latest first, with the names of its units."""
    with database.read() as session:
        space = own_space(session, actor, space_id)
        named = select(Unit.id, Unit.name).where(Unit.space_id == space_id)
        names = dict(session.execute(named).all())
        closures = (
            select(Closure).where(Closure.space_id == space_id).order_by(Closure.start_at.desc(), Closure.id.desc())
        )
        return space, names, list(session.scalars(closures.limit(200)))


def times_of(closure: Closure, zone: ZoneInfo) -> tuple[Interval, ...]:
    """When a closure closes, each time; the wall time stays across a clock change."""
    first = Interval(closure.start_at, closure.end_at)
    if closure.rule is None:
        return (first,)
    start, end = closure.start_at.astimezone(zone), closure.end_at.astimezone(zone)
    nights = (end.date() - start.date()).days
    rule = Recurrence.from_json(closure.rule)
    found = recurrence.spans(rule, start.strftime("%H:%M"), end.strftime("%H:%M"), zone, nights)
    return tuple(union(span.during for span in found if span.during))


def _problems(
    unit_ids: Collection[int],
    known: Collection[int],
    start: datetime,
    end: datetime,
    now: datetime,
    reason: str,
    rule: Recurrence | None,
) -> Iterable[tuple[str, str]]:
    if not unit_ids or not set(unit_ids) <= set(known):
        yield "units", "closure_units_needed"
    if start >= end:
        yield "last_day", "end_before_start"
    elif end <= now:
        yield "last_day", "in_the_past"
    elif end - start > LONGEST:
        yield "last_day", "closure_too_long"
    if not reason:
        yield "reason", "reason_needed"
    if len(reason) > REASON_LENGTH:
        yield "reason", "reason_too_long"
    if rule:
        yield from (("until" if name == "count" else name, code) for name, code in recurrence.problems(rule))
