"""Invariant 1: no two live reservations hold an atom at one time, by the code and by the database itself."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from services.booking.models import Base, Occupancy
from services.booking.refusals import refusal_of
from services.booking.reservations import cancel
from shared.migrations import check
from shared.refusal import Refusal
from tests.booking.conftest import BIG, SMALL, WHOLE, Town, at, resident

A, B = at(24, 12), at(24, 14)
POSITIONS = {
    "before": (at(24, 10), at(24, 11), True),
    "meets": (at(24, 10), A, True),
    "overlaps the start": (at(24, 11), at(24, 13), False),
    "the same": (A, B, False),
    "begins it": (A, at(24, 13), False),
    "begins with it and goes on": (A, at(24, 15), False),
    "inside": (at(24, 12, 30), at(24, 13, 30), False),
    "ends it": (at(24, 13), B, False),
    "ends with it and began before": (at(24, 11), B, False),
    "around": (at(24, 11), at(24, 15), False),
    "overlaps the end": (at(24, 13), at(24, 15), False),
    "is met": (B, at(24, 16), True),
    "after": (at(24, 15), at(24, 16), True),
}


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [(BIG, BIG, True), (WHOLE, BIG, True), (SMALL, WHOLE, True), (BIG, SMALL, False)],
    ids=["same unit", "building then room", "room then building", "siblings"],
)
def test_two_intervals(town: Town, first: int, second: int, share: bool) -> None:
    """Each position of the second to the first, each on a day of its own."""
    weekdays = [timedelta(days=day) for day in (0, 1, 2, 3, 6, 7, 8, 9, 10, 13, 14, 15, 16)]
    ends = {}
    for day, (position, (start, end, _apart)) in zip(weekdays, POSITIONS.items(), strict=True):
        town.reserve(resident(1), first, A + day, 2)
        try:
            town.reserve(resident(2), second, start + day, (end - start) / timedelta(hours=1))
            ends[position] = "made"
        except Refusal as refusal:
            ends[position] = f"{refusal.code} {refusal.status}"
    expected = {name: "made" if apart or not share else "slot_taken 409" for name, (*_, apart) in POSITIONS.items()}
    assert ends == expected


def test_a_refused_reservation_leaves_nothing(town: Town) -> None:
    town.reserve(resident(1), BIG, A, 2)
    with pytest.raises(Refusal):
        town.reserve(resident(2), WHOLE, A, 2)
    with town.database.read() as session:
        counts = [
            session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            for table in ("reservation", "outbox", "audit", "occupancy")
        ]
    assert counts == [1, 1, 1, 1]


def test_a_cancelled_time_is_free_again(town: Town) -> None:
    first = town.reserve(resident(1), WHOLE, A, 2)
    cancel(town.database, resident(1), town.now, first.id)
    town.reserve(resident(2), BIG, A, 2)
    town.reserve(resident(3), SMALL, A, 2)


@pytest.mark.parametrize(
    ("start", "end"), [(at(24, 11), at(24, 13)), (A, B), (at(24, 13), at(24, 15)), (A, at(24, 13))]
)
def test_the_database_refuses_what_overlaps(town: Town, start: datetime, end: datetime) -> None:
    made = town.reserve(resident(1), BIG, A, 2)
    with town.database.read() as session:
        (atom,) = session.scalars(select(Occupancy.atom_id)).all()
    row = {"atom_id": atom, "start_at": start, "end_at": end, "reservation_id": made.id}
    row |= {"guard_start": start, "guard_end": end}
    with pytest.raises(IntegrityError) as broken, town.database.write() as session:
        session.execute(insert(Occupancy), [row])
    refusal = refusal_of(broken.value)
    assert refusal is not None
    assert refusal.code == "slot_taken"


def test_the_database_refuses_to_move_into_another(town: Town) -> None:
    town.reserve(resident(1), BIG, A, 2)
    second = town.reserve(resident(2), BIG, B, 2)
    move = update(Occupancy).where(Occupancy.reservation_id == second.id)
    with pytest.raises(IntegrityError), town.database.write() as session:
        session.execute(move.values(start_at=at(24, 13)))
    with town.database.write() as session:  # within its own time it may move
        session.execute(move.values(start_at=at(24, 15)))


def test_raw_sql_is_refused_as_well(town: Town) -> None:
    town.reserve(resident(1), BIG, A, 2)
    copy = (
        "INSERT INTO occupancy (atom_id, start_at, end_at, guard_start, guard_end, reservation_id) "
        "SELECT atom_id, {} , end_at, guard_start, guard_end, reservation_id FROM occupancy"
    )
    later = "datetime(start_at, '+30 minutes')" if town.database.is_sqlite else "start_at + interval '30 minutes'"
    with pytest.raises(IntegrityError), town.database.write() as session:
        session.execute(text(copy.format(later)))


def test_the_migration_makes_the_models(town: Town) -> None:
    assert check(town.database, "services.booking", Base.metadata) == []
