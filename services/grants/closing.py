"""The end of a project: closed when everything came back, then kept in the archive, where nothing changes any more; and
its whole record on one page (한 사업의 기록).

What is kept: what was filed each time, every step with its reason, agreements with their signatures, changes, checks,
payments, expenses with their receipts, the settlement with its hash, returns, exclusions, and the postings of it all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import funded, ledger, notices, process, standing
from services.grants.funded import Funded
from services.grants.models import (
    Agreement,
    Application,
    ApplicationStep,
    Attachment,
    ChangeRequest,
    Filing,
    InterimCheck,
    Milestone,
    Objection,
    Posting,
    ReturnPayment,
    Sanction,
    Signature,
)
from services.grants.returns.reading import came_of
from services.grants.rules.definition import Definition
from services.grants.selection import embargo
from services.grants.settlement.figures import Account, account
from shared.database import Database
from shared.identity.actor import Actor


@dataclass(frozen=True)
class Record:
    """All that is on record of a project."""

    it: Funded
    account: Account
    filings: Sequence[Filing]
    steps: Sequence[ApplicationStep]
    objections: Sequence[Objection]
    agreements: Sequence[Agreement]
    signatures: dict[int, list[Signature]]
    changes: Sequence[ChangeRequest]
    milestones: Sequence[Milestone]
    checks: Sequence[InterimCheck]
    payments: dict[int, list[ReturnPayment]]
    sanctions: Sequence[Sanction]
    postings: Sequence[Posting]
    attachments: Sequence[Attachment]
    archived: bool


def close(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Application:
    """Close a project when nothing is open any more; one that is closed stays so. Raises Refusal: not_found,
    other_district, own_application, step_not_possible, returns_unpaid."""
    return _move(database, actor, now, application_id, "close")


def archive(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Application:
    """Put a closed project into the archive; one that is there stays there. Raises Refusal: as `close`."""
    return _move(database, actor, now, application_id, "archive")


def archived(rules: Definition, application: Application) -> bool:
    """Whether a project is closed for good: no step leads on from where it is."""
    leads_on = any(application.state in each.start for each in rules.transitions)
    return application.phase == "closed" and not leads_on


def record_of(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Record:
    """The whole record, for the group and for those who run the call, whose looking is recorded: a bounded number of
    queries. Raises Refusal: not_found, other_district."""
    with database.read() as session:
        it = funded.opened(session, actor, application_id)
        found = _record(session, it, now)
    funded.viewed(database, actor, now, it, "record")
    return found


def _move(database: Database, actor: Actor, now: datetime, application_id: int, event: str) -> Application:
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        there = it.rules.transition(event, it.application.state)
        if there is None and any(
            each.event == event and each.end == it.application.state for each in it.rules.transitions
        ):
            return it.application  # a second click
        process.move(session, it.application, it.call, event, actor, now)
        told, path = standing.accounts_of(session, it.application), f"/applications/{application_id}/record"
        closed = event == "close"
        notices.tell(
            session,
            told,
            "project_closed" if closed else "project_archived",
            now,
            path=path,
            title=it.application.title,
        )
        return it.application


def _record(session: Session, it: Funded, now: datetime) -> Record:
    application_id = it.application.id
    whole = account(session, it.application, it.call)

    def of(model: Any, *order: Any) -> Sequence[Any]:
        return session.scalars(select(model).where(model.application_id == application_id).order_by(*order)).all()

    agreements = of(Agreement, Agreement.version)
    signed: dict[int, list[Signature]] = {}
    for each in session.scalars(
        select(Signature)
        .where(Signature.agreement_id.in_([each.id for each in agreements]))
        .order_by(Signature.signed_at)
    ):
        signed.setdefault(each.agreement_id, []).append(each)
    steps = of(ApplicationStep, ApplicationStep.id)
    return Record(
        it=it,
        account=whole,
        filings=of(Filing, Filing.number),
        steps=embargo.known_steps(it.rules, it.application, steps, now) if it.own else steps,
        objections=of(Objection, Objection.id),
        agreements=agreements,
        signatures=signed,
        changes=of(ChangeRequest, ChangeRequest.id),
        milestones=of(Milestone, Milestone.done_on),
        checks=of(InterimCheck, InterimCheck.checked_at),
        payments=came_of(session, [each.id for each in whole.orders]),
        sanctions=of(Sanction, Sanction.id),
        postings=ledger.postings_of(session, application_id),
        attachments=session.scalars(
            select(Attachment)
            .where(
                Attachment.subject_kind.in_(("application", "interim", "milestone", "settlement")),
                Attachment.subject_id == application_id,
                Attachment.removed_at.is_(None),
            )
            .order_by(Attachment.id)
        ).all(),
        archived=archived(it.rules, it.application),
    )
