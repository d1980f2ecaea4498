"""Rules of repeated reservations, against a model that walks day by day; and their times across clock changes."""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.rules.hours import holiday
from services.booking.rules.interval import Interval
from services.booking.rules.recurrence import (
    LONGEST,
    MOST,
    Recurrence,
    dates,
    from_rrule,
    problems,
    rrule_text,
    span_of,
    spans,
)
from tests.booking.conftest import SEOUL

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


def naive(rule: Recurrence) -> list[date]:
    """Every day in turn: does the rule mean it?"""
    found: list[date] = []
    day, last = rule.first, min(rule.until or date.max, rule.first + LONGEST)
    monday = rule.first - rule.first.weekday() * DAY
    while day <= last and len(found) < min(rule.count or MOST, MOST):
        if _meant(rule, day, monday):
            found.append(day)
        day += DAY
    return [day for day in found if day not in rule.except_dates]


def _meant(rule: Recurrence, day: date, monday: date) -> bool:
    if rule.every == "day":
        return (day - rule.first).days % rule.interval == 0
    if rule.every == "week":
        weekdays = rule.weekdays or {rule.first.isoweekday()}
        return day.isoweekday() in weekdays and (day - monday).days // 7 % rule.interval == 0
    if (day.year * 12 + day.month - rule.first.year * 12 - rule.first.month) % rule.interval:
        return False
    days = calendar.monthrange(day.year, day.month)[1]
    if rule.nth is None:
        return day.day == (days if rule.month_day == -1 else rule.month_day or rule.first.day)
    same = [date(day.year, day.month, n) for n in range(1, days + 1)]
    same = [each for each in same if each.isoweekday() == rule.nth[1]]
    nth = rule.nth[0]
    return day == same[-1] if nth == -1 else nth <= len(same) and day == same[nth - 1]


@st.composite
def rules(draw: st.DrawFn) -> Recurrence:
    first = draw(st.dates(date(2023, 1, 1), date(2030, 12, 31)))
    every = draw(st.sampled_from(["day", "week", "month"]))
    monthly: dict[str, Any] = {}
    if every == "month":
        nth = st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(1, 7))
        monthly = draw(
            st.fixed_dictionaries({"nth": nth})
            | st.fixed_dictionaries({"month_day": st.sampled_from([*range(1, 32), -1])})
            | st.just({})
        )
    end = draw(
        st.fixed_dictionaries({"count": st.integers(1, MOST)})
        | st.fixed_dictionaries({"until": st.integers(0, LONGEST.days).map(lambda days: first + days * DAY)})
    )
    weekdays = draw(st.frozensets(st.integers(1, 7))) if every == "week" else frozenset()
    rule = Recurrence(first, every, draw(st.integers(1, 5)), weekdays, **monthly, **end)
    away = draw(st.frozensets(st.sampled_from(naive(rule) or [first]), max_size=3))
    return Recurrence(**{**vars(rule), "except_dates": away})


@settings(max_examples=150, deadline=None)
@given(rules())
def test_the_dates_are_those_of_the_naive_model(rule: Recurrence) -> None:
    assert dates(rule) == naive(rule)


