"""Forgetting: what is personal leaves when it is old, the statistics stay (invariant 15)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from services.booking import no_shows, people, reservations, retention, series
from services.booking.models import AUDIT, Base, NoShow, Reservation, Series
from services.booking.reservations import lock_reservation
from services.booking.rules.recurrence import Recurrence
from services.booking.series.survey import Plan
from shared.identity.actor import SYSTEM
from tests.booking.conftest import BIG, FAR, NOW, SMALL, Town, at, resident

PURPOSE, GROUP = "아무도모르는모임", "아무도모르는이름"
LATER = NOW + timedelta(days=400)
YEAR = timedelta(days=365)


def everything(town: Town) -> str:
    """All that stands in booking's tables, but for the clockwork of the bus."""
    with town.database.read() as session:
        tables = [table for table in Base.metadata.tables.values() if table.name not in ("inbox",)]
        rows = {table.name: [list(map(str, row)) for row in session.execute(select(table))] for table in tables}
    return json.dumps(rows, ensure_ascii=False)


def figures(town: Town) -> list[tuple[Any, ...]]:
    columns = (Reservation.unit_id, Reservation.start_at, Reservation.end_at, Reservation.people, Reservation.status)
    with town.database.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(Reservation.id))]


def fill(town: Town) -> None:
    told = {"email": "secret@example.org", "phone": "010-1234-5678", "channels": ["email"]}
    people.tell_about_me(town.database, resident(71), NOW, **told)
    words = {"purpose": PURPOSE, "group_name": GROUP}
    town.reserve(resident(71), BIG, at(24, 14), 2, **words)
    gone = town.reserve(resident(71), SMALL, at(25, 14), 2, **words)
    reservations.cancel(town.database, resident(71), NOW, gone.id, reason=PURPOSE)
    missed = town.reserve(resident(71), FAR, at(26, 14), 1, **words)
    with town.database.write() as session:
        _locked, reservation = lock_reservation(session, missed.id)
        reservation.status = "confirmed"
        no_shows.mark(session, reservation, at(26, 15), None)
    rule = Recurrence(at(30, 0).date(), "week", count=3)
    plan = Plan(BIG, rule, opens="14:00", closes="16:00", people=4, purpose=PURPOSE, group_name=GROUP)
    series.make(town.database, resident(71), NOW, plan, "a key of somebody")


def test_what_is_old_names_nobody_and_the_figures_stay(town: Town) -> None:
    fill(town)
    before = figures(town)
    retention.forget(town.database, LATER, LATER - YEAR)
    left = everything(town)
    for personal in (PURPOSE, GROUP, "secret@example.org", "1234-5678", "01012345678", "a key of somebody"):
        assert personal not in left, personal
    assert figures(town) == before
    with town.database.read() as session:
        for table, column in ((Reservation, Reservation.account_id), (Series, Series.account_id)):
            assert session.scalar(select(func.count()).select_from(table).where(column == 71)) == 0
        assert session.scalars(select(NoShow.account_id)).all() == [retention.NOBODY]
        assert session.scalar(select(func.count()).where(AUDIT.c.account_id == 71)) == session.scalar(
            select(func.count()).where(AUDIT.c.account_id == 71, AUDIT.c.subject.like("account:%"))
        )


def test_what_is_not_old_stays(town: Town) -> None:
    fill(town)
    before = everything(town)
    assert retention.forget(town.database, NOW + timedelta(days=100), NOW + timedelta(days=100) - YEAR) == 0
    assert everything(town) == before


def test_staff_stay_in_the_trail(town: Town) -> None:
    fill(town)
    with town.database.read() as session:
        before = session.scalar(select(func.count()).where(AUDIT.c.account_id == SYSTEM.account_id))
        rows = session.scalar(select(func.count()).select_from(AUDIT))
    retention.forget(town.database, LATER, LATER - YEAR)
    with town.database.read() as session:
        after = session.scalar(select(func.count()).where(AUDIT.c.account_id == SYSTEM.account_id))
        assert session.scalar(select(func.count()).select_from(AUDIT)) >= rows
    assert after >= before


def test_doing_so_again_changes_nothing(town: Town) -> None:
    fill(town)
    retention.forget(town.database, LATER, LATER - YEAR)
    first = everything(town)
    assert retention.forget(town.database, LATER, LATER - YEAR) == 0
    assert everything(town) == first
