"""The interim evaluation (중간평가): the staff's findings and result; the newest one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import calls, files, funded, notices, policy, standing
from services.grants.models import AUDIT, InterimCheck
from services.grants.rules.files import Examined
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

RESULTS = {
    "passed": lazy_gettext("통과"),
    "improve": lazy_gettext("보완"),
    "failed": lazy_gettext("통과하지 못함"),
}
TONES = {"passed": "success", "improve": "warning", "failed": "danger"}
FINDINGS = 10_000
SUBJECT = "interim"


def check(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    checked_on: date | None,
    result: str,
    findings: str,
    evidence: Sequence[Examined] = (),
    key: str,
    unread: Mapping[str, list[str]] | None = None,
) -> InterimCheck:
    """Record an evaluation of a running project. The same key again gives the one that was made.

    Raises Refusal: not_found, other_district, own_application, not_running, invalid_input, key_missing, key_reused.
    """
    calls.check_key(key)
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        made = session.scalar(
            select(InterimCheck).where(
                InterimCheck.application_id == application_id, InterimCheck.idempotency_key == key
            )
        )
        if made is not None:
            if (made.checked_on, made.result, made.findings) != (checked_on, result, findings.strip()):
                raise Refusal("key_reused")
            return made
        funded.check_running(it)
        policy.refuse_problems(_problems(checked_on, result, findings, now), unread)
        made = InterimCheck(
            application_id=application_id,
            checked_on=checked_on or policy.city_date(now),
            result=result,
            findings=findings.strip(),
            checked_by=actor.account_id or 0,
            checked_at=now,
            idempotency_key=key,
        )
        session.add(made)
        session.flush()
        files.attach(
            session,
            actor,
            now,
            evidence,
            it.application,
            it.call,
            subject_kind=SUBJECT,
            subject_id=application_id,
            field=str(made.id),
            key=key,
        )
        details = {"check": made.id, "result": result}
        record(session, AUDIT, actor, now, "interim.checked", f"application:{application_id}", details)
        notices.tell(
            session,
            standing.accounts_of(session, it.application),
            "interim_result",
            now,
            path=f"/applications/{application_id}/interim",
            title=it.application.title,
            result=RESULTS[result],
        )
        return made


def of_application(session: Session, application_id: int) -> Sequence[InterimCheck]:
    """All evaluations, the newest first."""
    return session.scalars(
        select(InterimCheck)
        .where(InterimCheck.application_id == application_id)
        .order_by(InterimCheck.checked_at.desc(), InterimCheck.id.desc())
    ).all()


def _problems(checked_on: date | None, result: str, findings: str, now: datetime) -> policy.Problems:
    if checked_on is None:
        yield "checked_on", "date_missing"
    elif checked_on > policy.city_date(now):
        yield "checked_on", "done_in_future"
    if result not in RESULTS:
        yield "result", "result_missing"
    yield from policy.text_problems("findings", findings, FINDINGS)
