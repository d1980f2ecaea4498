"""The trail of an application: who did what, when, on whose behalf, and who looked at personal data (invariant 14).

An application's rows are its own, those of what hangs on it under its number (an interim evaluation, a settlement), and
those of rows that belong to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
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
from shared.audit_trail import Line, Owned, of_kind, page, subjects
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

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
OWNED: Owned = {
    "agenda_item": (AgendaItem.id, AgendaItem.application_id),
    "expense": (Expense.id, Expense.application_id),
    "objection": (Objection.id, Objection.application_id),
    "review": (Review.id, Review.application_id),
}
"""Kind of a subject -> where it is told to which application it belongs."""


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
        own = [f"{each}:{application_id}" for each in NUMBERED_BY_APPLICATION]
        query = select(AUDIT).where(AUDIT.c.subject.in_(subjects(own, OWNED, application_id)))
        if kind is not None:
            query = query.where(of_kind(AUDIT, KINDS[kind]))
        found = page(session, AUDIT, query, before)
        names = _names(session, application, found.accounts() - {0})
        record(session, AUDIT, actor, now, "audit.viewed", f"application:{application_id}", {"rows": len(found.rows)})
        rules = programmes.rules_of_application(session, application)
    return Trail(application, call, rules, found.lines(names), found.older)


def _names(session: Session, application: Application, accounts: Iterable[int]) -> dict[int, str]:
    """Those of the group and the reviewers; who else acted is known by their account's number."""
    wanted = list(accounts)
    reviewers = select(Reviewer.account_id, Reviewer.name).where(Reviewer.account_id.in_(wanted))
    members = select(GroupMember.account_id, GroupMember.name).where(
        GroupMember.group_id == application.group_id, GroupMember.account_id.in_(wanted)
    )
    found = [*session.execute(reviewers), *session.execute(members)]
    return {account_id: name for account_id, name in found if account_id is not None and name}
