"""Paying a tranche (교부): the group asks, one person of the staff prepares, a second approves, and it is paid once.

Each of these steps looks at the same gates, under the lock of the application.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import award, funded, guards, ledger, notices, policy, standing
from services.grants.funded import Funded
from services.grants.guards import Facts
from services.grants.ledger import Entry
from services.grants.models import AUDIT, Tranche
from services.grants.rules.tranches import STEPS, gates_of
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

REFERENCE = 120


def request(database: Database, actor: Actor, now: datetime, *, tranche_id: int) -> Tranche:
    """Ask for a tranche, for its group; again changes nothing. Raises Refusal: not_found, not_running,
    step_not_possible, and the first red gate's code."""
    with database.write() as session:
        tranche, it = _held(session, actor, tranche_id, "applicant")
        if tranche.state == "requested" and tranche.requested_by == actor.account_id:
            return tranche
        _check_step(session, it, tranche, "request", now)
        tranche.requested_by, tranche.requested_at, tranche.note = actor.account_id, now, ""
        return _done(session, actor, now, tranche, "request")


def take_back(database: Database, actor: Actor, now: datetime, *, tranche_id: int) -> Tranche:
    """Take back what was asked for, before the staff prepared it. Raises Refusal: not_found, step_not_possible."""
    with database.write() as session:
        tranche, _ = _held(session, actor, tranche_id, "applicant")
        if tranche.state == "planned":
            return tranche
        _check_from(tranche, "take_back")
        _clear(tranche)
        return _done(session, actor, now, tranche, "take_back")


def prepare(database: Database, actor: Actor, now: datetime, *, tranche_id: int) -> Tranche:
    """Prepare the payment: the first person. Again changes nothing. Raises Refusal: not_found, other_district,
    own_application, not_running, step_not_possible, and the first red gate's code."""
    with database.write() as session:
        tranche, it = _held(session, actor, tranche_id, "staff")
        if tranche.state == "prepared" and tranche.prepared_by == actor.account_id:
            return tranche
        _check_step(session, it, tranche, "prepare", now)
        tranche.prepared_by, tranche.prepared_at = actor.account_id, now
        return _done(session, actor, now, tranche, "prepare")


def approve(database: Database, actor: Actor, now: datetime, *, tranche_id: int) -> Tranche:
    """Approve the payment: a second person, whom the database holds apart from the first as well. Again changes
    nothing. Raises Refusal: same_person_approves, and as `prepare`."""
    with database.write() as session:
        tranche, it = _held(session, actor, tranche_id, "staff")
        if tranche.state == "approved" and tranche.approved_by == actor.account_id:
            return tranche
        _check_from(tranche, "approve")
        if actor.account_id in (None, tranche.prepared_by, tranche.requested_by):
            raise Refusal("same_person_approves", 403)
        _check_step(session, it, tranche, "approve", now)
        tranche.approved_by, tranche.approved_at = actor.account_id, now
        _done(session, actor, now, tranche, "approve")
        _tell(session, it, tranche, "tranche_approved", now, amount_won=tranche.amount_won)
        return tranche


def pay(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    tranche_id: int,
    reference: str,
    paid_on: date | None,
    unread: Mapping[str, list[str]] | None = None,
) -> Tranche:
    """Record that a tranche was paid, with the bank's reference and day, and post the expenditure with it: once,
    whoever tries again.

    Raises Refusal: not_found, other_district, own_application, not_running, step_not_possible, already_paid (with
    another reference), invalid_input (paid_before_approval, posted_in_future), agreement_exceeded, the first red
    gate's code, and as `ledger.post_within`.
    """
    with database.write() as session:
        tranche, it = _held(session, actor, tranche_id, "staff")
        reference = reference.strip()
        if tranche.state == "paid":
            if tranche.reference != reference:
                raise Refusal("already_paid", 409)
            return tranche
        agreed = _check_step(session, it, tranche, "pay", now).agreed
        policy.refuse_problems(_pay_problems(tranche, reference, paid_on, now), unread)
        rows = award.tranches_of(session, it.application.id)
        if agreed is None or award.paid_won(rows) + tranche.amount_won > agreed.amount_won:
            raise Refusal("agreement_exceeded", 409)
        entry = Entry("expenditure", tranche.amount_won, paid_on or policy.city_date(now), it.application.title)
        ledger.post_within(
            session,
            actor,
            now,
            line_id=ledger.line_of(session, it.call, now),
            application_id=it.application.id,
            entries=[(entry, f"tranche:{tranche.id}")],
        )
        tranche.paid_by, tranche.paid_at, tranche.reference = actor.account_id, now, reference
        paid = _done(session, actor, now, tranche, "pay")
        _tell(session, it, tranche, "tranche_paid", now, amount_won=tranche.amount_won)
        return paid


