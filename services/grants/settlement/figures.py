"""Where the money of a project stands at a moment, and the report that is filed of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from services.grants import award, desk, files, programmes
from services.grants.expenses import facts, reading
from services.grants.funded import opened as opened_funded
from services.grants.funded import viewed
from services.grants.models import (
    Agreement,
    Application,
    Attachment,
    Call,
    Expense,
    ReturnOrder,
    Settlement,
    Tranche,
)
from services.grants.rules.definition import Definition
from services.grants.rules.settlement import Line, Sums, by_category, sums
from shared.database import Database
from shared.identity.actor import Actor

KIND, FIELD = "settlement", "interest"
"""Of the attached statements of accrued interest; numbered by the application."""


@dataclass(frozen=True)
class Account:
    """The whole of it. `due_on`: by when the report has to be filed; `paid_days`: tranche -> the day it was paid."""

    application: Application
    call: Call
    rules: Definition
    agreement: Agreement | None
    tranches: Sequence[Tranche]
    expenses: Sequence[Expense]
    receipts: Mapping[int, Sequence[Attachment]]
    settlement: Settlement | None
    statements: Sequence[Attachment]
    orders: Sequence[ReturnOrder]
    sums: Sums
    lines: Sequence[Line]
    due_on: date | None
    paid_days: Mapping[int, date]

    @property
    def unproved(self) -> list[Expense]:
        """Expenses that count and have no receipt."""
        return [
            each for each in self.expenses if each.state in ("filed", "accepted") and not self.receipts.get(each.id)
        ]

    @property
    def waiting(self) -> list[Expense]:
        return [each for each in self.expenses if each.state == "filed"]


def account(session: Session, application: Application, call: Call) -> Account:
    """The account of an application: a bounded number of queries."""
    rules = programmes.rules_of_application(session, application)
    agreement, agreed = facts.agreed_of(session, application.id)
    tranches = session.scalars(
        select(Tranche).where(Tranche.application_id == application.id).order_by(Tranche.number)
    ).all()
    expenses = reading.of_application(session, application.id)
    settlement = session.scalar(select(Settlement).where(Settlement.application_id == application.id))
    orders = session.scalars(
        select(ReturnOrder).where(ReturnOrder.application_id == application.id).order_by(ReturnOrder.id)
    ).all()
    lines = [(category, won) for (category, _), won in agreed.lines.items()] if agreed else []
    return Account(
        application=application,
        call=call,
        rules=rules,
        agreement=agreement,
        tranches=tranches,
        expenses=expenses,
        receipts=reading.receipts(session, expenses),
        settlement=settlement,
        statements=files.of_subject(session, KIND, application.id),
        orders=orders,
        sums=sums(
            agreed_won=agreement.amount_won if agreement else 0,
            paid_won=sum(each.amount_won for each in tranches if each.state == "paid"),
            interest_won=settlement.interest_won if settlement else 0,
            expenses=expenses,
        ),
        lines=by_category(lines, expenses),
        due_on=agreement.ends_on + timedelta(days=rules.settlement.report_days) if agreement else None,
        paid_days=award.paid_days(session, tranches),
    )


def view(database: Database, actor: Actor, now: datetime, *, application_id: int) -> tuple[Account, bool]:
    """The account for its group (True) and for those who run the call, whose looking is recorded. Raises Refusal:
    not_found, other_district."""
    with database.read() as session:
        funded = opened_funded(session, actor, application_id)
        found = account(session, funded.application, funded.call)
    viewed(database, actor, now, funded, "settlement")
    return found, funded.own


def accounts_waiting(
    session: Session, actor: Actor, *, state: str = "filed", offset: int = 0, limit: int = 50
) -> tuple[Sequence[Row[Settlement, Application, Call]], int]:
    """The settlements of the calls that the actor runs that are in a state, the first filed first: two queries."""
    wanted = (
        select(Settlement, Application, Call)
        .join(Application, Application.id == Settlement.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(Settlement.state == state, desk.run_by(actor))
    )
    total = session.scalar(wanted.with_only_columns(func.count()))
    rows = session.execute(wanted.order_by(Settlement.filed_at, Settlement.id).offset(offset).limit(limit)).all()
    return rows, int(total or 0)


def snapshot(account: Account, outcome: str, interest_won: int, now: datetime) -> dict[str, Any]:
    """The report as it is kept: what it says does not change when something else does."""
    application, agreement, total = account.application, account.agreement, account.sums
    return {
        "made_at": now.isoformat(),
        "receipt": application.receipt,
        "title": application.title,
        "group": application.group_name,
        "agreement": {"version": agreement.version, "hash": agreement.body_hash} if agreement else None,
        "outcome": outcome,
        "sums": {
            "agreed_won": total.agreed_won,
            "paid_won": total.paid_won,
            "spent_won": total.spent_won,
            "accepted_won": total.accepted_won,
            "waiting_won": total.waiting_won,
            "refused_won": total.refused_won,
            "unspent_won": total.unspent_won,
            "interest_won": interest_won,
            "to_return_won": total.unspent_won + total.refused_won + interest_won,
            "own_won": total.own_won,
        },
        "tranches": [
            {
                "number": each.number,
                "amount_won": each.amount_won,
                "paid_on": account.paid_days[each.id].isoformat(),
                "recorded_at": each.paid_at.isoformat(),
            }
            for each in account.tranches
            if each.paid_at is not None
        ],
        "expenses": [
            {
                "id": each.id,
                "spent_on": each.spent_on.isoformat(),
                "category": each.category,
                "item": each.item,
                "payee": each.payee,
                "amount_won": each.amount_won,
                "accepted_won": each.accepted_won,
                "source": each.source,
                "method": each.method,
                "purpose": each.purpose,
                "state": each.state,
                "reason": each.reason,
                "receipts": [file.sha256 for file in account.receipts.get(each.id, ())],
            }
            for each in sorted(account.expenses, key=lambda each: (each.spent_on, each.id))
            if each.state != "withdrawn"
        ],
    }


def digest(report: Mapping[str, Any]) -> str:
    """The SHA-256 of a report's canonical JSON."""
    text = json.dumps(report, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
