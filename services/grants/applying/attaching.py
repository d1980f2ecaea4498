"""The files of an application: attached and taken away while it is written or corrected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import calls, files, programmes, standing
from services.grants.applying.drafts import may_write
from services.grants.applying.locks import locked_alone
from services.grants.models import Application, Attachment, Call, Filing
from services.grants.rules.files import Examined
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def attach(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    field: str,
    found: Sequence[Examined],
    key: str,
) -> list[Attachment]:
    """Attach files to a question of an application that is being written. Raises Refusal: key_missing, not_found,
    already_submitted, invalid_input (field_unknown, files_too_many)."""
    calls.check_key(key)
    with database.write() as session:
        application = _written(session, actor, application_id)
        rules = programmes.rules_of_application(session, application)
        question = rules.form.field(field)
        if question is None or question.kind != "files":
            raise Refusal("invalid_input", 422, fields={field: ["field_unknown"]})
        call = session.get_one(Call, application.call_id)
        made = files.attach(
            session,
            actor,
            now,
            found,
            application,
            call,
            subject_kind="application",
            subject_id=application_id,
            field=field,
            key=key,
        )
        there = files.of_subject(session, "application", application_id, field)
        if question.most is not None and len(there) > question.most:
            raise Refusal("invalid_input", 422, fields={f"files-{field}": ["files_too_many"]}, file_most=question.most)
        return made


def remove(database: Database, actor: Actor, now: datetime, *, application_id: int, attachment_id: int) -> None:
    """Take a file away; again changes nothing. Raises Refusal: not_found, already_submitted."""
    with database.write() as session:
        application = _written(session, actor, application_id)
        attachment = session.get(Attachment, attachment_id)
        if attachment is None or (attachment.subject_kind, attachment.subject_id) != ("application", application_id):
            raise Refusal("not_found", 404)
        filed = session.scalars(select(Filing.files).where(Filing.application_id == application.id))
        keep = any(each["id"] == attachment.id for of_filing in filed for each in of_filing)
        files.remove(session, actor, now, attachment, keep=keep)


def _written(session: Session, actor: Actor, application_id: int) -> Application:
    application = locked_alone(session, application_id)
    standing.check_applicant(session, actor, application)
    if not may_write(programmes.rules_of_application(session, application), application):
        raise Refusal("already_submitted")
    return application