def refuse(database: Database, actor: Actor, now: datetime, *, tranche_id: int, reason: str) -> Tranche:
    """Send a payment back to the group with the reason: it may be asked for again. Raises Refusal: not_found,
    other_district, own_application, step_not_possible, invalid_input."""
    with database.write() as session:
        tranche, it = _held(session, actor, tranche_id, "staff")
        if tranche.state == "planned" and tranche.note == reason.strip():
            return tranche
        _check_from(tranche, "refuse")
        policy.refuse_problems(policy.text_problems("reason", reason, policy.REASON))
        _clear(tranche)
        tranche.note = reason.strip()
        _done(session, actor, now, tranche, "refuse")
        _tell(session, it, tranche, "tranche_refused", now, reason=tranche.note)
        return tranche


def gates(session: Session, it: Funded, tranche: Tranche, now: datetime) -> list[guards.Gate]:
    """How the gates of a tranche stand: what every step of its payment checks, and every page about it shows."""
    return guards.look(gates_of(tranche.number, tranche.gates), funded.facts(session, it, now, tranche.number))


def number_of(session: Session, application_id: int, number: int) -> int:
    """The id of a tranche by its number. Raises Refusal not_found."""
    found = session.scalar(select(Tranche.id).where(Tranche.application_id == application_id, Tranche.number == number))
    if found is None:
        raise Refusal("not_found", 404)
    return found


def _held(session: Session, actor: Actor, tranche_id: int, by: str) -> tuple[Tranche, Funded]:
    application_id = session.scalar(select(Tranche.application_id).where(Tranche.id == tranche_id))
    if application_id is None:
        raise Refusal("not_found", 404)
    hold = funded.held_by_group if by == "applicant" else funded.held_by_staff
    it = hold(session, actor, application_id)
    return session.get_one(Tranche, tranche_id, with_for_update=True, populate_existing=True), it


def _check_step(session: Session, it: Funded, tranche: Tranche, event: str, now: datetime) -> Facts:
    """What the gates looked at, all of them green."""
    _check_from(tranche, event)
    funded.check_running(it)
    facts = funded.facts(session, it, now, tranche.number)
    guards.check(gates_of(tranche.number, tranche.gates), facts)
    return facts


def _check_from(tranche: Tranche, event: str) -> None:
    if tranche.state not in STEPS[event].start:
        raise Refusal("step_not_possible", 409)


def _done(session: Session, actor: Actor, now: datetime, tranche: Tranche, event: str) -> Tranche:
    tranche.state = STEPS[event].end
    details = {"tranche": tranche.id, "number": tranche.number, "amount_won": tranche.amount_won}
    record(session, AUDIT, actor, now, f"tranche.{event}", f"application:{tranche.application_id}", details)
    session.flush()
    return tranche


def _clear(tranche: Tranche) -> None:
    tranche.requested_by = tranche.prepared_by = tranche.approved_by = None
    tranche.requested_at = tranche.prepared_at = tranche.approved_at = None


def _tell(session: Session, it: Funded, tranche: Tranche, kind: str, now: datetime, **params: object) -> None:
    notices.tell(
        session,
        standing.accounts_of(session, it.application),
        kind,
        now,
        path=f"/applications/{it.application.id}/payment",
        title=it.application.title,
        number=tranche.number,
        **params,
    )


def _pay_problems(tranche: Tranche, reference: str, paid_on: date | None, now: datetime) -> policy.Problems:
    yield from policy.text_problems("reference", reference, REFERENCE)
    if paid_on is None:
        yield "paid_on", "date_missing"
    elif paid_on > policy.city_date(now):
        yield "paid_on", "posted_in_future"
    elif tranche.approved_at is not None and paid_on < policy.city_date(tranche.approved_at):
        yield "paid_on", "paid_before_approval"
