"""Ordering money back: the rest of a settlement (반납), and what was wrongly used (환수)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import funded, notices, policy, sanctions, standing
from services.grants.calls import check_key
from services.grants.expenses.facts import paid_won
from services.grants.funded import Funded
from services.grants.models import AUDIT, ReturnOrder, ReturnPayment
from services.grants.rules.returns import reminders_due
from services.grants.rules.settlement import reason_problems
from services.grants.wording import expenses as wording
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def clawback(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    amount_won: int | None,
    reason: str,
    exclude: bool,
    key: str,
    unread: Mapping[str, list[str]] | None = None,
) -> ReturnOrder:
    """Order money back that was paid, whatever became of the project since: audits look years later, so that an
    archived one is no obstacle. `exclude`: the group and its people are excluded for the programme's years from today.
    The same `key` again gives the same order.

    Raises Refusal: not_found, other_district, own_application, invalid_input (won_missing, won_not_positive,
    clawback_over with `most_won`, reason_missing), key_missing, key_reused.
    """
    check_key(key)
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        earlier = session.scalar(
            select(ReturnOrder).where(
                ReturnOrder.application_id == application_id, ReturnOrder.idempotency_key == _own(key)
            )
        )
        if earlier is not None:
            if (earlier.amount_won, earlier.reason) != (amount_won, reason.strip()):
                raise Refusal("key_reused")
            return earlier
        most = claimable_won(session, application_id)
        problems = _problems(amount_won, reason, most)
        policy.refuse_problems(problems, unread, most_won=wording.later(wording.won, most))
        made = order(
            session,
            actor,
            now,
            it,
            kind="clawback",
            amount_won=amount_won or 0,
            interest_won=0,
            reason=reason.strip(),
            key=_own(key),
        )
        years = it.rules.settlement.sanction_years
        if exclude and years and it.application.group_id is not None:
            sanctions.exclude(session, actor, now, it, reason=reason.strip(), years=years)
        return made


def cancel(database: Database, actor: Actor, now: datetime, *, order_id: int, reason: str) -> ReturnOrder:
    """Take a clawback back of which nothing came in, with a reason; again changes nothing. An exclusion that came with
    it stays until it is lifted. Raises Refusal: not_found, other_district, own_application, order_not_cancellable,
    invalid_input."""
    with database.write() as session:
        it, found = held(session, actor, order_id)
        if found.state == "cancelled":
            return found
        came = session.scalar(select(func.count()).where(ReturnPayment.order_id == order_id))
        if found.kind != "clawback" or found.state != "due" or came:
            raise Refusal("order_not_cancellable")
        policy.refuse_problems(reason_problems(reason))
        found.state, found.settled_at = "cancelled", now
        found.reason = f"{found.reason}\n→ {reason.strip()}"
        details = {"order": found.id, "amount_won": found.amount_won}
        record(session, AUDIT, actor, now, "return.cancelled", f"application:{it.application.id}", details)
        return found


def order(
    session: Session,
    actor: Actor,
    now: datetime,
    it: Funded,
    *,
    kind: str,
    amount_won: int,
    interest_won: int,
    reason: str,
    key: str,
) -> ReturnOrder:
    """Order a sum back within the programme's days, and tell the group. The caller holds the application's lock."""
    today = policy.city_date(now)
    due_on = today + timedelta(days=it.rules.settlement.return_days)
    made = ReturnOrder(
        application_id=it.application.id,
        kind=kind,
        amount_won=amount_won,
        interest_won=interest_won,
        reason=reason,
        ordered_by=actor.account_id or 0,
        ordered_at=now,
        due_on=due_on,
        state="due",
        reminders=reminders_due(due_on, today),
        idempotency_key=key,
    )
    session.add(made)
    session.flush()
    details = {"order": made.id, "kind": kind, "amount_won": amount_won, "due_on": due_on.isoformat()}
    record(session, AUDIT, actor, now, "return.ordered", f"application:{it.application.id}", details)
    notices.tell(
        session,
        standing.accounts_of(session, it.application),
        "return_due",
        now,
        path=f"/applications/{it.application.id}/returns",
        title=it.application.title,
        amount_won=amount_won,
        until=due_on,
        reason=reason,
    )
    return made


def ordered_won(orders: Iterable[ReturnOrder]) -> int:
    """What of the grant is ordered back, paid or not."""
    return sum(each.amount_won - each.interest_won for each in orders if each.state != "cancelled")


def claimable_won(session: Session, application_id: int) -> int:
    """What can still be ordered back: what was paid, less what is ordered back already."""
    there = session.scalars(select(ReturnOrder).where(ReturnOrder.application_id == application_id))
    return paid_won(session, application_id) - ordered_won(there)


def held(session: Session, actor: Actor, order_id: int) -> tuple[Funded, ReturnOrder]:
    """An order, locked after its application, for the staff. Raises Refusal: not_found, other_district,
    own_application."""
    application_id = session.scalar(select(ReturnOrder.application_id).where(ReturnOrder.id == order_id))
    if application_id is None:
        raise Refusal("not_found", 404)
    it = funded.held_by_staff(session, actor, application_id)
    return it, session.get_one(ReturnOrder, order_id, with_for_update=True, populate_existing=True)


def _problems(amount_won: int | None, reason: str, most_won: int) -> policy.Problems:
    if amount_won is None:
        yield "amount_won", "won_missing"
    elif amount_won <= 0:
        yield "amount_won", "won_not_positive"
    elif amount_won > most_won:
        yield "amount_won", "clawback_over"
    yield from reason_problems(reason)


def _own(key: str) -> str:
    """Staff's keys never meet the settlement's own ("finalize")."""
    return f"c:{key}"[:64]
