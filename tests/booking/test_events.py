"""What booking does with the facts of maps: projections that can be rebuilt, reservations that nothing breaks."""

from typing import Any

import pytest
from sqlalchemy import select

from services.booking.events import HANDLERS, PROJECTIONS
from services.booking.models import Atom, Occupancy, Reservation, Unit, unit_atom
from services.booking.units import Filter, find
from shared.refusal import Refusal
from tests.booking.conftest import (
    BIG,
    BIG_ROOM,
    NOW,
    SMALL,
    SMALL_ROOM,
    WHOLE,
    WHOLE_HOUSE,
    Town,
    at,
    house_of,
    resident,
    unit,
)


def held(town: Town, reservation: Reservation) -> set[str]:
    """The keys of the atoms that a reservation holds."""
    atoms = select(Atom.key).join(Occupancy, Occupancy.atom_id == Atom.id)
    with town.database.read() as session:
        return set(session.scalars(atoms.where(Occupancy.reservation_id == reservation.id)))


def state(town: Town) -> dict[str, list[Any]]:
    with town.database.read() as session:
        return {table.name: sorted(map(str, session.execute(select(table)).all())) for table in PROJECTIONS}


def test_facts_are_taken_over(town: Town) -> None:
    with town.database.read() as session:
        unit_12 = session.get_one(Unit, BIG)
        assert (unit_12.name, unit_12.capacity, unit_12.area_m2, unit_12.equipment) == (
            "큰 회의실",
            10,
            "32.5",
            ["빔프로젝터"],
        )
        assert (unit_12.space.name, unit_12.space.zone, unit_12.space.stage) == (
            "상도 마을활력소",
            "Asia/Seoul",
            "open",
        )
        house = select(Atom.key).join(unit_atom).where(unit_atom.c.unit_id == WHOLE)
        assert set(session.scalars(house)) == {"unit:12", "unit:13"}


def test_the_same_fact_again_changes_nothing(town: Town) -> None:
    before = state(town)
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, WHOLE_HOUSE))
    assert state(town) == before


def test_a_removed_unit_becomes_inactive_and_keeps_its_reservations(town: Town) -> None:
    made = town.reserve(resident(), SMALL, at(24, 14))
    town.tell(house_of(BIG_ROOM, unit(WHOLE, "건물 전체", ["unit:12"])))
    with pytest.raises(Refusal, match="unit_inactive"):
        town.reserve(resident(), SMALL, at(24, 16))
    with town.database.read() as session:
        assert session.get_one(Reservation, made.id).live
    assert held(town, made) == {"unit:13"}
    assert SMALL not in [each.id for each in find(town.database, Filter()).units]


def test_a_space_that_closes_takes_no_reservations(town: Town) -> None:
    town.tell({**house_of(BIG_ROOM), "stage": "retired"})
    with pytest.raises(Refusal, match="space_not_open"):
        town.reserve(resident(), BIG, at(24, 14))


def test_a_unit_that_gets_new_atoms_keeps_its_times(town: Town) -> None:
    """The big room becomes dividable: who had it has both halves, and nobody gets a half at that time."""
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    halves = ["half:a", "half:b"]
    town.tell(
        house_of(
            unit(BIG, "큰 회의실", halves),
            SMALL_ROOM,
            unit(WHOLE, "건물 전체", [*halves, "unit:13"], capacity=30),
            unit(15, "큰 회의실 반쪽", ["half:a"]),
        )
    )
    assert held(town, made) == {"unit:12", "half:a", "half:b"}
    for other in (15, BIG, WHOLE):
        with pytest.raises(Refusal, match="slot_taken"):
            town.reserve(resident(2), other, at(24, 15))
    town.reserve(resident(2), 15, at(24, 16))


def test_new_atoms_never_take_from_another(town: Town) -> None:
    """The house grows by a room that is reserved already: both keep what they have."""
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, unit(WHOLE, "건물 전체", ["unit:12"], capacity=30)))
    whole = town.reserve(resident(1), WHOLE, at(24, 14), 2)
    small = town.reserve(resident(2), SMALL, at(24, 15), 2)
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, WHOLE_HOUSE))
    assert held(town, whole) == {"unit:12"}
    assert held(town, small) == {"unit:13"}
    with pytest.raises(Refusal, match="slot_taken"):
        town.reserve(resident(3), SMALL, at(24, 15))


def test_past_and_cancelled_reservations_stay_as_they_were(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14))
    town.tell(house_of(unit(BIG, "큰 회의실", ["half:a"]), SMALL_ROOM, WHOLE_HOUSE), at=at(25, 9))
    assert held(town, made) == {"unit:12"}


def test_a_rebuild_is_identical_and_leaves_reservations_alone(house: Any) -> None:
    """Through the real bus: maps' log applied again gives the same projections; the atoms' numbers stay."""
    from services.maps import demo as maps_demo
    from shared.bus.rebuild import rebuild

    maps_demo.load(house.databases["maps"], NOW)
    house.pump()
    town = Town(house.databases["booking"])
    bookable = find(town.database, Filter()).units
    assert bookable
    before = state(town)
    made = next(filter(None, (_try(town, each.id) for each in bookable)))
    holds = held(town, made)
    applied = rebuild(town.database, HANDLERS, PROJECTIONS)
    assert applied > 0
    assert state(town) == before
    assert held(town, made) == holds


def _try(town: Town, unit_id: int) -> Reservation | None:
    try:
        return town.reserve(resident(), unit_id, at(24, 14), people=1)
    except Refusal:
        return None
