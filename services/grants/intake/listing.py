"""A call's applications as the staff looks through them: as many queries for five thousand as for five."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from services.grants import calls, policy, programmes
from services.grants.models import SHORT, Application, Call
from services.grants.reviewing import standings
from services.grants.rules.definition import Definition, Stage
from services.grants.selection import budget, kept_back
from services.grants.selection.kept_back import Kept
from shared.identity.actor import Actor

PAGE_SIZE = 50
SORTS = ("number", "score", "amount", "title")
DONGS = 200
AT_ONCE = 500


@dataclass(frozen=True)
class Query:
    """Which applications, in which order. Empty is all; `text` is looked for in title, group, number and names."""

    state: str = ""
    phase: str = ""
    strand: str = ""
    dong: str = ""
    text: str = ""
    sort: str = "number"
    descending: bool = False


@dataclass(frozen=True)
class Row:
    """An application with its average in the stage (tenths of a point), once all of its reviews are in."""

    application: Application
    submitted: int
    waiting: int
    average_tenths: int | None


@dataclass(frozen=True)
class Listed:
    """A page of the list. `counts`: state -> how many of the call; `total`: how many the filters leave, asking for
    `requested_won` together; `remaining_won`: what the call's budget still holds."""

    call: Call
    rules: Definition
    stage: Stage | None
    rows: Sequence[Row]
    total: int
    requested_won: int
    remaining_won: int
    counts: dict[str, int]
    dongs: Sequence[str] = field(default=())


def listed(
    session: Session, actor: Actor, *, call_id: int, query: Query, offset: int = 0, limit: int = PAGE_SIZE
) -> Listed:
    """A page of what was filed; drafts are their groups' own, and what concerns the actor is undecided until it is
    announced (`kept_back`). Raises Refusal: not_found, other_district."""
    call = calls.get(session, actor, call_id)
    policy.check_runs(actor, call.district)
    rules = programmes.rules_of_call(session, call)
    stage = standings.last_stage(session, call_id, rules)
    filed = _filed(call_id)
    states = session.execute(select(Application.state, func.count()).where(*filed).group_by(Application.state)).all()
    counts = {state: int(number) for state, number in states}
    kept = kept_back.of_call(session, actor, call)
    for each in kept.values():
        counts[each.state] -= 1
        counts[each.shown.key] = counts.get(each.shown.key, 0) + 1
    dongs = session.scalars(
        select(Application.dong)
        .where(*filed, Application.dong != "")
        .distinct()
        .order_by(Application.dong)
        .limit(DONGS)
    ).all()
    wanted = [*filed, *_wanted(query, kept)]
    total, requested = session.execute(
        select(func.count(), func.coalesce(func.sum(Application.requested_won), 0)).where(*wanted)
    ).one()
    rows = _rows(session, call_id, stage, wanted, query, offset, limit, kept)
    remaining = budget.remaining_won(session, call)
    counts = {state: number for state, number in counts.items() if number}
    return Listed(call, rules, stage, rows, int(total), int(requested), remaining, counts, dongs)


def all_rows(session: Session, actor: Actor, call: Call, rules: Definition, query: Query) -> Iterator[Row]:
    """All rows of the filters as `listed` shows them to the actor, fetched AT_ONCE at a time, for an export."""
    call_id, kept = call.id, kept_back.of_call(session, actor, call)
    stage = standings.last_stage(session, call_id, rules)
    wanted = [*_filed(call_id), *_wanted(query, kept)]
    offset = 0
    while True:
        rows = _rows(session, call_id, stage, wanted, query, offset, AT_ONCE, kept)
        yield from rows
        if len(rows) < AT_ONCE:
            return
        session.expunge_all()
        offset += AT_ONCE


def ids(session: Session, call_id: int, state: str, limit: int = AT_ONCE) -> list[int]:
    """The numbers of a call's applications in a state."""
    return list(
        session.scalars(
            select(Application.id)
            .where(*_filed(call_id), Application.state == state)
            .order_by(Application.number, Application.id)
            .limit(limit)
        )
    )


def file_name(call: Call, day: date, ending: str) -> str:
    return f"maru-applications-{call.id}-{day.isoformat()}.{ending}"


def _filed(call_id: int) -> list[ColumnElement[bool]]:
    return [Application.call_id == call_id, Application.number.is_not(None)]


def _wanted(query: Query, kept: Mapping[int, Kept]) -> Iterator[ColumnElement[bool]]:
    if query.state:
        fit = [number for number, each in kept.items() if each.shown.key == query.state]
        yield or_(and_(Application.state == query.state, Application.id.not_in(kept)), Application.id.in_(fit))
    if query.phase:
        fit = [number for number, each in kept.items() if each.shown.phase == query.phase]
        yield or_(and_(Application.phase == query.phase, Application.id.not_in(kept)), Application.id.in_(fit))
    if query.strand:
        yield Application.strand == query.strand
    if query.dong:
        yield Application.dong == query.dong
    if query.text.strip():
        text = query.text.strip()
        yield or_(
            *(
                column.icontains(text, autoescape=True)
                for column in (
                    Application.title,
                    Application.group_name,
                    Application.receipt,
                    Application.representative,
                )
            )
        )


def _rows(
    session: Session,
    call_id: int,
    stage: Stage | None,
    wanted: Sequence[ColumnElement[bool]],
    query: Query,
    offset: int,
    limit: int,
    kept: Mapping[int, Kept],
) -> list[Row]:
    if stage is None:
        found = session.scalars(
            select(Application)
            .where(*wanted)
            .order_by(*_order(query, None))
            .offset(offset)
            .limit(limit)
            .options(*SHORT)
        )
        return [Row(_shown(session, one, kept), 0, 0, None) for one in found.all()]
    columns = standings.averages(stage)
    average = columns.tenths.label("average_tenths")
    rows = session.execute(
        select(Application, columns.submitted, columns.waiting, average)
        .where(*wanted)
        .order_by(*_order(query, average))
        .offset(offset)
        .limit(limit)
        .options(*SHORT)
    )
    return [
        Row(_shown(session, one, kept), int(submitted or 0), int(waiting or 0), tenths)
        for one, submitted, waiting, tenths in rows.all()
    ]


def _shown(session: Session, one: Application, kept: Mapping[int, Kept]) -> Application:
    """The application as the reader may see it: what is kept back is taken out of a copy that is never written."""
    if one.id in kept:
        shown = kept[one.id].shown
        session.expunge(one)
        hidden = dict.fromkeys(("awarded_won", "reserve_rank", "decided_at", "decided_by"))
        for name, value in {**hidden, "state": shown.key, "phase": shown.phase, "reason": "", "conditions": ""}.items():
            set_committed_value(one, name, value)
    return one


def _order(query: Query, average: Any) -> list[Any]:
    by: Any = {"amount": Application.requested_won, "title": Application.title}.get(query.sort, Application.number)
    if query.sort == "score" and average is not None:
        by = average
    ordered = by.desc() if query.descending else by.asc()
    return [ordered.nulls_last(), Application.number, Application.id]
