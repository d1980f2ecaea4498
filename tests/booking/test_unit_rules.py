"""What keepers set for a unit holds for the next reservation, is theirs alone to set, and is on record."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from services.booking import special_days, unit_rules
from services.booking.models import AUDIT
from services.booking.rules.policy import POLICY, NoShowRule, Policy, Quota
from services.booking.rules.settings import problems
from services.booking.rules.tariff import Line, Tariff
from services.booking.units import get
from services.maps.models import UnitRule
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, FAR, NOW, SMALL, UNKNOWN, WHOLE, Town, at, resident

KEEPER = Actor(7, "운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
ELSEWHERE = Actor(8, "다른 운영자", frozenset({Role.SPACE_KEEPER}), spaces=(2,))
DISTRICT = Actor(9, "자치구 담당", frozenset({Role.DISTRICT_STAFF}), district="11590")
OTHER_DISTRICT = Actor(10, "다른 자치구", frozenset({Role.DISTRICT_STAFF}), district="11290")
CITY = Actor(11, "시 담당", frozenset({Role.CITY_STAFF}))
MINUTE = timedelta(minutes=1)
QUARTERS = Policy(grid=15 * MINUTE, shortest=15 * MINUTE, longest=90 * MINUTE)
WEEK = [("10:00", "18:00")] * 5 + [None, ("13:00", "15:00")]


def audit(town: Town, action: str) -> list[Any]:
    with town.database.read() as session:
        return list(session.execute(select(AUDIT).where(AUDIT.c.action == action).order_by(AUDIT.c.id)))


def refused(code: str, call: Any, *arguments: Any, **options: Any) -> Refusal:
    with pytest.raises(Refusal) as told:
        call(*arguments, **options)
    assert told.value.code == code
    return told.value


def test_rules_hold_from_then_on_and_are_on_record(town: Town) -> None:
    assert unit_rules.set_policy(town.database, KEEPER, NOW, BIG, QUARTERS) == 1
    town.reserve(resident(), BIG, at(24, 10, 15), 1.25)
    refused("too_long", town.reserve, resident(), BIG, at(24, 14), 2)
    town.reserve(resident(), SMALL, at(24, 14), 2)  # the other room keeps its own rules
    [row] = audit(town, "unit.rules_set")
    assert (row.account_id, row.subject) == (7, f"unit:{BIG}")
    assert row.details["before"] == {"settings": {}}
    assert row.details["after"]["settings"]["longest"] == 90
    assert unit_rules.set_policy(town.database, KEEPER, NOW, BIG, QUARTERS) == 0
    assert len(audit(town, "unit.rules_set")) == 1


def test_all_units_of_the_space_at_once(town: Town) -> None:
    assert unit_rules.set_policy(town.database, KEEPER, NOW, BIG, QUARTERS, everywhere=True) == 3
    with town.database.read() as session:
        assert {get(session, each).policy for each in (BIG, SMALL, WHOLE)} == {QUARTERS}
        assert get(session, FAR).policy == POLICY


@pytest.mark.parametrize("actor", [resident(), ELSEWHERE, OTHER_DISTRICT], ids=["resident", "keeper", "district"])
def test_others_may_not(town: Town, actor: Actor) -> None:
    refused("not_allowed", unit_rules.read, town.database, actor, BIG)
    refused("not_allowed", unit_rules.set_policy, town.database, actor, NOW, BIG, QUARTERS)
    refused("not_allowed", unit_rules.set_hours, town.database, actor, NOW, BIG, WEEK)
    refused("not_allowed", unit_rules.set_tariff, town.database, actor, NOW, BIG, None)
    refused("not_allowed", special_days.put, town.database, actor, NOW, BIG, date(2026, 12, 1))
    refused("not_allowed", special_days.put_holiday, town.database, actor, NOW, date(2026, 12, 1), "임시공휴일")


@pytest.mark.parametrize("actor", [KEEPER, DISTRICT, CITY], ids=["keeper", "district", "city"])
def test_who_runs_the_space_may(town: Town, actor: Actor) -> None:
    assert unit_rules.set_policy(town.database, actor, NOW, BIG, QUARTERS) == 1
    refused("unit_not_found", unit_rules.set_policy, town.database, actor, NOW, 99, QUARTERS)


def test_a_change_that_nobody_saw_is_not_overwritten(town: Town) -> None:
    seen = unit_rules.read(town.database, KEEPER, BIG).seen
    unit_rules.set_policy(town.database, DISTRICT, NOW, BIG, QUARTERS, seen=seen)
    refused("rules_changed_meanwhile", unit_rules.set_tariff, town.database, KEEPER, NOW, BIG, None, seen=seen)
    seen = unit_rules.read(town.database, KEEPER, BIG).seen
    assert unit_rules.set_policy(town.database, KEEPER, NOW, BIG, POLICY, seen=seen) == 1


@pytest.mark.parametrize(
    ("policy", "field", "code"),
    [
        (Policy(grid=7 * MINUTE), "grid", "grid_unknown"),
        (Policy(shortest=45 * MINUTE), "shortest", "length_off_grid"),
        (Policy(shortest=120 * MINUTE, longest=60 * MINUTE), "longest", "longest_below_shortest"),
        (Policy(window=timedelta(days=500)), "window", "setting_out_of_range"),
        (Policy(residents_first=timedelta(days=60)), "residents_first", "residents_first_too_long"),
        (Policy(audience="friends"), "audience", "setting_out_of_range"),
        (Policy(quotas=(Quota("person", "day", 0),)), "quota_person_day", "setting_out_of_range"),
        (Policy(quotas=(Quota("cat", "day", 1),)), "quotas", "setting_out_of_range"),
        (Policy(no_shows=NoShowRule()), "no_show_count", "no_shows_need_check_in"),
    ],
)
def test_what_can_not_be_set(town: Town, policy: Policy, field: str, code: str) -> None:
    told = refused(code, unit_rules.set_policy, town.database, KEEPER, NOW, BIG, policy)
    assert code in told.fields[field]


def test_the_ordinary_rules_can_be_set() -> None:
    assert not list(problems(POLICY))


def test_own_hours_go_before_those_of_maps_and_back(town: Town) -> None:
    unit_rules.set_hours(town.database, KEEPER, NOW, BIG, WEEK, {"weekdays": [], "holidays": False})
    refused("outside_hours", town.reserve, resident(), BIG, at(24, 9))
    refused("closed_weekday", town.reserve, resident(), BIG, at(28, 14))
    town.reserve(resident(), BIG, at(29, 13), 2)
    town.reserve(resident(), BIG, at(25, 10, month=12), 1)  # Christmas: open now
    unit_rules.set_hours(town.database, KEEPER, NOW, BIG, None)
    town.reserve(resident(), BIG, at(24, 9))
    refused("hours_always_closed", unit_rules.set_hours, town.database, KEEPER, NOW, BIG, [None] * 7)
    late = [("18:00", "09:00"), *[None] * 6]
    told = refused("hours_end_before_start", unit_rules.set_hours, town.database, KEEPER, NOW, BIG, late)
    assert told.fields == {"days.0": ["hours_end_before_start"]}


def test_other_services_are_told_of_hours_and_fees_only(house: Any, town: Town) -> None:
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, QUARTERS)
    unit_rules.set_hours(town.database, KEEPER, NOW, BIG, WEEK)
    unit_rules.set_tariff(town.database, KEEPER, NOW, BIG, Tariff((Line(1000),)))
    house.pump()
    with house.databases["maps"].read() as session:
        rule = session.get(UnitRule, BIG)
    assert rule.hours["days"] == [list(pair) if pair else None for pair in WEEK]
    assert rule.tariff["lines"][0]["unit_won"] == 1000


def test_a_special_day(town: Town) -> None:
    town.reserve(resident(), BIG, at(24, 9))
    outcome = special_days.put(town.database, KEEPER, NOW, BIG, date(2026, 11, 24), "12:00", "23:00", "축제")
    assert (outcome.units, outcome.misfits) == (1, 1)
    town.reserve(resident(), BIG, at(24, 21), 2)
    refused("outside_hours", town.reserve, resident(), BIG, at(24, 10))
    special_days.put(town.database, KEEPER, NOW, BIG, date(2026, 11, 26))
    refused("closed_special", town.reserve, resident(), BIG, at(26, 10))
    assert special_days.remove(town.database, KEEPER, NOW, BIG, date(2026, 11, 26)) == 1
    town.reserve(resident(), BIG, at(26, 10))
    put = (special_days.put, town.database, KEEPER, NOW, BIG)
    refused("special_hours_incomplete", *put, date(2026, 11, 26), "10:00", None)
    refused("hours_end_before_start", *put, date(2026, 11, 26), "10:00", "10:00")
    refused("day_over", *put, date(2026, 11, 22))
    assert [row.details["after"] and row.details["after"]["opens"] for row in audit(town, "unit.special_day_set")] == [
        "12:00",
        None,
    ]


def test_a_temporary_holiday_closes_what_closes_on_holidays(town: Town) -> None:
    special_days.put_holiday(town.database, CITY, NOW, date(2026, 11, 27), "임시공휴일", "Temporary holiday")
    refused("closed_holiday", town.reserve, resident(), BIG, at(27, 10))
    special_days.remove_holiday(town.database, CITY, NOW, date(2026, 11, 27))
    town.reserve(resident(), BIG, at(27, 10))
    refused("name_needed", special_days.put_holiday, town.database, CITY, NOW, date(2026, 11, 27), " ")
    assert audit(town, "holiday.removed")[0].details["before"]["name"] == "임시공휴일"


def test_a_space_with_all_its_rules_costs_three_queries(town: Town) -> None:
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, QUARTERS, everywhere=True)
    statements: list[str] = []

    def count(*told: Any) -> None:
        statements.append(told[2])

    event.listen(town.database.engine, "before_cursor_execute", count)
    try:
        space, units = unit_rules.read_space(town.database, KEEPER, 1)
    finally:
        event.remove(town.database.engine, "before_cursor_execute", count)
    assert (space.id, {each.unit.id for each in units}) == (1, {WHOLE, SMALL, BIG})
    assert all(each.rules is not None and each.seen for each in units)
    assert len([each for each in statements if each.startswith("SELECT")]) <= 3


def test_residents_read_the_keeper_s_hours_and_fee_everywhere(house: Any, town: Town, clock: Any) -> None:
    """A room of which maps knows no hours can be reserved once its keeper has set them, and all pages tell those."""
    clock(town.now)
    browser = house.client()
    assert "운영시간이 확인되지 않았습니다" in browser.get(f"/booking/units/{UNKNOWN}").text
    hours = [("11:00", "23:00")] * 7
    unit_rules.set_hours(town.database, CITY, NOW, UNKNOWN, hours, {"weekdays": [1], "holidays": False})
    unit_rules.set_tariff(town.database, CITY, NOW, UNKNOWN, Tariff((Line(7700),)))
    for path in (f"/booking/units/{UNKNOWN}", "/booking/spaces/3", f"/booking/units/{UNKNOWN}/reserve"):
        page = browser.get(path).text
        assert "11:00–23:00" in page, path
        assert "7,700" in page, path
    week = browser.get(f"/booking/units/{UNKNOWN}").text
    assert "매주 월요일" in week
    assert f"/booking/units/{UNKNOWN}/reserve?start=2026-11-24T11:00" in week.replace("%3A", ":")
