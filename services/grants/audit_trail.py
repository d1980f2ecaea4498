"""The trail of an application: who did what, when, on whose behalf, and who looked at personal data (invariant 14).

Audit rows name their subject as `kind:id`. An application's are its own, those of what hangs on it under its number (an
interim evaluation, a settlement), and those of rows that belong to it. Pages go by the row's number (rows are only ever
added), so that they stay where they are while new ones come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, String, cast, literal, or_, select, union_all
from sqlalchemy.orm import Session

from services.grants import programmes, standing
from services.grants.models import (
    AUDIT,
    AgendaItem,
    Application,
    Call,
    Expense,
    GroupMember,
    Objection,
    Review,
    Reviewer,
)
from services.grants.rules.definition import Definition
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

PER_PAGE = 50
KINDS: Mapping[str, tuple[str, ...]] = {
    "viewed": ("%.viewed",),
    "course": ("application.%", "objection.%", "stage.%"),
    "review": ("review.%", "item.%", "vote.%", "interest.%"),
    "money": ("agreement.%", "change.%", "tranche.%", "milestone.%", "interim.%", "ledger.%"),
    "settling": ("expense.%", "settlement.%", "return.%"),
    "files": ("file.%",),
}
"""What one can look for -> patterns of the action."""
NUMBERED_BY_APPLICATION = ("application", "interim", "milestone", "settlement", "agreement")
"""Kinds whose number is the application's own."""
OWNED: Mapping[str, tuple[Any, Any]] = {
    "agenda_item": (AgendaItem.id, AgendaItem.application_id),
    "expense": (Expense.id, Expense.application_id),
    "objection": (Objection.id, Objection.application_id),
    "review": (Review.id, Review.application_id),
}
"""Kind of a subject -> where it is told to which application it belongs."""


@dataclass(frozen=True)
class Line:
    """One row; `who` and `for_whom` are names where grants knows them."""

    id: int
    at: datetime
    account_id: int | None
    who: str | None
    on_behalf_of: int | None
    for_whom: str | None
    action: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Trail:
    """A page of an application's trail, newest first; `older` is what `before` must be to see on."""

    application: Application
    call: Call
    rules: Definition
    lines: list[Line]
    older: int | None


def read(
    database: Database,
    actor: Actor,
    now: datetime,
    application_id: int,
    *,
    kind: str | None = None,
    before: int | None = None,
) -> Trail:
    """The newest rows, or those older than the row `before`. That somebody looked is itself recorded.

    Raises Refusal: not_found (404), other_district, own_application (403).
    """
    with database.write() as session:
        application = session.get(Application, application_id)
        if application is None:
            raise Refusal("not_found", 404)
        call = session.get_one(Call, application.call_id)
        standing.check_staff(session, actor, application, call)
        query = select(AUDIT).where(AUDIT.c.subject.in_(_subjects(application_id)))
        if kind is not None:
            query = query.where(or_(*(AUDIT.c.action.like(pattern) for pattern in KINDS[kind])))
        if before is not None:
            query = query.where(AUDIT.c.id < before)
        rows = session.execute(query.order_by(AUDIT.c.id.desc()).limit(PER_PAGE + 1)).mappings().all()
        shown = rows[:PER_PAGE]
        people = {row[name] for row in shown for name in ("account_id", "on_behalf_of")}
        names = _names(session, application, people - {None, 0})
        record(session, AUDIT, actor, now, "audit.viewed", f"application:{application_id}", {"rows": len(shown)})
        rules = programmes.rules_of_application(session, application)
    lines = [
        Line(
            row["id"],
            row["at"],
            row["account_id"],
            names.get(row["account_id"]),
            row["on_behalf_of"],
            names.get(row["on_behalf_of"]),
            row["action"],
            row["subject"],
            row["details"],
        )
        for row in shown
    ]
    return Trail(application, call, rules, lines, lines[-1].id if len(rows) > PER_PAGE else None)


def _subjects(application_id: int) -> CompoundSelect:
    """The subjects that belong to an application, as a subquery."""
    owned = [
        select(literal(f"{kind}:") + cast(subject, String)).where(application == application_id)
        for kind, (subject, application) in OWNED.items()
    ]
    own = [select(literal(f"{kind}:{application_id}")) for kind in NUMBERED_BY_APPLICATION]
    return union_all(*own, *owned)


def _names(session: Session, application: Application, accounts: Iterable[int]) -> dict[int, str]:
    """Those of the group and the reviewers; who else acted is known by their account's number."""
    wanted = list(accounts)
    reviewers = select(Reviewer.account_id, Reviewer.name).where(Reviewer.account_id.in_(wanted))
    members = select(GroupMember.account_id, GroupMember.name).where(
        GroupMember.group_id == application.group_id, GroupMember.account_id.in_(wanted)
    )
    found = [*session.execute(reviewers), *session.execute(members)]
    return {account_id: name for account_id, name in found if account_id is not None and name}
