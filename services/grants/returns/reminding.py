"""Reminders of what is due: returns (a week before, on the day, every week after), and the report of a project that
ended.

Each reminder goes out once: how many were sent stands with the row and is written under its lock in the transaction
that tells. Where several days were missed only the latest is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import applications, notices, policy, programmes, standing
from services.grants.models import Agreement, Application, ReturnOrder
from services.grants.returns.payments import payments, standing_of
from services.grants.rules.returns import AHEAD, reminders_due
from shared.database import Database
from shared.settings import Settings

BATCH = 200


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Remind of returns; True when more wait."""
    return remind_due(database, now)


def tick_reports(database: Database, settings: Settings, now: datetime) -> bool:
    """Remind of reports; True when more wait."""
    return remind_reports(database, now)


def remind_due(database: Database, now: datetime) -> bool:
    """Remind of the next returns for which a reminder is due now; True when more wait."""
    today = policy.city_date(now)
    with database.read() as session:
        rows = session.execute(
            select(ReturnOrder.id, ReturnOrder.due_on, ReturnOrder.reminders)
            .where(ReturnOrder.state == "due", ReturnOrder.due_on <= today + AHEAD)
            .order_by(ReturnOrder.due_on, ReturnOrder.id)
        ).all()
    due = [order_id for order_id, due_on, sent in rows if reminders_due(due_on, today) > sent]
    for order_id in due[:BATCH]:
        remind(database, now, order_id)
    return len(due) > BATCH


def remind(database: Database, now: datetime, order_id: int) -> bool:
    """Remind of one order if a reminder is due now; whether somebody was told."""
    today = policy.city_date(now)
    with database.write() as session:
        application_id = session.scalar(select(ReturnOrder.application_id).where(ReturnOrder.id == order_id))
        if application_id is None:
            return False
        application, _ = applications.locked(session, application_id)
        order = session.get_one(ReturnOrder, order_id, with_for_update=True, populate_existing=True)
        should = reminders_due(order.due_on, today)
        if order.state != "due" or should <= order.reminders:
            return False
        order.reminders, order.reminded_at = should, now
        tenths = programmes.rules_of_application(session, application).settlement.late_tenths
        open_won = standing_of(order, payments(session, order_id), tenths, today).total_won
        path = f"/applications/{application.id}/returns"
        told = standing.accounts_of(session, application)
        number = notices.tell(
            session,
            told,
            "return_overdue" if today > order.due_on else "return_reminder",
            now,
            path=path,
            title=application.title,
            amount_won=open_won,
            until=order.due_on,
        )
        return number > 0


def remind_reports(database: Database, now: datetime) -> bool:
    """Remind those whose project ended of the report: on the day after, a week before it is due, on the day, and every
    week after; True when more wait."""
    today = policy.city_date(now)
    newest = (
        select(Agreement.application_id, func.max(Agreement.version).label("version"))
        .where(Agreement.signed_at.is_not(None))
        .group_by(Agreement.application_id)
        .subquery()
    )
    with database.read() as session:
        rows = session.execute(
            select(Agreement, Application)
            .join(
                newest,
                (newest.c.application_id == Agreement.application_id) & (newest.c.version == Agreement.version),
            )
            .join(Application, Application.id == Agreement.application_id)
            .where(Application.phase == "running", Agreement.ends_on < today)
            .order_by(Agreement.ends_on, Agreement.id)
        ).all()
        due = [
            agreement.id
            for agreement, application in rows
            if _reports_due(agreement.ends_on, _days(session, application), today)[0] > agreement.settlement_reminders
        ]
    for agreement_id in due[:BATCH]:
        remind_of_report(database, now, agreement_id)
    return len(due) > BATCH


def remind_of_report(database: Database, now: datetime, agreement_id: int) -> bool:
    """Remind one group of its report if a reminder is due now; whether somebody was told."""
    with database.write() as session:
        agreement = session.get(Agreement, agreement_id)
        if agreement is None:
            return False
        application, _ = applications.locked(session, agreement.application_id)
        session.refresh(agreement, with_for_update=True)
        should, until = _reports_due(agreement.ends_on, _days(session, application), policy.city_date(now))
        if application.phase != "running" or should <= agreement.settlement_reminders:
            return False
        agreement.settlement_reminders = should
        path = f"/applications/{application.id}/settlement"
        told = standing.accounts_of(session, application)
        return notices.tell(session, told, "settlement_due", now, path=path, title=application.title, until=until) > 0


def _reports_due(ends_on: date, days: int, today: date) -> tuple[int, date]:
    """How many reminders should have been sent, and by when the report is due."""
    until = ends_on + timedelta(days=days)
    return (1 + reminders_due(until, today) if today > ends_on else 0), until


def _days(session: Session, application: Application) -> int:
    return programmes.rules_of_application(session, application).settlement.report_days
