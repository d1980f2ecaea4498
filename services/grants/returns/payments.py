"""Money that came in for an order: in parts, each once, posted to the ledger as a return.

What is returned of the grant lowers the line's expenditure (`return`) and, by the same sum, its commitment
(`decommitment`), so that the line shows what the project kept. The interest that the group's account bore, and late
interest, were never spent by the line: they are kept with the order and shown beside the grant, and no posting is made
of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import ledger, notices, policy, standing
from services.grants.calls import check_key
from services.grants.funded import Funded
from services.grants.ledger import Entry
from services.grants.models import AUDIT, ReturnOrder, ReturnPayment
from services.grants.returns import orders
from services.grants.rules.returns import Open, Paid, grant_part, open_on, split
from services.grants.wording import expenses as wording
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def pay(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    order_id: int,
    came_won: int | None,
    paid_on: date | None,
    key: str,
    unread: Mapping[str, list[str]] | None = None,
) -> ReturnPayment:
    """Record that `came_won` came in on a day: what was ordered first, then late interest. The same `key` again gives
    the same payment; nothing is posted twice.

    Raises Refusal: not_found, other_district, own_application, nothing_ordered, invalid_input (won_missing,
    won_not_positive, return_over with `most_won`, date_missing, paid_in_future, paid_before_order), key_missing,
    key_reused.
    """
    check_key(key)
    with database.write() as session:
        it, order = orders.held(session, actor, order_id)
        there = payments(session, order_id)
        for earlier in there:
            if earlier.idempotency_key == key:
                if (earlier.amount_won + earlier.late_interest_won, earlier.paid_on) != (came_won, paid_on):
                    raise Refusal("key_reused")
                return earlier
        if order.state != "due":
            raise Refusal("nothing_ordered")
        late_tenths = it.rules.settlement.late_tenths
        open_then = standing_of(order, there, late_tenths, paid_on or policy.city_date(now))
        most = wording.later(wording.won, open_then.total_won)
        policy.refuse_problems(_problems(order, came_won, paid_on, open_then, now), unread, most_won=most)
        on = paid_on or policy.city_date(now)
        made = _paid(session, actor, now, it, order, there, came_won or 0, on, open_then, key)
        parts = [*there, made]
        last = max(each.paid_on for each in parts)  # a part may be recorded after one that came in later
        if standing_of(order, parts, late_tenths, last).total_won == 0:
            order.state, order.settled_at = "paid", now
        notices.tell(
            session,
            standing.accounts_of(session, it.application),
            "return_received",
            now,
            path=f"/applications/{it.application.id}/returns",
            title=it.application.title,
            amount_won=made.amount_won + made.late_interest_won,
        )
        return made


def standing_of(order: ReturnOrder, paid: Sequence[ReturnPayment], late_tenths: int, as_of: date) -> Open:
    """What is open of an order on a day; nothing of one that was paid or cancelled."""
    if order.state != "due":
        return Open(0, 0)
    parts = [Paid(each.paid_on, each.amount_won, each.late_interest_won) for each in paid]
    return open_on(order.amount_won, order.due_on, late_tenths, parts, as_of)


def payments(session: Session, order_id: int) -> Sequence[ReturnPayment]:
    """What came in for an order, in the order of recording."""
    return session.scalars(
        select(ReturnPayment).where(ReturnPayment.order_id == order_id).order_by(ReturnPayment.id)
    ).all()


def _paid(
    session: Session,
    actor: Actor,
    now: datetime,
    it: Funded,
    order: ReturnOrder,
    there: Sequence[ReturnPayment],
    came_won: int,
    paid_on: date,
    open_then: Open,
    key: str,
) -> ReturnPayment:
    parts = split(came_won, open_then)
    if parts is None:
        raise ValueError("more came in than is open")  # `_problems` said so before
    made = ReturnPayment(
        order_id=order.id,
        amount_won=parts.amount_won,
        late_interest_won=parts.late_won,
        paid_on=paid_on,
        recorded_by=actor.account_id or 0,
        recorded_at=now,
        idempotency_key=key,
    )
    session.add(made)
    session.flush()
    details = {"order": order.id, "payment": made.id, "amount_won": made.amount_won, "late_won": made.late_interest_won}
    record(session, AUDIT, actor, now, "return.received", f"application:{it.application.id}", details)
    before = sum(each.amount_won for each in there)
    grant_won = grant_part(order.amount_won - order.interest_won, before, made.amount_won)
    if grant_won:
        ledger.post_within(
            session,
            actor,
            now,
            line_id=ledger.line_of(session, it.call, now),
            application_id=it.application.id,
            entries=[
                (Entry("return", grant_won, paid_on, it.application.title), f"return:{made.id}"),
                (Entry("decommitment", grant_won, paid_on, it.application.title), f"return:{made.id}:commitment"),
            ],
        )
    return made


def _problems(
    order: ReturnOrder, came_won: int | None, paid_on: date | None, open_then: Open, now: datetime
) -> policy.Problems:
    if came_won is None:
        yield "came_won", "won_missing"
    elif came_won <= 0:
        yield "came_won", "won_not_positive"
    elif came_won > open_then.total_won:
        yield "came_won", "return_over"
    if paid_on is None:
        yield "paid_on", "date_missing"
    elif paid_on > policy.city_date(now):
        yield "paid_on", "paid_in_future"
    elif paid_on < policy.city_date(order.ordered_at):
        yield "paid_on", "paid_before_order"
