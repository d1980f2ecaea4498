"""Recording expenses as they are made: by the group, from a phone, with the receipt; corrected and withdrawn while
nobody has decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import applications, files, policy, programmes, standing
from services.grants.calls import check_key
from services.grants.expenses import checking, facts
from services.grants.expenses.reading import spendable
from services.grants.models import AUDIT, Application, Attachment, Call, Expense
from services.grants.rules import expenses as rules
from services.grants.rules.definition import SettlementRules
from services.grants.rules.expenses import Spent
from services.grants.rules.files import Examined
from shared import audit
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def record(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    spent: Spent,
    key: str,
    evidence: Sequence[Examined] = (),
    unread: Mapping[str, list[str]] | None = None,
) -> Expense:
    """Record an expense with what the rules find of it; the same `key` again gives the same expense.

    What blocks is recorded too, and cannot be recognised until it is put right: a settlement that hides what was spent
    would be worse. Raises Refusal: not_found (not of the group), spending_over, invalid_input, key_missing, key_reused.
    """
    check_key(key)
    with database.write() as session:
        application, call, settlement = _open(session, actor, application_id)
        earlier = session.scalar(
            select(Expense).where(Expense.application_id == application_id, Expense.idempotency_key == key)
        )
        policy.refuse_problems(rules.problems(spent, settlement, policy.city_date(now)), unread)
        if earlier is not None:
            if any(getattr(earlier, name) != value for name, value in checking.columns(spent).items()):
                raise Refusal("key_reused")
            return earlier
        if not spendable(session, application):
            raise Refusal("spending_over")
        expense = checking.as_expense(spent)
        expense.application_id, expense.idempotency_key = application_id, key
        expense.filed_by, expense.filed_at = actor.account_id or 0, now
        session.add(expense)
        session.flush()
        _attach(session, actor, now, expense, application, call, evidence, key)
        found = checking.check_again(session, application, settlement, expense, now)
        details = {"amount_won": expense.amount_won, "findings": [each.code for each in found.findings]}
        _note(session, actor, now, "expense.filed", expense, details)
        return expense


def correct(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    expense_id: int,
    spent: Spent,
    key: str,
    evidence: Sequence[Examined] = (),
    unread: Mapping[str, list[str]] | None = None,
) -> Expense:
    """Put an expense right while nobody has decided; receipts are added to those that are there. The same content again
    changes nothing. Raises Refusal: as `record`, expense_decided."""
    check_key(key)
    with database.write() as session:
        expense, application, call, settlement = _own(session, actor, expense_id)
        policy.refuse_problems(rules.problems(spent, settlement, policy.city_date(now)), unread)
        changed = [name for name, value in checking.columns(spent).items() if getattr(expense, name) != value]
        for name in changed:
            setattr(expense, name, checking.columns(spent)[name])
        _attach(session, actor, now, expense, application, call, evidence, key)
        checking.check_again(session, application, settlement, expense, now)
        if changed:
            _note(session, actor, now, "expense.corrected", expense, {"fields": changed})
        return expense


def add_evidence(
    database: Database, actor: Actor, now: datetime, *, expense_id: int, evidence: Sequence[Examined], key: str
) -> Expense:
    """Add receipts while nobody has decided. Raises Refusal: not_found, spending_over, expense_decided, key_missing."""
    check_key(key)
    with database.write() as session:
        expense, application, call, settlement = _own(session, actor, expense_id)
        _attach(session, actor, now, expense, application, call, evidence, key)
        checking.check_again(session, application, settlement, expense, now)
        return expense


def remove_evidence(database: Database, actor: Actor, now: datetime, *, expense_id: int, attachment_id: int) -> Expense:
    """Take a receipt away while nobody has decided; again changes nothing. Raises Refusal: as `add_evidence`."""
    with database.write() as session:
        expense, application, _, settlement = _own(session, actor, expense_id)
        attachment = session.get(Attachment, attachment_id)
        if attachment is None or (attachment.subject_kind, attachment.subject_id) != (facts.KIND, expense_id):
            raise Refusal("not_found", 404)
        files.remove(session, actor, now, attachment)
        checking.check_again(session, application, settlement, expense, now)
        return expense


def withdraw(database: Database, actor: Actor, now: datetime, *, expense_id: int) -> Expense:
    """Take an expense back while nobody has decided; again changes nothing. Its receipts stay on record, and may be
    used again. Raises Refusal: not_found, spending_over, expense_decided."""
    with database.write() as session:
        expense, *_ = _own(session, actor, expense_id, withdrawn=True)
        if expense.state != "withdrawn":
            expense.state = "withdrawn"
            _note(session, actor, now, "expense.withdrawn", expense, {"amount_won": expense.amount_won})
        return expense


def located(session: Session, expense_id: int) -> int:
    """The application of an expense. Raises Refusal not_found."""
    application_id = session.scalar(select(Expense.application_id).where(Expense.id == expense_id))
    if application_id is None:
        raise Refusal("not_found", 404)
    return application_id


def _open(session: Session, actor: Actor, application_id: int) -> tuple[Application, Call, SettlementRules]:
    application, call = applications.locked(session, application_id)
    standing.check_applicant(session, actor, application)
    return application, call, programmes.rules_of_application(session, application).settlement


def _own(
    session: Session, actor: Actor, expense_id: int, *, withdrawn: bool = False
) -> tuple[Expense, Application, Call, SettlementRules]:
    application, call, settlement = _open(session, actor, located(session, expense_id))
    expense = session.get_one(Expense, expense_id, with_for_update=True, populate_existing=True)
    if expense.state == "withdrawn" and withdrawn:
        return expense, application, call, settlement
    if expense.state != "filed":
        raise Refusal("expense_decided")
    if not spendable(session, application):
        raise Refusal("spending_over")
    return expense, application, call, settlement


def _attach(
    session: Session,
    actor: Actor,
    now: datetime,
    expense: Expense,
    application: Application,
    call: Call,
    evidence: Sequence[Examined],
    key: str,
) -> None:
    files.attach(
        session,
        actor,
        now,
        evidence,
        application,
        call,
        subject_kind=facts.KIND,
        subject_id=expense.id,
        field=facts.FIELD,
        key=key,
    )


def _note(
    session: Session, actor: Actor, now: datetime, action: str, expense: Expense, details: Mapping[str, object]
) -> None:
    subject = f"application:{expense.application_id}"
    audit.record(session, AUDIT, actor, now, action, subject, {"expense": expense.id, **details})
