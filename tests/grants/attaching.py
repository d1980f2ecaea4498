"""Attaching files in tests, and what is then in the database."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from services.grants import files
from services.grants.models import AUDIT, Application, Attachment, Blob, Call
from services.grants.rules.file_kinds import ANY
from shared.database import Database
from shared.identity.actor import Actor
from tests.grants import file_makers as make
from tests.grants.conftest import CLOSES, DURING, OPENS, resident

NOW = DURING
JPEG = make.jpeg(2, (200, 150))


def attach(session: Session, content: bytes, actor: Actor | None = None, **changed: Any) -> Attachment:
    values: dict[str, Any] = {
        "subject_kind": "expense",
        "subject_id": 1,
        "field": "evidence",
        "key": "key-1",
        "district": "11590",
        "group_id": 1,
        "call_id": 1,
        "year": 2026,
    }
    name = changed.pop("name", "영수증.pdf" if content.startswith(b"%PDF") else "사진.jpg")
    found = files.examined(changed.get("field", "evidence"), name, content, changed.pop("allowed", ANY))
    return files.attach_one(session, actor or resident(), NOW, found, **(values | changed))


def attached(database: Database, content: bytes, actor: Actor | None = None, **changed: Any) -> Attachment:
    with database.write() as session:
        return attach(session, content, actor, **changed)


def audit(database: Database) -> list[tuple[str, str, int]]:
    with database.read() as session:
        rows = session.execute(select(AUDIT.c.action, AUDIT.c.subject, AUDIT.c.account_id).order_by(AUDIT.c.id))
        return [tuple(row) for row in rows if row.action.startswith("file.")]


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def content_of(database: Database, sha256: str) -> bytes | None:
    with database.read() as session:
        return session.get_one(Blob, sha256, options=[undefer(Blob.content)]).content


def application_of(database: Database, account_id: int = 1) -> int:
    """An application filed to a call of 동작구, and its number: whose files they are is all that counts here."""
    with database.write() as session:
        call = Call(
            district="11590",
            programme="integrated_call",
            title="동작구 통합공모",
            body="세 사람 이상이면 신청할 수 있습니다.",
            strands=[],
            opens_at=OPENS,
            closes_at=CLOSES,
            results_on=date(2026, 4, 3),
            budget_won=10_000_000,
            ceiling_won=3_000_000,
            created_by=1,
            created_at=OPENS,
            idempotency_key="call",
            published_at=OPENS,
        )
        session.add(call)
        session.flush()
        application = Application(
            call_id=call.id,
            district="11590",
            account_id=account_id,
            representative="주민",
            group_name="느티나무 이웃회",
            idempotency_key="draft",
            state="submitted",
            phase="intake",
            number=1,
            receipt="2026-0001-0001",
            submitted_at=NOW,
        )
        session.add(application)
        session.flush()
        return application.id
