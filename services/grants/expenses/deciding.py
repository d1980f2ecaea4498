"""Deciding on expenses: recognising them wholly, in part or not at all, with the reason that the group reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.grants import applications, notices, policy, programmes, standing
from services.grants.expenses import checking
from services.grants.expenses.checking import Checked
from services.grants.expenses.reading import spendable
from services.grants.expenses.recording import located
from services.grants.models import AUDIT, Application, Call, Expense
from services.grants.rules.definition import SettlementRules
from services.grants.rules.settlement import reason_problems
from services.grants.wording import expenses as wording
from shared import audit
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

AT_ONCE = 200


@dataclass(frozen=True)
class Answered:
    """What became of several expenses: those that were recognised, and why the others were not."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)


def decide(
    database: Database, actor: Actor, now: datetime, *, expense_id: int, accepted_won: int | None, reason: str = ""
) -> Expense:
    """Recognise `accepted_won` of an expense: all of it, a part or nothing (the last two with a reason). The same
    decision again changes nothing.

    The checklist is asked anew. Raises Refusal: not_found, other_district, own_application, expense_decided (by
    somebody else, differently), settlement_final, invalid_input (won_missing, won_negative, accepted_over_amount,
    expense_blocked with `most_won`, reason_missing)."""
    with database.write() as session:
        expense, application, settlement = _to_decide(session, actor, expense_id)
        if expense.state != "filed":
            if expense.accepted_won == accepted_won and expense.state != "withdrawn":
                return expense
            raise Refusal("expense_decided")
        found = checking.check_again(session, application, settlement, expense, now)
        most = wording.later(wording.won, found.most_won)
        policy.refuse_problems(_problems(expense, found, accepted_won, reason), most_won=most)
        _close(session, actor, now, application, expense, settlement, accepted_won or 0, reason)
        return expense


def accept_clean(database: Database, actor: Actor, now: datetime, expense_ids: Iterable[int]) -> Answered:
    """Recognise several expenses wholly, each by itself, where the checklist finds nothing at all; the others stay as
    they are, with the reason why. At most AT_ONCE."""
    answered = Answered()
    for expense_id in list(dict.fromkeys(expense_ids))[:AT_ONCE]:
        try:
            with database.write() as session:
                expense, application, settlement = _to_decide(session, actor, expense_id)
                if expense.state != "filed":
                    raise Refusal("expense_decided")
                if checking.check_again(session, application, settlement, expense, now).findings:
                    raise Refusal("expense_not_clean")
                _close(session, actor, now, application, expense, settlement, expense.amount_won, "")
            answered.done.append(expense_id)
        except Refusal as refusal:
            answered.refused[expense_id] = refusal
    return answered


def reopen(database: Database, actor: Actor, now: datetime, *, expense_id: int, reason: str) -> Expense:
    """Take a decision back before the amount is final, with a reason that the group reads; an open one stays open.
    Raises Refusal: not_found, other_district, own_application, settlement_final, expense_withdrawn, invalid_input."""
    with database.write() as session:
        expense, *_ = _to_decide(session, actor, expense_id)
        if expense.state == "withdrawn":
            raise Refusal("expense_withdrawn")
        if expense.state == "filed":
            return expense
        policy.refuse_problems(reason_problems(reason))
        details = {"expense": expense.id, "accepted_won": expense.accepted_won}
        expense.state, expense.accepted_won, expense.reason = "filed", None, reason.strip()
        expense.decided_by = expense.decided_at = None
        audit.record(session, AUDIT, actor, now, "expense.reopened", f"application:{expense.application_id}", details)
        return expense


def _to_decide(session: Session, actor: Actor, expense_id: int) -> tuple[Expense, Application, SettlementRules]:
    application, call = applications.locked(session, located(session, expense_id))
    standing.check_staff(session, actor, application, call)
    expense = session.get_one(Expense, expense_id, with_for_update=True, populate_existing=True)
    if not _decidable(session, application, call):
        raise Refusal("settlement_final")
    return expense, application, programmes.rules_of_application(session, application).settlement


def _decidable(session: Session, application: Application, call: Call) -> bool:
    """Until the amount is final, and the filed report is no obstacle."""
    return application.phase in ("running", "settling") and spendable(session, application, filed=True)


def _problems(expense: Expense, found: Checked, accepted_won: int | None, reason: str) -> policy.Problems:
    if accepted_won is None:
        yield "accepted_won", "won_missing"
        return
    if accepted_won < 0:
        yield "accepted_won", "won_negative"
    elif accepted_won > expense.amount_won:
        yield "accepted_won", "accepted_over_amount"
    elif accepted_won > found.most_won:
        yield "accepted_won", "expense_blocked"
    if accepted_won < expense.amount_won and not reason.strip():
        yield "reason", "expense_reason_missing"
    else:
        yield from policy.reason_problems(reason, required=False)


def _close(
    session: Session,
    actor: Actor,
    now: datetime,
    application: Application,
    expense: Expense,
    settlement: SettlementRules,
    accepted_won: int,
    reason: str,
) -> None:
    expense.state = "accepted" if accepted_won else "refused"
    expense.accepted_won, expense.reason = accepted_won, reason.strip()
    expense.decided_by, expense.decided_at = actor.account_id, now
    details: dict[str, Any] = {
        "expense": expense.id,
        "accepted_won": accepted_won,
        "findings": [each["code"] for each in expense.findings],
    }
    action = f"expense.{expense.state}"
    audit.record(session, AUDIT, actor, now, action, f"application:{application.id}", details)
    if accepted_won < expense.amount_won:
        notices.tell(
            session,
            standing.accounts_of(session, application),
            "expense_refused",
            now,
            path=f"/expenses/{expense.id}",
            title=application.title,
            item=wording.later(wording.item_name, settlement, expense.category, expense.item),
            amount_won=expense.amount_won - accepted_won,
            reason=expense.reason,
        )
