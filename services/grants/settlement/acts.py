"""The settlement report: filed by the group, sent back or finalised by the staff (금액 확정)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import award, files, funded, guards, notices, policy, process, standing
from services.grants.funded import Funded
from services.grants.models import AUDIT, ReturnOrder, Settlement
from services.grants.returns import orders
from services.grants.rules.files import Examined
from services.grants.rules.settlement import reason_problems
from services.grants.settlement import figures
from services.grants.settlement.figures import Account
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

OUTCOME = 5_000
RECEIPTS = "receipts_there"


def file_report(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    outcome: str,
    interest_won: int | None,
    statement: Sequence[Examined] = (),
    key: str,
    unread: Mapping[str, list[str]] | None = None,
) -> Settlement:
    """File the report: what was spent, what is left and the interest that the account bore, as they stand now. The same
    report again (a second click) is the one that is there.

    Raises Refusal: not_found, invalid_input (outcome_missing, won_missing, won_negative, interest_evidence_missing),
    step_not_possible, change_open, tranche_moving.
    """
    with database.write() as session:
        it = funded.held_by_group(session, actor, application_id)
        found = session.scalar(select(Settlement).where(Settlement.application_id == application_id).with_for_update())
        if found is not None and found.state == "filed" and _same(found, outcome, interest_won):
            return found
        if it.rules.transition("file_settlement", it.application.state) is None:
            raise Refusal("step_not_possible", 409)  # before it is written: what is final stays
        there = files.of_subject(session, figures.KIND, application_id)
        policy.refuse_problems(_report_problems(outcome, interest_won, bool(statement or there)), unread)
        now_filed = _filed(session, actor, now, it, found, outcome.strip(), interest_won or 0)
        files.attach(
            session,
            actor,
            now,
            statement,
            it.application,
            it.call,
            subject_kind=figures.KIND,
            subject_id=application_id,
            field=figures.FIELD,
            key=key,
        )
        details = {"hash": now_filed.report_hash, "to_return_won": now_filed.to_return_won}
        process.move(session, it.application, it.call, "file_settlement", actor, now, details=details)
        return now_filed


def send_back(database: Database, actor: Actor, now: datetime, *, application_id: int, reason: str) -> Settlement:
    """Ask for a better report, with what has to be put right; again changes nothing. Raises Refusal: not_found,
    other_district, own_application, settlement_missing, step_not_possible, invalid_input."""
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        settlement = _locked(session, application_id)
        if settlement.state == "sent_back":
            return settlement
        policy.refuse_problems(reason_problems(reason))
        process.move(session, it.application, it.call, "send_back", actor, now, reason=reason.strip())
        settlement.state, settlement.note = "sent_back", reason.strip()
        told = standing.accounts_of(session, it.application)
        path = f"/applications/{application_id}/settlement"
        notices.tell(
            session, told, "settlement_sent_back", now, path=path, title=it.application.title, reason=settlement.note
        )
        return settlement


def finalize(database: Database, actor: Actor, now: datetime, *, application_id: int, note: str = "") -> Settlement:
    """Fix the amount: what is recognised, never more than was paid. The rest has to come back within the programme's
    days; what was never paid is given back to the budget line. Finalising again changes nothing.

    Raises Refusal: not_found, other_district, own_application, settlement_missing, step_not_possible,
    expenses_undecided, receipts_missing (whatever the programme's rows say: no settlement without receipts).
    """
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        settlement = _locked(session, application_id)
        if settlement.state == "finalized":
            return settlement
        policy.refuse_problems(policy.text_problems("note", note, policy.REASON, required=False))
        guards.check((RECEIPTS, "expenses_decided"), process.facts_of(session, it.application, it.call, now))
        account = figures.account(session, it.application, it.call)
        total = account.sums
        _fill(settlement, account, total.interest_won)
        settlement.report = settlement.report | {
            "final": figures.snapshot(account, settlement.outcome, total.interest_won, now)
        }
        settlement.report_hash = figures.digest(settlement.report)
        settlement.state, settlement.final_won, settlement.note = "finalized", total.accepted_won, note.strip()
        settlement.finalized_by, settlement.finalized_at = actor.account_id, now
        details = {"final_won": total.accepted_won, "to_return_won": total.to_return_won}
        process.move(session, it.application, it.call, "finalize", actor, now, reason=note.strip(), details=details)
        award.stop(session, actor, now, it, f"finalize:{application_id}")
        order = _order_rest(session, actor, now, it, account)
        _tell(session, now, it, settlement, order)
        return settlement


def _filed(
    session: Session,
    actor: Actor,
    now: datetime,
    it: Funded,
    found: Settlement | None,
    outcome: str,
    interest_won: int,
) -> Settlement:
    account = figures.account(session, it.application, it.call)
    settlement = found or Settlement(application_id=it.application.id)
    _fill(settlement, account, interest_won)
    settlement.outcome = outcome
    settlement.report = {"filed": figures.snapshot(account, outcome, interest_won, now)}
    settlement.report_hash = figures.digest(settlement.report)
    settlement.state, settlement.filed_by, settlement.filed_at = "filed", actor.account_id or 0, now
    session.add(settlement)
    session.flush()
    return settlement


def _fill(settlement: Settlement, account: Account, interest_won: int) -> None:
    total = account.sums
    settlement.paid_won, settlement.spent_won = total.paid_won, total.spent_won
    settlement.refused_won, settlement.unspent_won = total.refused_won, total.unspent_won
    settlement.interest_won = interest_won
    settlement.to_return_won = total.unspent_won + total.refused_won + interest_won


def _order_rest(session: Session, actor: Actor, now: datetime, it: Funded, account: Account) -> ReturnOrder | None:
    """What has to come back and was not ordered back before."""
    total = account.sums
    grant_won = max(0, total.unspent_won + total.refused_won - orders.ordered_won(account.orders))
    if grant_won + total.interest_won == 0:
        return None
    return orders.order(
        session,
        actor,
        now,
        it,
        kind="voluntary_return",
        amount_won=grant_won + total.interest_won,
        interest_won=total.interest_won,
        reason="",
        key="finalize",
    )


def _tell(session: Session, now: datetime, it: Funded, settlement: Settlement, order: ReturnOrder | None) -> None:
    told = standing.accounts_of(session, it.application)
    title, path = it.application.title, f"/applications/{it.application.id}/settlement"
    notices.tell(
        session,
        told,
        "settlement_finalized",
        now,
        path=path,
        title=title,
        accepted_won=settlement.final_won,
        return_won=order.amount_won if order else 0,
    )


def _report_problems(outcome: str, interest_won: int | None, proved: bool) -> policy.Problems:
    if not outcome.strip():
        yield "outcome", "outcome_missing"
    else:
        yield from policy.text_problems("outcome", outcome, OUTCOME)
    if interest_won is None:
        yield "interest_won", "won_missing"
    elif interest_won < 0:
        yield "interest_won", "won_negative"
    elif interest_won and not proved:
        yield "statement", "interest_evidence_missing"


def _locked(session: Session, application_id: int) -> Settlement:
    found = session.scalar(
        select(Settlement)
        .where(Settlement.application_id == application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refusal("settlement_missing", 409)
    return found


def _same(settlement: Settlement, outcome: str, interest_won: int | None) -> bool:
    return settlement.outcome == outcome.strip() and settlement.interest_won == interest_won


def note_export(database: Database, actor: Actor, now: datetime, what: str) -> None:
    """Record that somebody took a list with payees out of the house (invariant 14)."""
    with database.write() as session:
        record(session, AUDIT, actor, now, "settling.exported", f"export:{what}")
