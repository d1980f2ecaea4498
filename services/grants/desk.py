"""What waits for those who run calls: counted in a bounded number of queries, whatever the number of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session, defer, joinedload

from services.grants.models import (
    Application,
    Call,
    ChangeRequest,
    Expense,
    Meeting,
    Milestone,
    Objection,
    ReturnOrder,
    Settlement,
    Tranche,
)
from services.grants.policy import city_date
from services.grants.rules.tranches import MOVING
from shared.identity.actor import Actor, Role

SOON = timedelta(days=14)
CALLS = 40
PAGE_SIZE = 50
WAITING: Mapping[str, tuple[Any, ColumnElement[bool]]] = {
    "intake": (lazy_gettext("접수·자격 확인"), Application.phase == "intake"),
    "decision": (lazy_gettext("심의 대기"), (Application.phase == "decision") & Application.announced_at.is_(None)),
    "selected": (lazy_gettext("협약 대기"), (Application.phase == "selected") & Application.announced_at.is_not(None)),
}
"""Applications that wait for the staff: the word and the condition, the same for the count and for the list."""


@dataclass(frozen=True)
class Need:
    """Something that waits, how often, and where it is done (a path of grants)."""

    label: Any
    count: int
    path: str


@dataclass(frozen=True)
class Standing:
    """A call and how many of its applications are in each phase."""

    call: Call
    phases: Mapping[str, int] = field(default_factory=dict)

    def count(self, *phases: str) -> int:
        return sum(self.phases.get(phase, 0) for phase in phases)


def needs(session: Session, actor: Actor, now: datetime) -> list[Need]:
    """What waits for this actor, in the order of the course."""
    mine = run_by(actor)
    today = city_date(now)
    return [
        _waiting(session, mine, "intake"),
        _waiting(session, mine, "decision"),
        Need(
            lazy_gettext("다가오는 회의"),
            _number(
                session,
                select(func.count())
                .select_from(Meeting)
                .join(Call, Call.id == Meeting.call_id)
                .where(mine, coming(now)),
            ),
            "/meetings?which=coming",
        ),
        Need(
            lazy_gettext("이의신청"),
            _of(session, mine, Objection, Objection.state == "open"),
            "/manage/objections?state=open",
        ),
        _waiting(session, mine, "selected"),
        Need(
            lazy_gettext("변경 신청"),
            _of(session, mine, ChangeRequest, ChangeRequest.state == "open"),
            "/manage/changes",
        ),
        Need(
            lazy_gettext("교부 처리"),
            _of(session, mine, Tranche, Tranche.state.in_(MOVING)),
            "/manage/payments?state=moving",
        ),
        Need(
            lazy_gettext("증빙 확인"),
            _of(session, mine, Milestone, Milestone.waiting.is_(True), Application.phase.in_(("selected", "running"))),
            "/manage/payments#unconfirmed",
        ),
        Need(lazy_gettext("지출 확인"), _of(session, mine, Expense, Expense.state == "filed"), "/manage/expenses"),
        Need(
            lazy_gettext("정산 검토"),
            _of(session, mine, Settlement, Settlement.state == "filed"),
            "/manage/settlements",
        ),
        Need(
            lazy_gettext("기한 지난 반납"),
            _of(session, mine, ReturnOrder, ReturnOrder.state == "due", ReturnOrder.due_on < today),
            "/manage/returns?which=overdue",
        ),
    ]


def applications(
    session: Session, actor: Actor, which: str, *, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[Sequence[Application], int]:
    """The applications that wait (a key of WAITING) in the actor's calls, the longest waiting first, with their calls
    and versions, and how many there are: two queries."""
    mine, (_label, condition) = run_by(actor), WAITING[which]
    found = session.scalars(
        select(Application)
        .join(Call, Call.id == Application.call_id)
        .where(mine, condition)
        .options(
            joinedload(Application.call).defer(Call.body),
            joinedload(Application.version),
            defer(Application.typed),
            defer(Application.answers),
            defer(Application.plan),
        )
        .order_by(Application.state_since, Application.id)
        .offset(offset)
        .limit(limit)
    ).all()
    return found, _count(session, mine, condition)


def calls(session: Session, actor: Actor) -> list[Standing]:
    """The actor's newest calls with their applications by phase: two queries."""
    found = session.scalars(
        select(Call).where(run_by(actor)).order_by(Call.closes_at.desc(), Call.id).limit(CALLS)
    ).all()
    phases: dict[int, dict[str, int]] = {}
    for call_id, phase, number in session.execute(
        select(Application.call_id, Application.phase, func.count())
        .where(Application.call_id.in_([call.id for call in found]))
        .group_by(Application.call_id, Application.phase)
    ):
        phases.setdefault(call_id, {})[phase] = int(number)
    return [Standing(call, phases.get(call.id, {})) for call in found]


def run_by(actor: Actor) -> ColumnElement[bool]:
    """The calls that the actor runs (invariant 13), for a query that has Call in it; see `policy.runs_call`."""
    return true() if actor.has(Role.CITY_STAFF) else Call.district == (actor.district or "")


def coming(now: datetime) -> ColumnElement[bool]:
    """The meetings of the next days, and those that are not closed yet."""
    return Meeting.state.in_(("planned", "open")) & (Meeting.held_at < now + SOON)


def _waiting(session: Session, mine: ColumnElement[bool], which: str) -> Need:
    label, condition = WAITING[which]
    return Need(label, _count(session, mine, condition), f"/manage/applications?which={which}")


def _count(session: Session, mine: ColumnElement[bool], *where: ColumnElement[bool]) -> int:
    return _number(
        session,
        select(func.count()).select_from(Application).join(Call, Call.id == Application.call_id).where(mine, *where),
    )


def _of(session: Session, mine: ColumnElement[bool], model: Any, *where: ColumnElement[bool]) -> int:
    """Rows that belong to an application of a call that the actor runs."""
    return _number(
        session,
        select(func.count())
        .select_from(model)
        .join(Application, Application.id == model.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(mine, *where),
    )


def _number(session: Session, query: Select[Any]) -> int:
    return int(session.scalar(query) or 0)
