"""Forgetting: what is personal leaves after MARU_RETENTION_DAYS, anonymised; statistics, ledger and register stay right
(invariant 15).

The time runs from the end of an application (closed, rejected, withdrawn; of a draft: its last save), from a group's or
a reviewer's last day of use, and from the end of an exclusion. An application keeps where, when, how many, its amounts,
scores, votes and states; what people wrote, who they are and the files' contents go. Of files their hashes stay, so
that an old photo is still known again. What was announced to everyone stays: the register, and the committee's
minutes.

Whoever keeps words of people in another table of an application adds a line to `WORDS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, case, cast, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from services.grants import retention_people
from services.grants.audit_trail import NUMBERED_BY_APPLICATION, OWNED
from services.grants.models import (
    AUDIT,
    AgendaItem,
    Agreement,
    Application,
    ApplicationStep,
    Attachment,
    Blob,
    ChangeRequest,
    Expense,
    Filing,
    GroupMember,
    Interest,
    InterimCheck,
    Milestone,
    Objection,
    Project,
    ReturnOrder,
    Review,
    Settlement,
    Signature,
    StageDate,
    Tranche,
)
from services.grants.retention_people import BATCH, NOBODY, OVER, quietly
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM
from shared.settings import Settings

_NO_REASON = "–"  # a rejection always has a reason: this says that there was one

WORDS: tuple[tuple[Any, Mapping[str, Any]], ...] = (
    (Filing, {"answers": {}, "files": []}),
    (ApplicationStep, {"reason": ""}),
    (Objection, {"words": "", "answer": ""}),
    (Review, {"typed": {}, "comment": ""}),
    (Interest, {"note": ""}),
    (StageDate, {"place": "", "note": ""}),
    (AgendaItem, {"conditions": "", "reason": ""}),
    (Agreement, {"body": "", "budget": []}),
    (ChangeRequest, {"details": {}, "reason": "", "answer": ""}),
    (Milestone, {"note": ""}),
    (InterimCheck, {"findings": ""}),
    (Tranche, {"note": ""}),
    (Expense, {"purpose": "", "reason": ""}),
    (Settlement, {"report": {}, "note": ""}),
    (ReturnOrder, {"reason": ""}),
)
"""Tables with an application's number -> what their words become."""
ACCOUNTS: tuple[Any, ...] = (
    Filing.filed_by,
    ApplicationStep.account_id,
    Objection.filed_by,
    ChangeRequest.requested_by,
    Milestone.recorded_by,
    Tranche.requested_by,
    Expense.filed_by,
    Settlement.filed_by,
)
"""Where somebody of the group may stand; who else does (the staff) stays."""


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Forget what is older than the setting says; True when more waits."""
    return forget(database, now, now - timedelta(days=settings.retention_days)) >= BATCH


def forget(database: Database, now: datetime, before: datetime) -> int:
    """Forget the next batch of what ended before this moment; the most rows of one kind that it was."""
    return max(
        _forget_applications(database, now, before),
        retention_people.groups(database, now, before),
        retention_people.members(database, before),
        retention_people.reviewers(database, now, before),
        retention_people.exclusions(database, before),
    )


def _forget_applications(database: Database, now: datetime, before: datetime) -> int:
    since = func.coalesce(
        case((Application.phase == "draft", Application.saved_at), else_=Application.state_since),
        Application.withdrawn_at,
        Application.decided_at,
        Application.created_at,
        Application.submitted_at,
    )
    old = (Application.phase.in_(OVER), Application.account_id != NOBODY, since < before)
    with database.read() as session:
        if session.scalar(select(Application.id).where(*old).limit(1)) is None:
            return 0
    with database.write() as session:
        ids = list(
            session.scalars(
                select(Application.id).where(*old).order_by(Application.id).limit(BATCH).with_for_update(of=Application)
            )
        )
        subjects = _subjects(session, ids)
        _forget_traces(session, ids, subjects)
        for model, blank in WORDS:
            session.execute(quietly(update(model).where(model.application_id.in_(ids)).values(dict(blank))))
        persons = update(Expense).where(Expense.application_id.in_(ids), Expense.payee_number == "")
        session.execute(quietly(persons.values(payee="", payee_key="")))
        agreements = select(Agreement.id).where(Agreement.application_id.in_(ids))
        signed = update(Signature).where(Signature.agreement_id.in_(agreements), Signature.party == "group")
        session.execute(quietly(signed.values(account_id=NOBODY, name="")))
        _forget_files(session, subjects)
        funded = exists().where(Project.application_id == Application.id)
        session.execute(
            quietly(
                update(Application)
                .where(Application.id.in_(ids))
                .values(
                    account_id=NOBODY,
                    saved_by=None,
                    idempotency_key=literal("forgotten-") + cast(Application.id, String),
                    representative="",
                    typed={},
                    answers={},
                    field_revisions={},
                    plan="",
                    conditions="",
                    reason=case((Application.phase == "rejected", _NO_REASON), else_=""),
                    title=case((funded, Application.title), else_=""),
                    group_name=case((funded, Application.group_name), else_=""),
                    latitude=case((funded, Application.latitude)),
                    longitude=case((funded, Application.longitude)),
                )
            )
        )
        for number in ids:
            record(session, AUDIT, SYSTEM, now, "person.forgotten", f"application:{number}")
        return len(ids)


def _subjects(session: Session, ids: Sequence[int]) -> dict[str, list[int]]:
    """What hangs on these applications: kind of a subject -> numbers."""
    found: dict[str, list[int]] = {kind: list(ids) for kind in NUMBERED_BY_APPLICATION}
    for kind, (number, application) in OWNED.items():
        found[kind] = list(session.scalars(select(number).where(application.in_(ids))))
    return found


def _forget_traces(session: Session, ids: Sequence[int], subjects: Mapping[str, Sequence[int]]) -> None:
    """Take the group's people out of the rows and of the audit about these applications; who else acted stays."""
    people = set(
        session.scalars(
            select(GroupMember.account_id)
            .join(Application, Application.group_id == GroupMember.group_id)
            .where(Application.id.in_(ids), GroupMember.account_id.is_not(None))
        )
    )
    people |= set(session.scalars(select(Application.account_id).where(Application.id.in_(ids))))
    people |= set(session.scalars(select(Filing.filed_by).where(Filing.application_id.in_(ids))))
    people -= {NOBODY, None}
    for column in ACCOUNTS:
        model = column.class_
        theirs = update(model).where(model.application_id.in_(ids), column.in_(people))
        nobody = None if model.__table__.c[column.key].nullable else NOBODY
        session.execute(quietly(theirs.values({column.key: nobody})))
    names = [f"{kind}:{number}" for kind, numbers in subjects.items() for number in numbers]
    for at in range(0, len(names), BATCH):
        about = AUDIT.c.subject.in_(names[at : at + BATCH])
        for column in (AUDIT.c.account_id, AUDIT.c.on_behalf_of):
            session.execute(update(AUDIT).where(about, column.in_(people)).values({column.name: None}))
        written = select(AUDIT.c.id, AUDIT.c.details).where(about, AUDIT.c.action == "application.accept")
        for number, details in session.execute(written).all():
            if "reason" in details:
                kept = {name: value for name, value in details.items() if name != "reason"}
                session.execute(update(AUDIT).where(AUDIT.c.id == number).values(details=kept))


def _forget_files(session: Session, subjects: Mapping[str, Sequence[int]]) -> None:
    """Names and contents of the files; a content that another file still needs stays with that one."""
    of_these = or_(
        *(
            and_(Attachment.subject_kind == kind, Attachment.subject_id.in_(numbers))
            for kind, numbers in subjects.items()
            if numbers
        )
    )
    hashes = set(session.scalars(select(Attachment.sha256).where(of_these, Attachment.uploaded_by != NOBODY)))
    blank = {"name": "", "uploaded_by": NOBODY, "idempotency_key": literal("forgotten-") + cast(Attachment.id, String)}
    session.execute(quietly(update(Attachment).where(of_these).values(blank)))
    locked = select(Blob.sha256).where(Blob.sha256.in_(hashes)).order_by(Blob.sha256).with_for_update()
    contents = list(session.scalars(locked))
    needed = exists().where(
        Attachment.sha256 == Blob.sha256,
        or_(Attachment.removed_at.is_(None), Attachment.kept),
        Attachment.uploaded_by != NOBODY,
    )
    session.execute(quietly(update(Blob).where(Blob.sha256.in_(contents), ~needed).values(content=None)))
