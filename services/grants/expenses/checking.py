"""Asking the checklist: of an expense that is planned, and of one that is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.grants import policy, programmes, standing
from services.grants.expenses import facts
from services.grants.models import Application, Call, Expense
from services.grants.rules import expenses as rules
from services.grants.rules.definition import SettlementRules
from services.grants.rules.expenses import Finding, Spent
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Checked:
    """What the rules say of an expense: the findings, the heaviest effect, and how much of it can be recognised."""

    findings: list[Finding]
    worst: str
    most_won: int


def plan(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    spent: Spent,
    unread: Mapping[str, list[str]] | None = None,
) -> Checked:
    """What the rules would say of an expense before it is made; nothing is stored. For the group and for those who run
    the call. Raises Refusal: not_found, other_district, own_application, invalid_input."""
    with database.read() as session:
        application = session.get(Application, application_id)
        if application is None:
            raise Refusal("not_found", 404)
        if not standing.belongs(session, actor.account_id, application):
            standing.check_staff(session, actor, application, session.get_one(Call, application.call_id))
        settlement = programmes.rules_of_application(session, application).settlement
        policy.refuse_problems(rules.problems(spent, settlement, policy.city_date(now), planned=True), unread)
        setting = facts.setting_of(session, application, now)
        again = facts.repeated(session, application, as_expense(spent))
        return _summed(spent, rules.check(spent, settlement, setting, None, again))


def checked(
    session: Session, application: Application, settlement: SettlementRules, expense: Expense, now: datetime
) -> Checked:
    """What the rules say now of a recorded expense."""
    spent = spent_of(expense)
    setting = facts.setting_of(session, application, now, before=expense.id)
    evidence = facts.evidence_of(session, expense)
    again = facts.repeated(session, application, expense)
    return _summed(spent, rules.check(spent, settlement, setting, evidence, again))


def check_again(
    session: Session, application: Application, settlement: SettlementRules, expense: Expense, now: datetime
) -> Checked:
    """As `checked`, and keep it with the expense."""
    found = checked(session, application, settlement, expense, now)
    expense.findings, expense.worst = [each.as_row() for each in found.findings], found.worst
    return found


def spent_of(expense: Expense) -> Spent:
    """A recorded expense as the rules read it."""
    return Spent(
        category=expense.category,
        item=expense.item,
        spent_on=expense.spent_on,
        payee=expense.payee,
        amount_won=expense.amount_won,
        purpose=expense.purpose,
        payee_number=expense.payee_number,
        source=expense.source,
        method=expense.method,
    )


def as_expense(spent: Spent) -> Expense:
    """A row with what was typed, not yet anybody's. Expects what has no `problems`."""
    return Expense(**columns(spent))


def columns(spent: Spent) -> dict[str, object]:
    """What of a row is typed."""
    return {
        "category": spent.category,
        "item": spent.item,
        "spent_on": spent.spent_on,
        "payee": spent.payee.strip(),
        "payee_key": rules.folded(spent.payee),
        "payee_number": spent.payee_number.replace("-", "").strip(),
        "amount_won": spent.amount_won,
        "source": spent.source,
        "method": spent.method,
        "purpose": spent.purpose.strip(),
    }


def _summed(spent: Spent, found: list[Finding]) -> Checked:
    return Checked(found, rules.worst(found), rules.most_won(spent.amount_won or 0, found))
