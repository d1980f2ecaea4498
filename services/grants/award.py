"""What an award becomes as it is agreed, changed and stopped: versions of the agreement, the commitment in the ledger
that follows them, and the tranches that are still to be paid."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.grants import ledger, policy
from services.grants.funded import Funded
from services.grants.ledger import Entry
from services.grants.models import AUDIT, Agreement, Posting, Tranche
from services.grants.rules import agreed_budget, tranches
from services.grants.rules.agreed_budget import Line
from shared.audit import record
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Terms:
    """What is agreed; None is not filled in. `body` None: the words are drafted from the rest."""

    amount_won: int | None
    self_contribution_won: int | None
    starts_on: date | None
    ends_on: date | None
    lines: tuple[Line, ...]
    body: str | None = None


def next_version(
    session: Session, actor: Actor, now: datetime, it: Funded, current: Agreement | None, terms: Terms, body: str
) -> Agreement:
    """A version after `current`, which it replaces."""
    if current is not None:
        current.replaced_at = now
        session.flush()
    last = session.scalar(select(func.max(Agreement.version)).where(Agreement.application_id == it.application.id))
    agreement = Agreement(
        application_id=it.application.id,
        version=(last or 0) + 1,
        prepared_by=actor.account_id or 0,
        prepared_at=now,
    )
    fill(agreement, terms, body)
    session.add(agreement)
    session.flush()
    return agreement


def take_back_offer(session: Session, now: datetime, application_id: int) -> None:
    """The award is decided on again: nobody signs what was offered of it, and the next version begins anew. The caller
    holds the application's lock."""
    offered = (Agreement.application_id == application_id, Agreement.replaced_at.is_(None))
    session.execute(update(Agreement).where(*offered, Agreement.signed_at.is_(None)).values(replaced_at=now))


def fill(agreement: Agreement, terms: Terms, body: str) -> None:
    """Put terms and words into a version that nobody signed."""
    if terms.amount_won is None or terms.starts_on is None or terms.ends_on is None:
        raise ValueError("terms that are not filled in cannot be agreed")
    agreement.amount_won, agreement.self_contribution_won = terms.amount_won, terms.self_contribution_won or 0
    agreement.starts_on, agreement.ends_on = terms.starts_on, terms.ends_on
    agreement.budget = agreed_budget.dump(terms.lines)
    agreement.body, agreement.body_hash = body, hashlib.sha256(body.encode()).hexdigest()


def commit_agreed(session: Session, actor: Actor, now: datetime, it: Funded, agreement: Agreement) -> None:
    """Let the application's commitment be what is agreed: what is less goes back to the budget, once for a version."""
    application_id = it.application.id
    line_id = ledger.line_of(session, it.call, now)
    today = policy.city_date(now)
    if session.scalar(select(Posting.id).where(Posting.idempotency_key == f"award:{application_id}")) is None:
        # An award from before the ledger: it is committed now.
        whole = Entry("commitment", it.application.awarded_won or agreement.amount_won, today, it.application.title)
        ledger.post_within(
            session,
            actor,
            now,
            line_id=line_id,
            application_id=application_id,
            entries=[(whole, f"award:{application_id}")],
        )
    came_back = sum(each.amount_won for each in ledger.postings_of(session, application_id) if each.kind == "return")
    agreed = agreement.amount_won - came_back  # what came back was decommitted with its return
    spare = ledger.of_application(session, application_id).commitment_won - agreed
    if spare > 0:
        less = Entry("decommitment", spare, today, it.application.title)
        key = f"agreement:{application_id}:{agreement.version}"
        ledger.post_within(session, actor, now, line_id=line_id, application_id=application_id, entries=[(less, key)])


def tranches_of(session: Session, application_id: int, *, lock: bool = False) -> list[Tranche]:
    """An application's tranches in their order."""
    wanted = select(Tranche).where(Tranche.application_id == application_id).order_by(Tranche.number)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(wanted))


def paid_days(session: Session, rows: Sequence[Tranche]) -> dict[int, date]:
    """Tranche -> the day on which it was paid, by its posting: it may be recorded days later."""
    paid = {f"tranche:{each.id}": each for each in rows if each.paid_at is not None}
    if not paid:
        return {}
    posted = select(Posting.idempotency_key, Posting.posted_on).where(
        Posting.idempotency_key.in_(paid), Posting.application_id.in_({each.application_id for each in paid.values()})
    )
    recorded = {each.id: policy.city_date(each.paid_at) for each in paid.values() if each.paid_at is not None}
    return recorded | {paid[key].id: on for key, on in session.execute(posted)}


def paid_won(rows: list[Tranche]) -> int:
    """What is paid of these."""
    return sum(each.amount_won for each in rows if each.state == "paid")


def cut(session: Session, actor: Actor, now: datetime, it: Funded, agreement: Agreement) -> None:
    """The grant became less: plan what is unpaid anew, and give the rest back to the budget. Raises Refusal:
    tranche_moving, below_paid."""
    rows = tranches_of(session, it.application.id, lock=True)
    if any(each.state in tranches.MOVING for each in rows):
        raise Refusal("tranche_moving", 409)
    paid = paid_won(rows)
    if agreement.amount_won < paid:
        raise Refusal("below_paid", 409)
    unpaid = {each.number: each for each in rows if each.state == "planned"}
    gates = {number: each.gates for number, each in unpaid.items()}
    plan = tranches.replanned(agreement.amount_won, it.rules.tranches, gates, paid)
    for number, row in unpaid.items():
        if number in plan:
            row.amount_won, row.gates = plan[number].amount_won, list(plan[number].gates)
        else:
            row.state = "cancelled"
    session.flush()
    commit_agreed(session, actor, now, it, agreement)


def stop(session: Session, actor: Actor, now: datetime, it: Funded, key: str, reason: str = "") -> int:
    """Nothing more is paid of an award: its unpaid tranches are cancelled, and what is committed beyond what is paid
    goes back to the budget under `key` (once). What went back, in won. The caller holds the application's lock."""
    application = it.application
    for row in tranches_of(session, application.id, lock=True):
        if row.state in tranches.UNPAID:
            row.state, row.note = "cancelled", reason
            details = {"tranche": row.id, "number": row.number, "amount_won": row.amount_won}
            record(session, AUDIT, actor, now, "tranche.cancelled", f"application:{application.id}", details)
    session.flush()
    if session.scalar(select(Posting.id).where(Posting.idempotency_key == key)) is not None:
        return 0
    balance = ledger.of_application(session, application.id)
    spare = balance.commitment_won - balance.expenditure_won  # what came back is decommitted with its return
    if spare <= 0:
        return 0
    line_id = ledger.line_of(session, it.call, now)
    less = Entry("decommitment", spare, policy.city_date(now), application.title)
    ledger.post_within(session, actor, now, line_id=line_id, application_id=application.id, entries=[(less, key)])
    return spare
