"""The checklist: each line says no for its own reason, and yes to what is allowed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.booking.refusals import SENTENCES
from services.booking.rules.hours import Opening
from services.booking.rules.interval import Interval
from services.booking.rules.policy import (
    POLICY,
    Asker,
    NoShowRule,
    Place,
    Policy,
    Quota,
    Wish,
    check,
    needs_approval,
    period_of,
)
from services.booking.rules.schedule import Schedule
from shared.refusal import Refusal
from tests.booking.conftest import NOW, SEOUL, at

OPENING = Opening(("09:00", "21:00"), ("10:00", "18:00"), frozenset({7}), frozenset({(2, 2)}), closed_on_holidays=True)
ROOM = Place(active=True, stage="open", schedule=Schedule(OPENING, SEOUL), capacity=10, zone=SEOUL, district="11590")
WISH = Wish(Interval(at(24, 14), at(24, 16)), people=4, purpose="책 읽기 모임")


def during(start: object, end: object) -> Wish:
    return replace(WISH, during=Interval(start, end))  # type: ignore[arg-type]


def test_an_ordinary_wish_is_allowed() -> None:
    check(ROOM, WISH, NOW)


@pytest.mark.parametrize(
    "wish",
    [
        during(at(24, 9), at(24, 13)),  # from opening on, the longest
        during(at(24, 20, 30), at(24, 21)),  # until closing, the shortest
        during(at(23, 10), at(23, 11)),  # from this very moment
        during(at(22, 14, month=1, year=2027), at(22, 15, month=1, year=2027)),  # the last day of the window
        replace(WISH, people=10),
        replace(WISH, people=1, group_name="가" * 80, purpose="나" * 200),
    ],
)
def test_the_edges_are_allowed(wish: Wish) -> None:
    check(ROOM, wish, NOW)


@pytest.mark.parametrize(
    ("place", "wish", "code", "field"),
    [
        (replace(ROOM, active=False), WISH, "unit_inactive", "unit_id"),
        (replace(ROOM, stage="construction"), WISH, "space_not_open", "unit_id"),
        (replace(ROOM, schedule=Schedule(None, SEOUL)), WISH, "hours_unknown", "unit_id"),
        (ROOM, during(at(24, 16), at(24, 14)), "end_before_start", "end"),
        (ROOM, during(at(24, 14), at(24, 14)), "end_before_start", "end"),
        (ROOM, during(at(24, 14, 10), at(24, 15)), "off_grid", "start"),
        (ROOM, during(at(24, 14), at(24, 15, 15)), "off_grid", "end"),
        (ROOM, during(at(24, 14) + timedelta(seconds=1), at(24, 15)), "off_grid", "start"),
        (ROOM, during(at(24, 14), at(24, 18, 30)), "too_long", "end"),
        (ROOM, during(at(23, 9, 30), at(23, 10, 30)), "in_the_past", "start"),
        (ROOM, during(at(23, 14, month=1, year=2027), at(23, 15, month=1, year=2027)), "too_far_ahead", "start"),
        (ROOM, during(at(29, 14), at(29, 15)), "closed_weekday", "start"),
        (ROOM, during(at(8, 14, month=12), at(8, 15, month=12)), "closed_monthly", "start"),
        (ROOM, during(at(25, 14, month=12), at(25, 15, month=12)), "closed_holiday", "start"),
        (ROOM, during(at(24, 8), at(24, 10)), "outside_hours", "start"),
        (ROOM, during(at(24, 20), at(24, 22)), "outside_hours", "start"),
        (ROOM, during(at(28, 9), at(28, 11)), "outside_hours", "start"),
        (ROOM, replace(WISH, people=0), "people_too_few", "people"),
        (ROOM, replace(WISH, people=11), "people_too_many", "people"),
        (ROOM, replace(WISH, purpose="  "), "purpose_needed", "purpose"),
        (ROOM, replace(WISH, purpose="가" * 201), "purpose_too_long", "purpose"),
        (ROOM, replace(WISH, group_name="가" * 81), "group_name_too_long", "group_name"),
    ],
)
def test_each_line_refuses(place: Place, wish: Wish, code: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(place, wish, NOW)
    assert refused.value.code == code
    assert refused.value.status == 422
    assert refused.value.fields == {field: [code]}
    assert code in SENTENCES


def test_shorter_than_the_grid_is_too_short_as_well() -> None:
    with pytest.raises(Refusal) as refused:
        check(ROOM, during(at(24, 14), at(24, 14, 10)), NOW)
    assert refused.value.fields == {"end": ["off_grid", "too_short"]}


def test_everything_wrong_is_told_at_once() -> None:
    wish = replace(during(at(24, 20), at(24, 22)), people=99, purpose="")
    with pytest.raises(Refusal) as refused:
        check(ROOM, wish, NOW)
    assert refused.value.fields == {
        "start": ["outside_hours"],
        "people": ["people_too_many"],
        "purpose": ["purpose_needed"],
    }


def test_an_unknown_capacity_limits_nobody() -> None:
    check(replace(ROOM, capacity=None), replace(WISH, people=500), NOW)


def test_over_midnight_where_it_never_closes() -> None:
    always = replace(ROOM, schedule=Schedule(Opening(("00:00", "24:00"), ("00:00", "24:00")), SEOUL))
    check(always, during(at(24, 23), at(25, 2)), NOW)
    closed = Opening(("00:00", "24:00"), ("00:00", "24:00"), closed_weekdays=frozenset({3}))
    with pytest.raises(Refusal, match="outside_hours"):  # Tuesday night into a closed Wednesday
        check(replace(always, schedule=Schedule(closed, SEOUL)), during(at(24, 23), at(25, 2)), NOW)


NEIGHBOUR = Asker(district="11590")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OF_PERSON, OF_GROUP = Quota("person", "week", 2), Quota("group", "month", 4)
NEXT_YEAR = during(at(20, 14, month=1, year=2027), at(20, 15, month=1, year=2027))


@pytest.mark.parametrize(
    ("rules", "asker", "wish", "code"),
    [
        ({"notice": 29 * HOUR}, NEIGHBOUR, WISH, "too_soon"),
        ({"notice": 28 * HOUR}, NEIGHBOUR, WISH, None),
        ({"notice": 29 * HOUR}, Asker(keeper=True), WISH, None),
        ({"window": 10 * DAY}, Asker(keeper=True), NEXT_YEAR, None),
        ({"audience": "district"}, Asker(), WISH, "district_only"),
        ({"audience": "district"}, Asker(district="11290"), WISH, "district_only"),
        ({"audience": "district"}, NEIGHBOUR, WISH, None),
        ({"audience": "group"}, NEIGHBOUR, WISH, "group_only"),
        ({"audience": "group"}, Asker(group_id=7), WISH, None),
        ({"residents_first": 5 * DAY}, Asker(), NEXT_YEAR, "district_first"),
        ({"residents_first": 5 * DAY}, NEIGHBOUR, NEXT_YEAR, None),
        ({"residents_first": 2 * DAY}, Asker(), NEXT_YEAR, None),
        ({"quotas": (OF_PERSON,)}, Asker(used={OF_PERSON: 2}), WISH, "quota_person_week"),
        ({"quotas": (OF_PERSON,)}, Asker(used={OF_PERSON: 1}), WISH, None),
        ({"quotas": (OF_GROUP,)}, Asker(group_id=7, used={OF_GROUP: 4}), WISH, "quota_group_month"),
        ({"quotas": (OF_GROUP,)}, Asker(used={OF_GROUP: 4}), WISH, None),
        ({}, Asker(blocked_until=NOW + DAY), WISH, "blocked_for_no_shows"),
        ({}, Asker(blocked_until=NOW), WISH, None),
    ],
)
def test_what_a_keeper_sets(rules: dict[str, Any], asker: Asker, wish: Wish, code: str | None) -> None:
    place = replace(ROOM, policy=replace(POLICY, **rules))
    if code is None:
        check(place, wish, NOW, asker)
        return
    with pytest.raises(Refusal) as refused:
        check(place, wish, NOW, asker)
    assert refused.value.code == code
    assert str(SENTENCES[code]) % refused.value.params  # every figure that the sentence mentions is there


@pytest.mark.parametrize(
    ("approval", "asker", "waits"),
    [
        ("automatic", Asker(), False),
        ("manual", Asker(trusted=True), True),
        ("trusted", Asker(trusted=True), False),
        ("trusted", Asker(), True),
        ("manual", Asker(keeper=True), False),
    ],
)
def test_who_waits_for_approval(approval: str, asker: Asker, waits: bool) -> None:
    assert needs_approval(replace(POLICY, approval=approval), asker) is waits


def test_a_quotas_period_is_the_local_one() -> None:
    start = at(1, 0, 30, month=2, year=2027)  # still January in UTC
    wish = Interval(start, start + HOUR)
    assert period_of(Quota("person", "day", 1), wish, SEOUL) == (date(2027, 2, 1), date(2027, 2, 2))
    assert period_of(Quota("person", "week", 1), wish, SEOUL) == (date(2027, 2, 1), date(2027, 2, 8))
    assert period_of(Quota("person", "month", 1), wish, SEOUL) == (date(2027, 2, 1), date(2027, 3, 1))


def test_settings_come_back_as_they_were_set() -> None:
    policy = replace(
        POLICY, grid=15 * HOUR / 60, notice=HOUR, quotas=(OF_PERSON, OF_GROUP), no_shows=NoShowRule(), approval="manual"
    )
    assert Policy.from_settings(policy.settings()) == policy
    assert Policy.from_settings({}) == POLICY


def test_special_days_and_closures_go_before_ordinary_hours() -> None:
    tuesday, sunday = date(2026, 11, 24), date(2026, 11, 29)
    schedule = Schedule(
        OPENING,
        SEOUL,
        special={sunday: ("12:00", "16:00"), date(2026, 11, 25): None},
        closed=(Interval(at(24, 13), at(24, 15)), Interval(at(26, 0), at(27, 0))),
        holidays={date(2026, 11, 27): "임시공휴일"},
    )
    assert schedule.open_intervals(sunday, sunday) == [Interval(at(29, 12), at(29, 16))]
    assert schedule.open_intervals(tuesday, tuesday) == [
        Interval(at(24, 9), at(24, 13)),
        Interval(at(24, 15), at(24, 21)),
    ]
    reasons = [schedule.closed_reason(date(2026, 11, day)) for day in range(24, 30)]
    assert reasons == [None, "closed_special", "closed_closure", "closed_holiday", None, None]
