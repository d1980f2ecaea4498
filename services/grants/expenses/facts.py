"""What the checklist of an expense looks at, read from the database: agreement, payments, people, receipts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from services.grants import agreement_versions, files
from services.grants.models import (
    Agreement,
    ApplicantGroup,
    Application,
    Expense,
    GroupMember,
    Sanction,
    Tranche,
)
from services.grants.policy import city_date
from services.grants.rules import business_numbers
from services.grants.rules.expenses import Agreed, Earlier, Evidence, Purchase, Setting, folded

KIND, FIELD = "expense", "evidence"
"""Of the attached receipts."""


def agreed_of(session: Session, application_id: int) -> tuple[Agreement | None, Agreed | None]:
    """The agreement in force, and what counts of it."""
    versions = agreement_versions.read(session, application_id)
    newest = agreement_versions.in_force(versions)
    if newest is None:
        return None, None
    signed = [each.signed_at for each in versions if each.signed_at is not None]
    lines: dict[tuple[str, str], int] = {}
    for row in newest.budget:
        key = (str(row.get("category") or ""), str(row.get("item") or ""))
        lines[key] = lines.get(key, 0) + int(row.get("grant_won") or 0)
    first_day = max(newest.starts_on, city_date(signed[-1]))
    return newest, Agreed(first_day, newest.ends_on, newest.amount_won, lines)


def paid_won(session: Session, application_id: int) -> int:
    """What was paid of the grant, in won."""
    paid = select(func.sum(Tranche.amount_won)).where(Tranche.application_id == application_id, Tranche.state == "paid")
    return int(session.scalar(paid) or 0)


def setting_of(session: Session, application: Application, now: datetime, before: int | None = None) -> Setting:
    """What an expense of this application is held against: what was decided counts with what was recognised, what
    waits with its amount where it was recorded before number `before` (all of them for a new one)."""
    _, agreed = agreed_of(session, application.id)
    spent: dict[tuple[str, str], int] = {}
    purchases: list[Purchase] = []
    for each in session.scalars(
        select(Expense).where(
            Expense.application_id == application.id, Expense.source == "grant", Expense.state != "withdrawn"
        )
    ):
        if each.id == before or (before is not None and each.state == "filed" and each.id > before):
            continue
        key = (each.category, each.item)
        counts = each.amount_won if each.accepted_won is None else each.accepted_won
        spent[key] = spent.get(key, 0) + counts
        purchases.append(Purchase(*key, each.spent_on, each.payee_key, each.payee_number, counts))
    group = session.get(ApplicantGroup, application.group_id) if application.group_id else None
    members: Sequence[str] = ()
    if group is not None:
        members = session.scalars(
            select(GroupMember.name).where(GroupMember.group_id == group.id, GroupMember.left_at.is_(None))
        ).all()
    names, numbers = _barred(session, city_date(now), application.group_id)
    own = {application.group_name, *((group.name,) if group else ())}
    return Setting(
        agreed=agreed,
        paid_won=paid_won(session, application.id),
        spent=spent,
        purchases=tuple(purchases),
        group_names=frozenset(map(folded, own)),
        group_number=(business_numbers.digits(group.registration_number) or "") if group else "",
        member_names=frozenset(folded(name) for name in members),
        barred_names=names,
        barred_numbers=numbers,
    )


def evidence_of(session: Session, expense: Expense) -> Evidence:
    """The receipts of an expense, and where they were used before: what comes later is the repetition, whatever it is
    attached to."""
    there = files.of_subject(session, KIND, expense.id)
    if not there:
        return Evidence()
    alike = files.likenesses_of(session, there, earlier=True)
    earlier = [each for attachment in there for each in alike[attachment.id]]
    of_expenses = _applications(
        session, [e.attachment.subject_id for e in earlier if e.attachment.subject_kind == KIND]
    )
    reused: list[Earlier] = []
    looks: list[Earlier] = []
    shared = 0
    for each in earlier:
        own = each.attachment.subject_kind != KIND and not each.other_group and not each.other_year
        if each.attachment.subject_kind == KIND:
            owner = of_expenses.get(each.attachment.subject_id)
            if owner is None:  # withdrawn
                continue
            own = owner == expense.application_id
        if own:
            shared += each.same and each.attachment.subject_kind == KIND
        else:
            (reused if each.same else looks).append(Earlier(each.attachment.year, each.other_group))
    return Evidence(len(there), tuple(reused), tuple(looks), shared)


def repeated(session: Session, application: Application, expense: Expense) -> list[Earlier]:
    """Other expenses, of anybody, with the same day, payee and amount: those recorded earlier, and those that are
    recognised already. A correction may make an earlier one the same as a later one that was settled meanwhile."""
    same_payee = [Expense.payee_key == expense.payee_key]
    if expense.payee_number:
        same_payee.append(Expense.payee_number == expense.payee_number)
    rows = session.execute(
        select(Expense.spent_on, Application.group_id)
        .join(Application, Application.id == Expense.application_id)
        .where(
            Expense.spent_on == expense.spent_on,
            Expense.amount_won == expense.amount_won,
            or_(*same_payee),
            *_counts_before(expense),
        )
        .order_by(Expense.id)
        .limit(20)
    )
    return [Earlier(on.year, group_id != application.group_id) for on, group_id in rows]


def _counts_before(expense: Expense) -> list[ColumnElement[bool]]:
    if expense.id is None:
        return [Expense.state.in_(("filed", "accepted"))]
    waiting = and_(Expense.id < expense.id, Expense.state == "filed")
    return [Expense.id != expense.id, or_(waiting, Expense.state == "accepted")]


def _applications(session: Session, expense_ids: Iterable[int]) -> dict[int, int]:
    """Expense -> application, of those that were not withdrawn."""
    ids = list(expense_ids)
    if not ids:
        return {}
    rows = session.execute(
        select(Expense.id, Expense.application_id).where(Expense.id.in_(ids), Expense.state != "withdrawn")
    )
    return dict(rows.all())


def _barred(session: Session, today: date, group_id: int | None) -> tuple[frozenset[str], frozenset[str]]:
    """Names and numbers of the groups that are excluded now."""
    rows = session.execute(
        select(ApplicantGroup.name, ApplicantGroup.registration_number)
        .join(Sanction, Sanction.group_id == ApplicantGroup.id)
        .where(
            Sanction.lifted_at.is_(None),
            Sanction.starts_on <= today,
            Sanction.ends_on >= today,
            ApplicantGroup.id != (group_id or 0),
        )
    ).all()
    numbers = (business_numbers.digits(number) for _, number in rows)
    return frozenset(folded(name) for name, _ in rows), frozenset(filter(None, numbers))
