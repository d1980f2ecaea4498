"""The checklist: each line says no for its own reason, and yes to what is allowed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.booking.refusals import SENTENCES
from services.booking.rules.hours import Opening
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Place, Wish, check
from shared.refusal import Refusal
from tests.booking.conftest import NOW, SEOUL, at

OPENING = Opening(("09:00", "21:00"), ("10:00", "18:00"), frozenset({7}), frozenset({(2, 2)}), closed_on_holidays=True)
ROOM = Place(active=True, stage="open", opening=OPENING, capacity=10, zone=SEOUL)
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
        (replace(ROOM, opening=None), WISH, "hours_unknown", "unit_id"),
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
    always = replace(ROOM, opening=Opening(("00:00", "24:00"), ("00:00", "24:00")))
    check(always, during(at(24, 23), at(25, 2)), NOW)
    closed = Opening(("00:00", "24:00"), ("00:00", "24:00"), closed_weekdays=frozenset({3}))
    with pytest.raises(Refusal, match="outside_hours"):  # Tuesday night into a closed Wednesday
        check(replace(always, opening=closed), during(at(24, 23), at(25, 2)), NOW)
