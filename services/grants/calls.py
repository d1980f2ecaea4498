"""Calls (공고): writing a draft, changing it, publishing it, and reading them."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.grants import policy
from services.grants.models import AUDIT, Application, Call
from services.grants.policy import CallTerms
from services.grants.workflow import Phase
from shared.audit import record
from shared.bus.outbox import publish as publish_event
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

PAGE_SIZE = 24


class Counts(NamedTuple):
    """Of a call's applications: all but the withdrawn, those that wait for a decision, the selected and their won."""

    applications: int = 0
    waiting: int = 0
    selected: int = 0
    awarded_won: int = 0


def create(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    terms: CallTerms,
    key: str,
    unread: dict[str, list[str]] | None = None,
) -> Call:
    """Write a draft. The same `key` again gives the call that was made. Raises Refusal: other_district,
    invalid_input, key_missing."""
    policy.check_runs(actor, terms.district)
    check_key(key)
    policy.refuse_problems(policy.call_problems(terms), unread)
    with database.write() as session:
        made = session.scalar(select(Call).where(Call.created_by == actor.account_id, Call.idempotency_key == key))
        if made is not None:
            return made
        call = Call(**_columns(terms), created_by=actor.account_id, created_at=now, idempotency_key=key)
        session.add(call)
        session.flush()
        record(session, AUDIT, actor, now, "call.created", f"call:{call.id}", {"title": call.title})
        return call


def change(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    call_id: int,
    terms: CallTerms,
    unread: dict[str, list[str]] | None = None,
) -> Call:
    """Change a draft. Raises Refusal: not_found, other_district, call_published, invalid_input."""
    with database.write() as session:
        call = locked(session, call_id)
        policy.check_runs(actor, call.district)
        policy.check_runs(actor, terms.district)
        if call.published_at is not None:
            raise Refusal("call_published")
        policy.refuse_problems(policy.call_problems(terms), unread)
        for name, value in _columns(terms).items():
            setattr(call, name, value)
        record(session, AUDIT, actor, now, "call.changed", f"call:{call.id}", {"title": call.title})
        return call


def publish(database: Database, actor: Actor, now: datetime, *, call_id: int) -> Call:
    """Show a draft to everyone; publishing it again changes nothing. Raises Refusal: not_found, other_district,
    closes_in_past."""
    with database.write() as session:
        call = locked(session, call_id)
        policy.check_runs(actor, call.district)
        if call.published_at is not None:
            return call
        if call.closes_at <= now:
            raise Refusal("closes_in_past", fields={"closes_at": ["closes_in_past"]})
        call.published_at = now
        record(session, AUDIT, actor, now, "call.published", f"call:{call.id}")
        if call.district is not None:  # the event is of a district's call; the city's own stand in no district
            _announce(session, call)
        return call


def get(session: Session, actor: Actor, call_id: int) -> Call:
    """A call; a draft exists for those who run it only. Raises Refusal: not_found."""
    call = session.get(Call, call_id)
    if call is None or (call.published_at is None and not policy.runs_call(actor, call.district)):
        raise Refusal("not_found", 404)
    return call


def locked(session: Session, call_id: int) -> Call:
    """A call whose row this unit of work holds until it ends: the lock of all that counts within a call."""
    call = session.get(Call, call_id, with_for_update=True, populate_existing=True)
    if call is None:
        raise Refusal("not_found", 404)
    return call


def listed(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    district: str | None = None,
    phase: str | None = None,
    offset: int = 0,
    limit: int = PAGE_SIZE,
) -> tuple[Sequence[Call], int]:
    """The calls that the actor may see and their number: those that close next first, then the past ones."""
    wanted = [_visible(actor)]
    if district:
        wanted.append(Call.district == district)
    if phase:
        wanted.append(_in_phase(phase, now))
    total = session.scalar(select(func.count()).select_from(Call).where(*wanted)) or 0
    over = Call.closes_at <= now
    found = session.scalars(
        select(Call)
        .where(*wanted)
        .order_by(over, case((over, None), else_=Call.closes_at), Call.closes_at.desc(), Call.id)
        .offset(offset)
        .limit(limit)
    ).all()
    return found, total


def counts(session: Session, call_ids: Sequence[int]) -> dict[int, Counts]:
    """The application counts of these calls, in one query."""
    rows = session.execute(
        select(
            Application.call_id,
            func.count().filter(Application.state != "withdrawn"),
            func.count().filter(Application.state == "submitted"),
            func.count().filter(Application.state == "selected"),
            func.coalesce(func.sum(Application.awarded_won), 0),
        )
        .where(Application.call_id.in_(call_ids))
        .group_by(Application.call_id)
    )
    found = {call_id: Counts(*(int(number or 0) for number in numbers)) for call_id, *numbers in rows}
    return {call_id: found.get(call_id, Counts()) for call_id in call_ids}


def _announce(session: Session, call: Call) -> None:
    publish_event(
        session,
        "grants.call.published",
        aggregate=f"call:{call.id}",
        occurred_at=call.published_at,
        payload={
            "call_id": call.id,
            "district": call.district,
            "title": call.title,
            "programme": call.programme,
            "opens_at": call.opens_at,
            "closes_at": call.closes_at,
            "budget_won": call.budget_won,
        },
    )


def check_key(key: str) -> None:
    """Raises Refusal key_missing (400) unless the key has 1 to 64 visible ASCII characters."""
    if not re.fullmatch(r"[!-~]{1,64}", key):
        raise Refusal("key_missing", 400)


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.has(Role.CITY_STAFF):
        return Call.id.is_not(None)
    published = Call.published_at.is_not(None)
    if actor.has(Role.DISTRICT_STAFF) and actor.district:
        return or_(published, Call.district == actor.district)
    return published


def _in_phase(phase: str, now: datetime) -> ColumnElement[bool]:
    """The same rule as `workflow.call_phase`, for the database."""
    published = Call.published_at.is_not(None)
    match phase:
        case Phase.DRAFT:
            return Call.published_at.is_(None)
        case Phase.UPCOMING:
            return and_(published, Call.opens_at > now)
        case Phase.OPEN:
            return and_(published, Call.opens_at <= now, Call.closes_at > now)
        case _:
            return and_(published, Call.closes_at <= now)


def _columns(terms: CallTerms) -> dict[str, Any]:
    return {**asdict(terms), "title": terms.title.strip(), "strands": list(terms.strands)}
