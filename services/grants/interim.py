"""The interim evaluation (중간평가): the staff's findings and result; the newest one counts. And the reminder of the
report that it begins with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from services.grants import calls, files, funded, notices, policy, standing
from services.grants.models import AUDIT, Agreement, Application, InterimCheck, Milestone, Tranche
from services.grants.rules.files import Examined
from services.grants.rules.tranches import UNPAID, halfway
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal
from shared.settings import Settings

RESULTS = {
    "passed": lazy_gettext("통과"),
    "improve": lazy_gettext("보완"),
    "failed": lazy_gettext("통과하지 못함"),
}
TONES = {"passed": "success", "improve": "warning", "failed": "danger"}
FINDINGS = 10_000
SUBJECT = "interim"
AHEAD = timedelta(days=7)
"""So many days before it is due the group is told, once for each day that it was moved to."""
BATCH = 200
REMINDED = "interim.reminded"


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


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Remind of interim reports; True when more wait."""
    return remind_due(database, now)


def remind_due(database: Database, now: datetime) -> bool:
    """Remind the next groups whose interim report is due within AHEAD, where it is not filed and a payment waits for
    it; True when more wait."""
    today = policy.city_date(now)
    with database.read() as session:
        until = {
            application_id: halfway(starts_on, ends_on)
            for application_id, starts_on, ends_on, gates in session.execute(_waiting(today))
            if "report_filed" in gates and today <= halfway(starts_on, ends_on) <= today + AHEAD
        }
        told = _reminded(session, until) if until else {}
        due = sorted(each for each, day in until.items() if told.get(each) != day.isoformat())
    for application_id in due[:BATCH]:
        remind(database, now, application_id)
    return len(due) > BATCH


def remind(database: Database, now: datetime, application_id: int) -> bool:
    """Remind one group of its interim report, unless that was done or there is nothing to wait for; whether somebody
    was told. The audit row of the reminder, written under the application's lock, is what says that it was sent."""
    today = policy.city_date(now)
    with database.write() as session:
        it = funded.held(session, application_id)
        rows = session.execute(_waiting(today).where(Application.id == application_id)).all()
        until = next((halfway(starts, ends) for _id, starts, ends, gates in rows if "report_filed" in gates), None)
        if until is None or not today <= until <= today + AHEAD:
            return False
        if _reminded(session, [application_id]).get(application_id) == until.isoformat():
            return False
        details = {"until": until.isoformat()}
        record(session, AUDIT, SYSTEM, now, REMINDED, f"application:{application_id}", details)
        told = standing.accounts_of(session, it.application)
        path = f"/applications/{application_id}/milestones"
        return notices.tell(session, told, "interim_due", now, path=path, title=it.application.title, until=until) > 0


def _waiting(today: date) -> Select[int, date, date, list[str]]:
    """The unpaid tranches of running projects without an interim report: (application, first and last day of the
    agreement in force, gates)."""
    newest = (
        select(Agreement.application_id, func.max(Agreement.version).label("version"))
        .where(Agreement.signed_at.is_not(None))
        .group_by(Agreement.application_id)
        .subquery()
    )
    filed = select(Milestone.key).where(Milestone.application_id == Application.id, Milestone.key == "report_filed")
    return (
        select(Application.id, Agreement.starts_on, Agreement.ends_on, Tranche.gates)
        .join(newest, newest.c.application_id == Application.id)
        .join(
            Agreement,
            (Agreement.application_id == Application.id) & (Agreement.version == newest.c.version),
        )
        .join(Tranche, Tranche.application_id == Application.id)
        .where(
            Application.phase == "running",
            Agreement.starts_on <= today + AHEAD,
            Agreement.ends_on >= today,
            Tranche.state.in_(UNPAID),
            ~exists(filed),
        )
    )


def _reminded(session: Session, application_ids: Collection[int]) -> dict[int, str]:
    """Those of these applications whose groups were reminded already -> the day that they were told last: a change of
    the period moves it."""
    subjects = {f"application:{each}": each for each in application_ids}
    found = session.execute(
        select(AUDIT.c.subject, AUDIT.c.details)
        .where(AUDIT.c.subject.in_(list(subjects)), AUDIT.c.action == REMINDED)
        .order_by(AUDIT.c.id)
    )
    return {subjects[subject]: str(details.get("until")) for subject, details in found}


def _problems(checked_on: date | None, result: str, findings: str, now: datetime) -> policy.Problems:
    if checked_on is None:
        yield "checked_on", "date_missing"
    elif checked_on > policy.city_date(now):
        yield "checked_on", "done_in_future"
    if result not in RESULTS:
        yield "result", "result_missing"
    yield from policy.text_problems("findings", findings, FINDINGS)
