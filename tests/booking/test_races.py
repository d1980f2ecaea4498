"""Invariant 2: in a race exactly one wins, by real threads on connections of their own."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from services.booking.models import Occupancy, Reservation
from services.booking.reservations import cancel
from tests.booking.conftest import BIG, BIG_ROOM, SMALL, SMALL_ROOM, WHOLE, Town, at, house_of, resident, unit
from tests.booking.racing import race

N = 12


@pytest.mark.parametrize(
    "units", [[BIG], [WHOLE, BIG], [BIG, SMALL, WHOLE]], ids=["one room", "house or room", "mixed"]
)
def test_one_slot_for_many(town: Town, units: list[int]) -> None:
    for hour in (10, 12, 14, 16):
        runners = [
            lambda n=n, hour=hour: town.reserve(resident(n), units[n % len(units)], at(24, hour), 2)  # type: ignore[misc]
            for n in range(N)
        ]
        ends = race(runners)
        assert set(ends) == {"won", "slot_taken"}
        assert ends["won"] == 1 or (ends["won"] == 2 and SMALL in units)  # the two rooms do not exclude each other
    with town.database.read() as session:
        held = session.execute(select(Occupancy.atom_id, Occupancy.start_at)).all()
    assert len(held) == len(set(held))


def test_overlapping_slots(town: Town) -> None:
    """Each wish overlaps its neighbours: whoever won, no two of them overlap, and none could be added."""
    race([lambda n=n: town.reserve(resident(n), BIG, at(24, 9 + n // 2, 30 * (n % 2)), 2) for n in range(N)])  # type: ignore[misc]
    with town.database.read() as session:
        won = [each.during for each in session.scalars(select(Reservation).order_by(Reservation.start_at))]
    assert won
    assert not any(a.overlaps(b) for a, b in pairwise(won))


def test_a_double_click_makes_one_reservation(town: Town) -> None:
    clicks = [lambda: town.reserve(resident(1), BIG, at(24, 14), 2, idempotency_key="one") for _ in range(N)]
    assert race(clicks) == {"won": N}
    with town.database.read() as session:
        assert len(session.scalars(select(Reservation)).all()) == 1


def test_one_key_for_two_rooms_makes_one(town: Town) -> None:
    runners = [
        lambda n=n: town.reserve(resident(1), (BIG, SMALL)[n % 2], at(24, 14), 2, idempotency_key="one")  # type: ignore[misc]
        for n in range(N)
    ]
    assert race(runners) == {"won": N // 2, "idempotency_key_reused": N // 2}


def test_many_cancel_once(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    ends = race([lambda: cancel(town.database, resident(1), town.now, made.id) for _ in range(N)])
    assert ends == {"won": N}
    with town.database.read() as session:
        assert session.connection().exec_driver_sql(
            "SELECT count(*) FROM outbox WHERE name = 'booking.reservation.cancelled'"
        ).scalar() == 1  # fmt: skip


def test_reserving_while_maps_regroups_the_rooms(town: Town) -> None:
    """The house becomes a set of halves while people reserve it and its rooms: nobody shares an atom, nobody hangs."""
    whole = [unit(WHOLE, "건물 전체", atoms) for atoms in (["unit:12", "unit:13", "hall"], ["unit:12", "unit:13"])]

    def regroup() -> None:
        for n in range(6):
            town.tell(house_of(BIG_ROOM, SMALL_ROOM, whole[n % 2]))

    runners: list[Callable[[], Any]] = [regroup]
    for n in range(N):
        runners.append(lambda n=n: town.reserve(resident(n), (WHOLE, BIG, SMALL)[n % 3], at(24, 14), 2))  # type: ignore[misc]
    ends = race(runners)
    assert set(ends) <= {"won", "slot_taken"}
    with town.database.read() as session:
        held = session.execute(select(Occupancy.atom_id, Occupancy.start_at)).all()
    assert len(held) == len(set(held))
