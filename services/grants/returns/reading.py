"""Reading what has to come back: of one project, and of all that somebody runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from services.grants import desk, funded, policy, programmes
from services.grants.models import Application, Call, ReturnOrder, ReturnPayment
from services.grants.returns.orders import claimable_won
from services.grants.returns.payments import standing_of
from services.grants.rules.returns import Open
from shared.database import Database
from shared.identity.actor import Actor

PAGE_SIZE = 50


@dataclass(frozen=True)
class Order:
    """An order with what came in and what is open today."""

    order: ReturnOrder
    application: Application
    payments: Sequence[ReturnPayment]
    open: Open
    overdue_days: int

    @property
    def came_won(self) -> int:
        return sum(each.amount_won + each.late_interest_won for each in self.payments)


@dataclass(frozen=True)
class Returns:
    """All orders of a project. `claimable_won`: what could still be ordered back; `late_tenths`: the rate of late
    interest; `years`: how long an exclusion lasts by rule."""

    application: Application
    call: Call
    orders: Sequence[Order]
    claimable_won: int
    late_tenths: int
    years: int
    own: bool


def view(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Returns:
    """A project's orders for its group and for those who run the call. Raises Refusal: not_found, other_district."""
    with database.read() as session:
        it = funded.opened(session, actor, application_id)
        rows = session.scalars(
            select(ReturnOrder).where(ReturnOrder.application_id == application_id).order_by(ReturnOrder.id)
        ).all()
        settlement = it.rules.settlement
        found = Returns(
            it.application,
            it.call,
            _orders(session, [(row, it.application) for row in rows], policy.city_date(now)),
            claimable_won(session, application_id),
            settlement.late_tenths,
            settlement.sanction_years,
            it.own,
        )
    funded.viewed(database, actor, now, it, "returns")
    return found


def listed(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    which: str = "due",
    offset: int = 0,
    limit: int = PAGE_SIZE,
) -> tuple[list[Order], dict[str, int]]:
    """The orders of the calls that the actor runs: "overdue", "due" (all that are open), "paid"; those that are due
    first come first. And how many there are of each. A bounded number of queries."""
    today = policy.city_date(now)
    wanted = (
        select(ReturnOrder, Application)
        .join(Application, Application.id == ReturnOrder.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(desk.run_by(actor))
    )
    is_due = ReturnOrder.state == "due"
    is_overdue = is_due & (ReturnOrder.due_on < today)
    is_paid = ReturnOrder.state == "paid"
    counted = session.execute(
        wanted.with_only_columns(*(func.sum(case((each, 1), else_=0)) for each in (is_overdue, is_due, is_paid)))
    ).one()
    counts = {name: int(number or 0) for name, number in zip(("overdue", "due", "paid"), counted, strict=True)}
    chosen = {"overdue": is_overdue, "paid": is_paid}.get(which, is_due)
    rows = session.execute(
        wanted.where(chosen)
        .order_by(ReturnOrder.due_on, ReturnOrder.id)
        .options(joinedload(Application.version), joinedload(Application.call))
        .offset(offset)
        .limit(limit)
    ).all()
    return _orders(session, [(order, application) for order, application in rows], today), counts


def came_of(session: Session, order_ids: Collection[int]) -> dict[int, list[ReturnPayment]]:
    """What came in for these orders, in one query."""
    found: dict[int, list[ReturnPayment]] = {}
    for each in session.scalars(
        select(ReturnPayment).where(ReturnPayment.order_id.in_(order_ids)).order_by(ReturnPayment.id)
    ):
        found.setdefault(each.order_id, []).append(each)
    return found


def _orders(session: Session, rows: Sequence[tuple[ReturnOrder, Application]], today: date) -> list[Order]:
    came = came_of(session, [order.id for order, _ in rows])
    found = []
    for order, application in rows:
        paid = came.get(order.id, [])
        tenths = programmes.rules_of_application(session, application).settlement.late_tenths
        late = (today - order.due_on).days if order.state == "due" else 0
        found.append(Order(order, application, paid, standing_of(order, paid, tenths, today), max(late, 0)))
    return found
