"""Guards of the end: settlement, finalisation, what is to come back."""

from __future__ import annotations

from flask_babel import lazy_gettext
from sqlalchemy import func, select

from services.grants.guards import due
from services.grants.guards.base import Facts, Finding, Guard
from services.grants.models import Attachment, Expense, ReturnOrder, Settlement, Tranche
from services.grants.policy import city_date


def _tranches_settled(facts: Facts) -> Finding:
    """No payment is on its way: one that was asked for or approved comes first, or is taken back."""
    moving = facts.session.scalar(
        select(func.count())
        .select_from(Tranche)
        .where(
            Tranche.application_id == facts.application.id,
            Tranche.state.in_(("requested", "prepared", "approved")),
        )
    )
    return Finding(not moving, due=due.of_report(facts))


def _settlement_filed(facts: Facts) -> Finding:
    found = facts.session.scalar(select(Settlement).where(Settlement.application_id == facts.application.id))
    green = found is not None and found.state in ("filed", "finalized")
    return Finding(green, on=city_date(found.filed_at) if found and green else None, due=due.of_report(facts))


def _receipts_there(facts: Facts) -> Finding:
    """Nothing is recognised that no receipt proves."""
    proved = select(Attachment.id).where(
        Attachment.subject_kind == "expense", Attachment.subject_id == Expense.id, Attachment.removed_at.is_(None)
    )
    bare = facts.session.scalar(
        select(func.count())
        .select_from(Expense)
        .where(
            Expense.application_id == facts.application.id,
            Expense.state == "accepted",
            Expense.accepted_won > 0,
            ~proved.exists(),
        )
    )
    return Finding(not bare, params={"count": int(bare or 0)})


def _returns_paid(facts: Facts) -> Finding:
    """Nothing that was ordered back is open; and where no settlement fixed the amount (a terminated project), whatever
    was paid is recognised or ordered back."""
    of_application = ReturnOrder.application_id == facts.application.id
    open_ones, first = facts.session.execute(
        select(func.count(), func.min(ReturnOrder.due_on)).where(of_application, ReturnOrder.state == "due")
    ).one()
    if open_ones:
        return Finding(False, due=first)
    final = select(Settlement.id).where(
        Settlement.application_id == facts.application.id, Settlement.state == "finalized"
    )
    if facts.session.scalar(final) is not None:
        return Finding(True)
    total = facts.session.scalar
    here = facts.application.id
    paid = total(select(func.sum(Tranche.amount_won)).where(Tranche.application_id == here, Tranche.state == "paid"))
    recognised = total(
        select(func.sum(Expense.accepted_won)).where(
            Expense.application_id == here, Expense.state == "accepted", Expense.source == "grant"
        )
    )
    ordered = total(
        select(func.sum(ReturnOrder.amount_won - ReturnOrder.interest_won)).where(
            of_application, ReturnOrder.state != "cancelled"
        )
    )
    return Finding(int(paid or 0) <= int(recognised or 0) + int(ordered or 0))


GUARDS = (
    Guard("tranches_settled", lazy_gettext("진행 중인 교부가 없음"), "district", "tranche_moving", _tranches_settled),
    Guard("settlement_filed", lazy_gettext("정산보고서를 냄"), "group", "settlement_missing", _settlement_filed),
    Guard(
        "receipts_there",
        lazy_gettext("인정한 지출에 모두 증빙이 있음"),
        "district",
        "receipts_missing",
        _receipts_there,
    ),
    Guard("returns_paid", lazy_gettext("반납·환수가 끝남"), "group", "returns_unpaid", _returns_paid),
)
