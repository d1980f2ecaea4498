"""The tranches of all calls that somebody runs: which can be paid, which cannot and why, and the orders to the bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from services.grants import payments, programmes
from services.grants.desk import run_by
from services.grants.funded import Funded
from services.grants.guards import Gate
from services.grants.models import AUDIT, ApplicantGroup, Application, Call, Milestone, Tranche
from services.grants.rules.tranches import MOVING, UNPAID
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor

PAGE_SIZE = 25
"""Each row's gates are looked at by the very guards that block it, a few queries each: so many rows on a page."""
STATES = ("planned", "requested", "prepared", "approved", "paid", "cancelled")
ORDERS = 5_000
"""The most payment orders in one file."""


@dataclass(frozen=True)
class Row:
    """A tranche with its application and call; `red` are the gates in its way, None where none is asked any more."""

    tranche: Tranche
    application: Application
    call: Call
    red: tuple[Gate, ...] | None


@dataclass(frozen=True)
class Order:
    """A payment as the bank has to make it."""

    tranche: Tranche
    application: Application
    call: Call
    group: ApplicantGroup | None


def listed(
    session: Session, actor: Actor, now: datetime, *, state: str | None = None, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[list[Row], int]:
    """Tranches (of one state; "moving": what is asked for and not yet paid), those nearest to their payment first, and
    how many there are."""
    wanted = [run_by(actor)]
    if state == "moving":
        wanted.append(Tranche.state.in_(MOVING))
    elif state:
        wanted.append(Tranche.state == state)
    base = (
        select(Tranche, Application, Call)
        .join(Application, Application.id == Tranche.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(*wanted)
    )
    total = session.scalar(select(func.count()).select_from(base.subquery())) or 0
    nearest = case(
        {"approved": 0, "prepared": 1, "requested": 2, "planned": 3, "paid": 4}, value=Tranche.state, else_=5
    )
    found = session.execute(base.order_by(nearest, Tranche.requested_at, Tranche.id).offset(offset).limit(limit)).all()
    return [_row(session, now, *each) for each in found], total


def counts(session: Session, actor: Actor) -> dict[str, tuple[int, int]]:
    """State -> how many tranches and how many won."""
    rows = session.execute(
        select(Tranche.state, func.count(), func.sum(Tranche.amount_won))
        .join(Application, Application.id == Tranche.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(run_by(actor))
        .group_by(Tranche.state)
    )
    return {state: (int(number), int(amount)) for state, number, amount in rows}


def unconfirmed(session: Session, actor: Actor, *, limit: int = PAGE_SIZE) -> Sequence[tuple[Milestone, Application]]:
    """What groups say is done and the staff has still to confirm, the oldest first."""
    rows = session.execute(
        select(Milestone, Application)
        .join(Application, Application.id == Milestone.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(run_by(actor), Milestone.waiting.is_(True), Application.phase.in_(("selected", "running")))
        .order_by(Milestone.recorded_at, Milestone.application_id, Milestone.key)
        .limit(limit)
    )
    return [(milestone, application) for milestone, application in rows]


def orders(database: Database, actor: Actor, now: datetime, *, state: str = "approved") -> Sequence[Order]:
    """The payments in a state with the accounts that they go to; that somebody took them out is recorded, for they
    name people (invariant 14)."""
    with database.read() as session:
        rows = session.execute(
            select(Tranche, Application, Call, ApplicantGroup)
            .join(Application, Application.id == Tranche.application_id)
            .join(Call, Call.id == Application.call_id)
            .outerjoin(ApplicantGroup, ApplicantGroup.id == Application.group_id)
            .where(run_by(actor), Tranche.state == state)
            .order_by(Call.id, Application.number, Tranche.number)
            .limit(ORDERS)
        ).all()
    found = [Order(*row) for row in rows]
    with database.write() as session:
        details = {"state": state, "orders": len(found)}
        record(session, AUDIT, actor, now, "payment_orders.exported", f"district:{actor.district or 'city'}", details)
    return found


def _row(session: Session, now: datetime, tranche: Tranche, application: Application, call: Call) -> Row:
    if tranche.state not in UNPAID or application.phase != "running":
        return Row(tranche, application, call, None)
    it = Funded(application, call, programmes.rules_of_application(session, application), own=False)
    red = tuple(gate for gate in payments.gates(session, it, tranche, now) if not gate.green)
    return Row(tranche, application, call, red)
