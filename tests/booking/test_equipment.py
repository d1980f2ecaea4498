"""Equipment is lent with a reservation, never more pieces than there are, whoever asks at once."""

from datetime import timedelta
from typing import Any

import pytest

from services.booking import equipment, reservations
from services.booking.equipment import Facts
from services.booking.models import Equipment
from services.booking.rules.interval import Interval
from services.booking.units import get
from tests.booking.conftest import BIG, FAR, NOW, SMALL, Town, at, resident
from tests.booking.racing import race
from tests.booking.test_unit_rules import ELSEWHERE, KEEPER, audit, refused

HOUR = timedelta(hours=1)


@pytest.fixture
def beamer(town: Town) -> Equipment:
    """Two projectors of space 1, 3,000 won each."""
    return equipment.put(town.database, KEEPER, NOW, 1, Facts("빔프로젝터", 2, 3000))


def left(town: Town, unit_id: int, day: int, hour: int, hours: int = 1) -> dict[str, int]:
    start = at(day, hour)
    with town.database.read() as session:
        found = equipment.lendable(session, get(session, unit_id), Interval(start, start + hours * HOUR))
    return {each.equipment.name: each.free for each in found}


def test_what_is_lent_is_missing_until_it_is_back(town: Town, beamer: Equipment) -> None:
    made = town.reserve(resident(1), BIG, at(24, 10), 2, equipment={beamer.id: 2})
    assert left(town, SMALL, 24, 11) == {"빔프로젝터": 0}
    assert left(town, SMALL, 24, 12) == {"빔프로젝터": 2}  # what only touches does not overlap
    told = refused("equipment_lent", town.reserve, resident(2), SMALL, at(24, 11), equipment={beamer.id: 1})
    assert (told.params["name"], told.params["free"]) == ("빔프로젝터", 0)
    assert told.fields == {f"equipment.{beamer.id}": ["equipment_lent"]}
    reservations.cancel(town.database, resident(1), NOW, made.id)
    town.reserve(resident(2), SMALL, at(24, 11), equipment={beamer.id: 2})


def test_loans_that_follow_each_other_share_a_piece(town: Town, beamer: Equipment) -> None:
    """Two loans of one piece each, one after the other: at most one is out at any moment, so one is left."""
    town.reserve(resident(1), SMALL, at(24, 10), equipment={beamer.id: 1})
    town.reserve(resident(2), SMALL, at(24, 11), equipment={beamer.id: 1})
    assert left(town, BIG, 24, 10, 2) == {"빔프로젝터": 1}
    town.reserve(resident(3), BIG, at(24, 10), 2, equipment={beamer.id: 1})


def test_a_reservation_keeps_its_loan_where_it_moves(town: Town, beamer: Equipment) -> None:
    made = town.reserve(resident(1), BIG, at(24, 10), 2, equipment={beamer.id: 2})
    assert made.price_won == 9000 + 6000
    wish = {"people": 2, "purpose": "책 읽기 모임"}
    move = {"unit_id": BIG, "start": at(24, 11), "end": at(24, 13), **wish}
    moved = reservations.change(town.database, resident(1), NOW, made.id, **move)
    assert moved.price_won == 9000 + 6000
    assert left(town, BIG, 24, 10) == {"빔프로젝터": 2}
    assert left(town, BIG, 24, 12) == {"빔프로젝터": 0}
    town.reserve(resident(2), SMALL, at(24, 15), equipment={beamer.id: 1})
    late = {"unit_id": BIG, "start": at(24, 15), "end": at(24, 17), **wish}
    refused("equipment_lent", reservations.change, town.database, resident(1), NOW, made.id, **late)
    assert left(town, BIG, 24, 12) == {"빔프로젝터": 0}  # refused: it stayed what it was
    away = {"unit_id": FAR, "start": at(24, 18), "end": at(24, 20), **wish}
    refused("equipment_unknown", reservations.change, town.database, resident(1), NOW, made.id, **away)


def test_only_what_the_unit_lends(town: Town, beamer: Equipment) -> None:
    chairs = equipment.put(town.database, KEEPER, NOW, 1, Facts("접이식 의자", 20, unit_ids=(BIG,)))
    gone = equipment.put(town.database, KEEPER, NOW, 1, Facts("낡은 앰프", 1, active=False))
    assert left(town, BIG, 24, 10) == {"빔프로젝터": 2, "접이식 의자": 20}
    assert left(town, SMALL, 24, 10) == {"빔프로젝터": 2}
    assert left(town, FAR, 24, 10) == {}
    for unit_id, wanted in ((SMALL, chairs), (BIG, gone), (FAR, beamer)):
        refused("equipment_unknown", town.reserve, resident(), unit_id, at(24, 10), equipment={wanted.id: 1})
    refused("equipment_unknown", town.reserve, resident(), BIG, at(24, 10), equipment={999: 1})
    refused("equipment_count_invalid", town.reserve, resident(), BIG, at(24, 10), equipment={beamer.id: -1})


def test_a_race_lends_no_piece_twice(town: Town, beamer: Equipment) -> None:
    """Two rooms of a space want the projectors of the same hours at once; two single loans can be had per hour."""
    for hour in (9, 11, 13):
        rooms = [(BIG, 2), (SMALL, 2), (BIG, 1), (SMALL, 1)]
        runners: list[Any] = [
            lambda n=n, unit=unit, count=count, hour=hour: town.reserve(  # type: ignore[misc]
                resident(n), unit, at(24, hour), equipment={beamer.id: count}
            )
            for n, (unit, count) in enumerate(rooms * 2, 1)
        ]
        ends = race(runners)
        assert set(ends) <= {"won", "slot_taken", "equipment_lent"}
        assert ends["won"] in (1, 2)
        assert left(town, BIG, 24, hour)["빔프로젝터"] >= 0
    with town.database.read() as session:
        found = equipment._most_lent(session, [beamer.id], Interval(at(24, 0), at(25, 0)))
    assert found[beamer.id] <= 2


def test_keepers_change_it_and_it_is_on_record(town: Town, beamer: Equipment) -> None:
    equipment.put(town.database, KEEPER, NOW, 1, Facts("빔프로젝터", 1, 2000), beamer.id)
    [row] = audit(town, "equipment.changed")
    assert (row.details["before"]["count"], row.details["after"]["count"]) == (2, 1)
    refused("not_allowed", equipment.put, town.database, ELSEWHERE, NOW, 1, Facts("앰프", 1))
    refused("equipment_not_found", equipment.put, town.database, ELSEWHERE, NOW, 2, Facts("앰프", 1), beamer.id)
    told = refused("name_needed", equipment.put, town.database, KEEPER, NOW, 1, Facts("", -1, -1, unit_ids=(FAR,)))
    assert set(told.fields) == {"name", "count", "fee_won", "unit_ids"}
