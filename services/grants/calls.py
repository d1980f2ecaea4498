"""Calls (공고): writing a draft, changing it, publishing it, and reading them."""

import re
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select, true
from sqlalchemy.orm import Session

from services.grants import policy, programmes
from services.grants.models import AUDIT, Application, BudgetLine, Call, Posting
from services.grants.once import once
from services.grants.policy import CallTerms
from shared.audit import record
from shared.bus.outbox import publish as publish_event
from shared.database import Database
from shared.districts import name_of
from shared.identity.actor import Actor
from shared.refusal import Refusal

FUNDED = ("selected", "running", "settling", "closed")
"""The phases of an application that was selected."""


def of_same_year(call: Call) -> tuple[ColumnElement[bool], ...]:
    """The calls that opened in the same year of the city's calendar as this one, itself among them."""
    year = policy.city_date(call.opens_at).year
    first, last = (datetime(each, 1, 1, tzinfo=policy.SEOUL) for each in (year, year + 1))
    return Call.opens_at >= first, Call.opens_at < last


class Counts(NamedTuple):
    """Of a call's applications: all but drafts and the withdrawn, those that wait, the selected and their won."""

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
    programmes.ensure(database, now)
    return once(lambda: _create(database, actor, now, terms, key, unread))


def _create(
    database: Database, actor: Actor, now: datetime, terms: CallTerms, key: str, unread: dict[str, list[str]] | None
) -> Call:
    with database.write() as session:
        made = session.scalar(select(Call).where(Call.created_by == actor.account_id, Call.idempotency_key == key))
        if made is not None:
            return made
        _check(session, terms, unread)
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
        _check(session, terms, unread)
        for name, value in _columns(terms).items():
            setattr(call, name, value)
        record(session, AUDIT, actor, now, "call.changed", f"call:{call.id}", {"title": call.title})
        return call


def publish(database: Database, actor: Actor, now: datetime, *, call_id: int) -> Call:
    """Show a draft to everyone, and pin the version of its programme's rules that it runs; publishing it again changes
    nothing. Raises Refusal: not_found, other_district, closes_in_past; invalid_input where it no longer fits the
    rules."""
    with database.write() as session:
        call = locked(session, call_id)
        policy.check_runs(actor, call.district)
        if call.published_at is not None:
            return call
        if call.closes_at <= now:
            raise Refusal("closes_in_past", fields={"closes_at": ["closes_in_past"]})
        version = programmes.for_call(session, call.programme, call.district)
        rules = programmes.rules_of(version)
        policy.refuse_problems(policy.call_problems(terms_of(call), rules), None, **policy.call_figures(rules))
        call.published_at, call.version_id = now, version.id
        if call.line_id is None:
            call.line_id = open_line(session, call, now)
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
    """A call whose row this unit of work holds until it ends: the lock of all that counts within a call. Rows that only
    refer to the call (a draft that is begun) don't wait for it."""
    call = session.get(Call, call_id, with_for_update={"key_share": True}, populate_existing=True)
    if call is None:
        raise Refusal("not_found", 404)
    return call


def counts(session: Session, call_ids: Sequence[int], *, inside: bool = False) -> dict[int, Counts]:
    """The application counts of these calls, in one query. A decision counts once it is announced; `inside`: as those
    who run the calls know it, embargo or not."""
    told = true() if inside else Application.announced_at.is_not(None)
    open_ones = Application.phase.in_(("intake", "review", "decision")) & Application.announced_at.is_(None)
    hidden = and_(Application.phase.in_((*FUNDED, "rejected")), not_(told))
    rows = session.execute(
        select(
            Application.call_id,
            func.count().filter(Application.phase.not_in(("draft", "withdrawn"))),
            func.count().filter(or_(open_ones, hidden)),
            func.count().filter(Application.phase.in_(FUNDED), told),
            func.coalesce(func.sum(case((and_(Application.phase.in_(FUNDED), told), Application.awarded_won))), 0),
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


def terms_of(call: Call) -> CallTerms:
    """What a call says."""
    values = {each.name: getattr(call, each.name) for each in fields(CallTerms)}
    return CallTerms(**(values | {"strands": tuple(call.strands)}))


def _check(session: Session, terms: CallTerms, unread: dict[str, list[str]] | None) -> None:
    """Raises Refusal invalid_input with all that is wrong at once, the programme included."""
    problem, rules = None, None
    try:
        rules = programmes.rules_of(programmes.for_call(session, terms.programme, terms.district))
    except Refusal as refusal:
        problem = refusal
    found = dict(problem.fields if problem else {}) | (unread or {})
    policy.refuse_problems(policy.call_problems(terms, rules), found, **policy.call_figures(rules))


def open_line(session: Session, call: Call, now: datetime) -> int:
    """A budget line of the call's own, with its budget appropriated: what awards are committed on."""
    year = policy.city_date(call.opens_at).year
    division = name_of(call.district, "ko") if call.district else "서울특별시"
    line = BudgetLine(
        year=year,
        position=1_000_000 + call.id,
        division=division,
        programme=f"{call.title[:100]} #{call.id}",
        district=call.district,
        call_id=call.id,
    )
    session.add(line)
    session.flush()
    session.add(
        Posting(
            line_id=line.id,
            kind="appropriation",
            amount_won=call.budget_won,
            posted_on=policy.city_date(now),
            memo=call.title,
            idempotency_key=f"call:{call.id}",
            posted_at=now,
            posted_by=call.created_by,
        )
    )
    return line.id


def check_key(key: str) -> None:
    """Raises Refusal key_missing (400) unless the key has 1 to 64 visible ASCII characters."""
    if not re.fullmatch(r"[!-~]{1,64}", key):
        raise Refusal("key_missing", 400)


def _columns(terms: CallTerms) -> dict[str, Any]:
    return {**asdict(terms), "title": terms.title.strip(), "strands": list(terms.strands)}