@settings(max_examples=80, deadline=None)
@given(rules())
def test_a_rule_survives_json_and_rrule(rule: Recurrence) -> None:
    assert Recurrence.from_json(rule.as_json()) == rule
    again = from_rrule("RRULE:" + rrule_text(rule), rule.first, rule.except_dates)
    assert dates(again) == dates(rule)
    assert rrule_text(again) == rrule_text(rule)


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        # a fifth Friday only where there is one
        (Recurrence(date(2026, 1, 1), "month", nth=(5, 5), count=3), ["2026-01-30", "2026-05-29", "2026-07-31"]),
        (Recurrence(date(2026, 1, 1), "month", nth=(-1, 5), count=3), ["2026-01-30", "2026-02-27", "2026-03-27"]),
        (Recurrence(date(2026, 1, 31), "month", count=4), ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
        (Recurrence(date(2027, 12, 29), "month", count=4), ["2027-12-29", "2028-01-29", "2028-02-29", "2028-03-29"]),
        (Recurrence(date(2026, 12, 29), "month", count=3), ["2026-12-29", "2027-01-29", "2027-03-29"]),
        (Recurrence(date(2028, 2, 29), "month", 12, count=2), ["2028-02-29"]),
        (Recurrence(date(2027, 11, 1), "month", month_day=-1, count=4),
         ["2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29"]),
        # a Wednesday, every second week on Mondays: that week's Monday is over, the next one is two weeks on
        (Recurrence(date(2026, 11, 25), "week", 2, frozenset({1}), count=2), ["2026-12-07", "2026-12-21"]),
        (Recurrence(date(2026, 11, 23), "week", 2, frozenset({1, 3}), until=date(2026, 12, 9)),
         ["2026-11-23", "2026-11-25", "2026-12-07", "2026-12-09"]),
        (Recurrence(date(2026, 11, 23), "day", 3, count=3, except_dates=frozenset({date(2026, 11, 26)})),
         ["2026-11-23", "2026-11-29"]),
    ],
)  # fmt: skip
def test_months_without_the_date_are_left_out(rule: Recurrence, wanted: list[str]) -> None:
    assert [day.isoformat() for day in dates(rule)] == wanted
    assert list(problems(rule)) == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (Recurrence(date(2026, 1, 1), "year", count=1), "recurrence_unknown"),
        (Recurrence(date(2026, 1, 1), "day", 0, count=1), "recurrence_interval"),
        (Recurrence(date(2026, 1, 1), "week", weekdays=frozenset({8}), count=1), "recurrence_unknown"),
        (Recurrence(date(2026, 1, 1), "month", nth=(6, 1), count=1), "recurrence_unknown"),
        (Recurrence(date(2026, 1, 1), "month", month_day=32, count=1), "recurrence_unknown"),
        (Recurrence(date(2026, 1, 1), "day"), "recurrence_end_needed"),
        (Recurrence(date(2026, 1, 1), "day", until=date(2026, 1, 2), count=2), "recurrence_end_twice"),
        (Recurrence(date(2026, 1, 1), "day", until=date(2025, 12, 31)), "recurrence_end_before_first"),
        (Recurrence(date(2026, 1, 1), "month", until=date(2029, 1, 1)), "recurrence_too_long"),
        (Recurrence(date(2026, 1, 1), "day", until=date(2027, 1, 1)), "recurrence_too_many"),
        (Recurrence(date(2026, 1, 1), "day", count=MOST + 1), "recurrence_count"),
        (Recurrence(date(2026, 2, 1), "month", month_day=31, until=date(2026, 2, 28)), "recurrence_empty"),
        (Recurrence(date(2026, 2, 1), "day", count=1, except_dates=frozenset({date(2026, 2, 1)})), "recurrence_empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_rule(rule: Recurrence, code: str) -> None:
    assert [found for _field, found in problems(rule)] == [code]


@pytest.mark.parametrize(
    "text",
    ["", "FREQ=YEARLY", "FREQ=WEEKLY;BYSETPOS=1", "FREQ=DAILY;BYDAY=MO", "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1",
     "FREQ=WEEKLY;INTERVAL=2;WKST=SU", "FREQ=WEEKLY;FREQ=DAILY", "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=MO,TU"],
)  # fmt: skip
def test_a_rule_that_is_more_than_ours_is_not_misread(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several parsers
        from_rrule(text, date(2026, 1, 1))


def utc(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_the_wall_time_stays_across_clock_changes() -> None:
    weekly = Recurrence(date(2026, 3, 22), "week", count=2)
    assert [each.during for each in spans(weekly, "14:00", "16:00", BERLIN)] == [
        Interval(utc(2026, 3, 22, 13), utc(2026, 3, 22, 15)),
        Interval(utc(2026, 3, 29, 12), utc(2026, 3, 29, 14)),
    ]
    autumn = Recurrence(date(2026, 10, 25), "week", count=2)
    assert [each.during for each in spans(autumn, "14:00", "16:00", NEW_YORK)] == [
        Interval(utc(2026, 10, 25, 18), utc(2026, 10, 25, 20)),
        Interval(utc(2026, 11, 1, 19), utc(2026, 11, 1, 21)),
    ]
    seoul = Recurrence(date(2026, 3, 22), "week", count=40)
    assert {each.during.start.hour for each in spans(seoul, "14:00", "16:00", SEOUL) if each.during} == {5}


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "wanted"),
    [
        (BERLIN, date(2026, 10, 25), "02:30", "03:30", (utc(2026, 10, 25, 0, 30), 2)),  # the first 02:30
        (BERLIN, date(2026, 10, 25), "01:30", "02:30", (utc(2026, 10, 24, 23, 30), 1)),  # until the first 02:30
        (NEW_YORK, date(2026, 11, 1), "01:30", "03:00", (utc(2026, 11, 1, 5, 30), 2.5)),
        (BERLIN, date(2026, 3, 29), "01:00", "04:00", (utc(2026, 3, 29, 0), 2)),
        (BERLIN, date(2026, 3, 29), "02:30", "04:00", None),  # a time that does not exist that night
        (BERLIN, date(2026, 3, 29), "02:30", "03:15", None),
        (NEW_YORK, date(2026, 3, 8), "02:00", "05:00", None),
        (BERLIN, date(2026, 3, 28), "22:00", "24:00", (utc(2026, 3, 28, 21), 2)),
        (SEOUL, date(2026, 3, 29), "02:30", "03:30", (utc(2026, 3, 28, 17, 30), 1)),
    ],
)  # fmt: skip
def test_the_ambiguous_and_the_skipped_hour(
    zone: ZoneInfo, day: date, opens: str, closes: str, wanted: tuple[datetime, float] | None
) -> None:
    during = span_of(day, opens, closes, zone)
    assert (during and (during.start, during.length / timedelta(hours=1))) == wanted


def test_over_midnight() -> None:
    assert span_of(date(2026, 11, 23), "22:00", "02:00", SEOUL) is None
    night = span_of(date(2026, 11, 23), "22:00", "02:00", SEOUL, nights=1)
    assert night
    assert night.length == timedelta(hours=4)


def test_lunar_holidays_fall_on_dates_of_a_rule_with_their_substitutes() -> None:
    mondays = dates(Recurrence(date(2026, 1, 5), "week", count=110))
    assert {day.isoformat() for day in mondays if holiday(day)} >= {
        "2026-02-16",  # the eve of Seollal, by the moon
        "2026-03-02",  # 1 March is a Sunday
        "2026-05-25",  # Buddha's birthday, a Sunday
        "2026-08-17",
        "2026-10-05",
        "2027-02-08",
    }
    assert date(2027, 2, 9) in dates(Recurrence(date(2027, 2, 2), "week", count=2))
    assert holiday(date(2027, 2, 9))  # Seollal 2027 is a Sunday: the Tuesday after it is free instead
