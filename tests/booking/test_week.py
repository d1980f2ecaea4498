"""The week of a unit, the day of many, what is free instead; and that none of it costs more queries with more of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import event

from services.booking.rules.interval import Interval
from services.booking.search import alternatives
from services.booking.units import Filter, find
from services.booking.week import Day, Week, today_of, week_of
from shared.identity.actor import NOBODY, Actor
from tests.booking.conftest import (
    BIG,
    FAR,
    NOW,
    SEOUL,
    SMALL,
    UNKNOWN,
    WHOLE,
    Town,
    at,
    house_of,
    resident,
    space,
    unit,
)  # fmt: skip


@contextmanager
def counting(town: Town) -> Iterator[list[str]]:
    """The statements that run inside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(town.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(town.database.engine, "before_cursor_execute", note)


def queries(statements: list[str]) -> int:
    return sum("SELECT" in statement.upper() for statement in statements)


def shown(day: Day) -> list[str]:
    """A day as "10:00-11:00 free" lines."""
    return [f"{_clock(slot.during.start)}-{_clock(slot.during.end)} {slot.state}" for slot in day.slots]


def _clock(moment: datetime) -> str:
    return moment.astimezone(SEOUL).strftime("%H:%M")


def week(town: Town, actor: Actor = NOBODY, unit_id: int = BIG, day: date = date(2026, 11, 25)) -> Week:
    return week_of(town.database, actor, town.now, unit_id, day)


def test_a_week_runs_from_monday_to_sunday(town: Town) -> None:
    assert [each.date.isoformat() for each in week(town).days] == [f"2026-11-{n}" for n in range(23, 30)]


def test_the_states_of_a_day(town: Town) -> None:
    town.tell(house_of(unit(BIG, "큰 회의실", hours={"weekday": ["09:00", "15:00"], "weekend": None})))
    town.reserve(resident(1), BIG, at(23, 11, 30))
    town.reserve(resident(2), BIG, at(23, 12, 30))
    monday = week(town, resident(1)).days[0]
    assert shown(monday) == [
        "09:00-10:00 past",
        "10:00-11:00 free",
        "11:00-11:30 free",
        "11:30-12:30 mine",
        "12:30-13:30 reserved",
        "13:30-14:00 free",
        "14:00-15:00 free",
    ]
    assert [slot.reservation_id is not None for slot in monday.slots if slot.state in ("mine", "reserved")] == [
        True,
        False,
    ]
    assert "mine" not in str(week(town, NOBODY))
    assert week(town).days[5].closed == "closed_weekday"


def test_a_room_shows_what_the_building_holds(town: Town) -> None:
    town.reserve(resident(1), WHOLE, at(24, 14), 2)
    assert "14:00-16:00 reserved" in shown(week(town, unit_id=SMALL).days[1])


def test_a_building_shows_what_its_rooms_hold_without_overlaps(town: Town) -> None:
    town.reserve(resident(1), BIG, at(24, 14), 2)
    town.reserve(resident(2), SMALL, at(24, 15), 2)
    tuesday = shown(week(town, unit_id=WHOLE).days[1])
    assert [line for line in tuesday if "reserved" in line] == ["14:00-16:00 reserved", "16:00-17:00 reserved"]
    mine = shown(week(town, resident(2), WHOLE).days[1])
    assert [line for line in mine if "free" not in line] == ["14:00-15:00 reserved", "15:00-17:00 mine"]


def test_why_a_day_is_closed(town: Town) -> None:
    christmas = week(town, day=date(2026, 12, 25)).days[4]
    assert (christmas.closed, christmas.slots) == ("closed_holiday", ())
    assert week(town, day=date(2027, 1, 23)).days[5].closed == "too_far_ahead"
    assert week(town, day=date(2027, 1, 22)).days[4].closed is None
    assert week(town, unit_id=UNKNOWN).days[0].closed == "hours_unknown"


def test_a_week_costs_the_same_however_full_it_is(town: Town) -> None:
    with counting(town) as empty:
        week(town, unit_id=WHOLE)
    for day in (24, 25, 26, 27):
        for hour in range(10, 20):
            town.reserve(resident(hour), (BIG, SMALL)[hour % 2], at(day, hour))
    with counting(town) as full:
        week(town, unit_id=WHOLE)
    assert queries(full) == queries(empty) <= 4


def test_the_pages_of_many_units_cost_a_fixed_number(house: Any, town: Town, clock: Any) -> None:
    browser = house.client()

    def costs() -> list[int]:
        found = []
        for path in ("/booking/", "/booking/spaces/1", f"/booking/units/{WHOLE}", "/booking/api/units"):
            with counting(town) as statements:
                assert browser.get(path).status_code == 200
            found.append(queries(statements))
        return found

    costs()
    few = costs()
    rooms = [unit(n, f"{n}호", atoms=[f"unit:{n}"]) for n in range(1000, 1040)]
    whole = unit(WHOLE, "건물 전체", [atom for room in rooms for atom in room["atoms"]])
    town.tell(house_of(*rooms, whole))
    for number in range(30):
        town.tell(space(100 + number, f"쉼터 {number}", [unit(2000 + number, "방")], district="11110"))
    for room in rooms[:20]:
        town.reserve(resident(1), room["unit_id"], at(23, 14))
    assert costs() == few
    assert max(few) <= 6


def test_units_are_found(town: Town) -> None:
    town.tell(
        space(4, "종로 100% 쉼터", [unit(41, "마루", capacity=None)], district="11110", address="종로구 자하문로 2")
    )

    def ids(**wanted: Any) -> list[int]:
        return sorted(each.id for each in find(town.database, Filter(**wanted)).units)

    assert ids() == [BIG, SMALL, WHOLE, FAR, 41]
    assert ids(district="11110") == [41]
    assert ids(text="상도 회의실") == [BIG, SMALL]
    assert ids(text="자하문로") == [41]
    assert ids(text="100%") == [41]
    assert ids(text="%") == [41]
    assert ids(people=20) == [WHOLE, 41]
    assert ids(space_id=2) == [FAR]


def test_pages_of_units(town: Town) -> None:
    town.tell(house_of(*(unit(n, f"{n}호") for n in range(100, 145))))
    first, last, beyond = (find(town.database, Filter(space_id=1), page) for page in (1, 3, 99))
    assert (len(first.units), first.pages, first.total) == (20, 3, 45)
    assert len(last.units) == 5
    assert [each.id for each in beyond.units] == [each.id for each in last.units]


def test_today_of_many(town: Town) -> None:
    units = find(town.database, Filter()).units
    town.reserve(resident(1), BIG, at(23, 14), 2)
    with counting(town) as statements, town.database.read() as session:
        today = today_of(session, NOBODY, NOW, units)
    assert "14:00-16:00 reserved" in shown(today[BIG])
    assert "14:00-15:00 free" in shown(today[SMALL])
    assert queries(statements) == 3


def offered(town: Town, unit_id: int, start: datetime, hours: int = 2, people: int = 2) -> list[tuple[int, str]]:
    wished = Interval(start, start.replace(hour=start.hour + hours))
    found = alternatives.find(town.database, town.now, unit_id, wished, people)
    return [(each.unit.id, each.during.start.astimezone(SEOUL).strftime("%d. %H:%M")) for each in found]


def test_alternatives_around_the_time_and_in_the_place(town: Town) -> None:
    town.reserve(resident(1), BIG, at(24, 14), 2)
    assert offered(town, BIG, at(24, 14)) == [
        (BIG, "24. 12:00"),
        (BIG, "24. 16:00"),
        (BIG, "25. 14:00"),
        (SMALL, "24. 14:00"),
        (FAR, "24. 14:00"),
    ]
    assert offered(town, BIG, at(24, 14), people=5)[3:] == [(FAR, "24. 14:00")]


def test_alternatives_can_all_be_reserved(town: Town) -> None:
    for hour in (10, 14, 16):
        town.reserve(resident(1), WHOLE, at(23, hour), 2)
    wished = Interval(at(23, 15), at(23, 17))
    found = alternatives.find(town.database, NOW, BIG, wished, 2)
    assert found
    for each in found:
        town.reserve(resident(2), each.unit.id, each.during.start, 2)


def test_a_closed_day_leads_to_the_next_open_one(town: Town) -> None:
    assert offered(town, FAR, at(25, 14, month=12))[0] == (FAR, "26. 14:00")


def test_what_no_rule_allows_has_no_alternative(town: Town) -> None:
    assert offered(town, BIG, at(24, 10), hours=6) == []
    assert offered(town, UNKNOWN, at(24, 10), people=999) == []


@pytest.mark.parametrize("count", [3, 60])
def test_alternatives_cost_a_fixed_number(town: Town, count: int) -> None:
    for number in range(count):
        town.tell(space(100 + number, f"쉼터 {number}", [unit(2000 + number, "방")]))
    with counting(town) as statements:
        assert offered(town, BIG, at(24, 14))
    assert queries(statements) <= 10
