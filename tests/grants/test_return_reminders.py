"""Reminders of returns and of reports: each goes out once, whoever runs the clockwork how often."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from services.grants import interim
from services.grants.models import Agreement, Tranche
from services.grants.policy import SEOUL
from services.grants.returns import reminding
from services.grants.rules.tranches import halfway
from tests.booking.racing import race
from tests.grants.conftest import told
from tests.grants.paying_back import DUE, LATER, owing, pay
from tests.grants.spending import ENDS, OVER, STARTS, Project, running


@pytest.fixture
def settled(database, publish) -> Project:
    return owing(database, publish)


def test_reminders_come_a_week_before_on_the_day_and_weekly_after_each_once(settled) -> None:
    database = settled.database
    kinds: list[tuple[int, str]] = []
    for day in range(31, -20, -1):
        now = datetime(DUE.year, DUE.month, DUE.day, 9, 0, tzinfo=SEOUL) - timedelta(days=day)
        before = len(told(database))
        for _ in range(2):
            reminding.remind_due(database, now)
        kinds += [(-day, each["kind"]) for each in told(database)[before:] if each["account_id"] == 1]
    assert kinds == [
        (-7, "return_reminder"),
        (0, "return_reminder"),
        (7, "return_overdue"),
        (14, "return_overdue"),
    ]


def test_one_reminder_though_two_tickers_run_and_days_were_missed(settled) -> None:
    order = settled.orders()[0]
    now = datetime(DUE.year, DUE.month, DUE.day, 9, 0, tzinfo=SEOUL) + timedelta(days=15)
    before = len(told(settled.database))
    race([lambda: reminding.remind(settled.database, now, order.id)] * 4)
    news = told(settled.database)[before:]
    assert sorted(each["account_id"] for each in news) == [1, 2]
    assert {each["kind"] for each in news} == {"return_overdue"}


def test_nobody_is_reminded_of_what_is_paid(settled) -> None:
    pay(settled, 1_101_000)
    before = len(told(settled.database))
    reminding.remind_due(settled.database, LATER + timedelta(days=60))
    assert len(told(settled.database)) == before


def test_reminded_of_the_interim_report_once_before_half_of_the_period_is_over(database, publish) -> None:
    project = running(database, publish(), paid_won=1_400_000)
    due = halfway(STARTS, ENDS)
    noon = datetime(due.year, due.month, due.day, 12, 0, tzinfo=SEOUL)
    interim.remind_due(database, noon)  # no payment waits for a report
    assert told(database, "interim_due") == []
    with database.write() as session:
        session.execute(update(Tranche).where(Tranche.state != "paid").values(gates=["report_filed"]))
    seen: list[tuple[int, int]] = []
    for day in range(-10, 3):
        now = noon + timedelta(days=day)
        before = len(told(database))
        race([lambda now=now: interim.remind(database, now, project.id)] * 2)
        interim.remind_due(database, now)
        seen += [(day, each["account_id"]) for each in told(database)[before:]]
    assert sorted(seen) == [(-7, 1), (-7, 2)]
    (first, _second) = told(database, "interim_due")
    assert first["path"] == f"/applications/{project.id}/milestones"
    with database.write() as session:  # a change of the period moves the day, and it is told again
        session.execute(update(Agreement).values(ends_on=ENDS + timedelta(days=40)))
    moved = noon + (halfway(STARTS, ENDS + timedelta(days=40)) - due)
    before = len(told(database))
    for day in (-8, -7, -6):
        race([lambda day=day: interim.remind(database, moved + timedelta(days=day), project.id)] * 2)
        interim.remind_due(database, moved + timedelta(days=day))
    assert [each["account_id"] for each in told(database)[before:]] == [1, 2]


def test_reminded_of_the_report_after_the_end(database, publish) -> None:
    project = running(database, publish())
    with database.read() as session:
        ends_on = session.scalars(select(Agreement.ends_on)).one()
    seen: list[int] = []
    for day in range(50):
        now = datetime(ends_on.year, ends_on.month, ends_on.day, 9, 0, tzinfo=SEOUL) + timedelta(days=day)
        before = len(told(database))
        for _ in range(2):
            reminding.remind_reports(database, now)
        seen += [day] * (len(told(database)) > before)
    assert seen == [1, 23, 30, 37, 44]
    project.file()
    before = len(told(database))
    reminding.remind_reports(database, OVER + timedelta(days=100))
    assert len(told(database)) == before
