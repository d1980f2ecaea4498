"""Reading expenses: a project's own, one with its receipts, and the queue of those who decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from services.grants import desk, files, programmes, standing
from services.grants.expenses import facts
from services.grants.models import AUDIT, SHORT, Application, Attachment, Call, Expense, Settlement
from services.grants.rules.definition import SettlementRules
from shared import audit
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

PAGE_SIZE = 50
WORST = ("clean", "flag", "block")


@dataclass(frozen=True)
class Shown:
    """An expense with all that a page shows of it. `own`: the reader is of the group."""

    expense: Expense
    application: Application
    call: Call
    settlement: SettlementRules
    evidence: Sequence[Attachment]
    own: bool
    spendable: bool
    decidable: bool


def spendable(session: Session, application: Application, *, filed: bool = False) -> bool:
    """Whether expenses may still be recorded: while the project runs, and where it ended without a report (a terminated
    one). With `filed` whether they may still be decided: until the amount is final."""
    if application.phase not in ("running", "settling"):
        return False
    closing = ("finalized",) if filed else ("filed", "finalized")
    over = select(Settlement.id).where(Settlement.application_id == application.id, Settlement.state.in_(closing))
    return session.scalar(over.limit(1)) is None


def reached(session: Session, actor: Actor, application_id: int) -> tuple[Application, Call, bool]:
    """An application with its call for its group (True) and for those who run it. Raises Refusal: not_found,
    other_district, own_application."""
    application = session.get(Application, application_id)
    if application is None:
        raise Refusal("not_found", 404)
    call = session.get_one(Call, application.call_id)
    if standing.belongs(session, actor.account_id, application):
        return application, call, True
    standing.check_staff(session, actor, application, call)
    return application, call, False


def of_application(session: Session, application_id: int) -> Sequence[Expense]:
    """An application's expenses, the newest first; what was withdrawn last."""
    return session.scalars(
        select(Expense)
        .where(Expense.application_id == application_id)
        .order_by(case((Expense.state == "withdrawn", 1), else_=0), Expense.spent_on.desc(), Expense.id.desc())
    ).all()


def receipts(session: Session, expenses: Sequence[Expense]) -> dict[int, list[Attachment]]:
    """The receipts of these expenses, in one query."""
    return files.of_subjects(session, facts.KIND, [each.id for each in expenses])


def view(database: Database, actor: Actor, now: datetime, *, expense_id: int) -> Shown:
    """An expense for its group and for those who run the call, whose looking is recorded: it names a payee (invariant
    14). Raises Refusal: not_found, other_district, own_application."""
    with database.read() as session:
        expense = session.get(Expense, expense_id)
        if expense is None:
            raise Refusal("not_found", 404)
        application, call, own = reached(session, actor, expense.application_id)
        shown = Shown(
            expense,
            application,
            call,
            programmes.rules_of_application(session, application).settlement,
            files.of_subject(session, facts.KIND, expense_id),
            own,
            spendable(session, application),
            spendable(session, application, filed=True),
        )
    if not own:
        with database.write() as session:
            subject = f"application:{application.id}"
            audit.record(session, AUDIT, actor, now, "expense.viewed", subject, {"expense": expense_id})
    return shown


def queue(
    session: Session,
    actor: Actor,
    *,
    worst: str | None = None,
    call_id: int | None = None,
    offset: int = 0,
    limit: int = PAGE_SIZE,
) -> tuple[Sequence[Row[Expense, Application, Call]], dict[str, int]]:
    """What waits for an answer in the calls that the actor runs, the longest waiting first, and how many there are of
    each effect ("" is all): two queries."""
    waiting = _waiting(actor, call_id)
    counts = dict(session.execute(waiting.with_only_columns(Expense.worst, func.count()).group_by(Expense.worst)).all())
    rows = waiting.order_by(Expense.filed_at, Expense.id).offset(offset).limit(limit)
    if worst is not None:
        rows = rows.where(Expense.worst == worst)
    found = session.execute(rows).all()
    by_worst = {each: int(counts.get(each, 0)) for each in WORST}
    return found, {"": sum(by_worst.values()), **by_worst}


def note_look(database: Database, actor: Actor, now: datetime, shown: int) -> None:
    """Record that somebody of the staff looked at a list of expenses: it names payees (invariant 14). An empty one
    names nobody."""
    if not shown:
        return
    with database.write() as session:
        subject = f"district:{actor.district or 'city'}"
        audit.record(session, AUDIT, actor, now, "expenses.viewed", subject, {"expenses": shown})


def _waiting(actor: Actor, call_id: int | None) -> Select[Expense, Application, Call]:
    wanted = (
        select(Expense, Application, Call)
        .join(Application, Application.id == Expense.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(Expense.state == "filed", desk.run_by(actor))
        .options(joinedload(Application.version), *SHORT)
    )
    return wanted.where(Call.id == call_id) if call_id is not None else wanted
