"""Opening hours: weekdays and weekends, closures, lunar holidays with their substitutes, clock changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.booking.rules.hours import Opening, clock_of, closed_reason, holiday, instant, open_intervals
from services.booking.rules.interval import Interval, union, without
from services.booking.week import by_hours
from tests.booking.conftest import SEOUL

BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_SIX = ("09:00", "18:00")
OPENING = Opening(("09:00", "21:00"), ("10:00", "18:00"))
ALWAYS = Opening(("00:00", "24:00"), ("00:00", "24:00"))


def daily(**closed: Any) -> Opening:
    """Open from nine to six on all days but the closed ones."""
    return Opening(NINE_TO_SIX, NINE_TO_SIX, **closed)


def test_weekday_and_weekend_hours_are_local() -> None:
    found = open_intervals(OPENING, date(2026, 11, 27), date(2026, 11, 28), SEOUL)
    assert found == [
        Interval(datetime(2026, 11, 27, 0, tzinfo=UTC), datetime(2026, 11, 27, 12, tzinfo=UTC)),
        Interval(datetime(2026, 11, 28, 1, tzinfo=UTC), datetime(2026, 11, 28, 9, tzinfo=UTC)),
    ]


def test_days_without_a_pause_join() -> None:
    assert len(open_intervals(ALWAYS, date(2026, 11, 23), date(2026, 11, 29), SEOUL)) == 1


@pytest.mark.parametrize(
    ("opening", "day", "reason"),
    [
        (Opening(("09:00", "18:00"), None), date(2026, 11, 28), "closed_weekday"),
        (Opening(None, ("09:00", "18:00")), date(2026, 11, 27), "closed_weekday"),
        (daily(closed_weekdays=frozenset({1})), date(2026, 11, 23), "closed_weekday"),
        (daily(closed_weekdays=frozenset({1})), date(2026, 11, 24), None),
        # second and fourth Monday, last Friday, fifth Monday
        (daily(closed_monthly=frozenset({(2, 1), (4, 1)})), date(2026, 11, 9), "closed_monthly"),
        (daily(closed_monthly=frozenset({(2, 1), (4, 1)})), date(2026, 11, 23), "closed_monthly"),
        (daily(closed_monthly=frozenset({(2, 1), (4, 1)})), date(2026, 11, 16), None),
        (daily(closed_monthly=frozenset({(-1, 5)})), date(2026, 11, 27), "closed_monthly"),
        (daily(closed_monthly=frozenset({(-1, 5)})), date(2026, 11, 20), None),
        (daily(closed_monthly=frozenset({(5, 1)})), date(2026, 11, 30), "closed_monthly"),
        (daily(closed_named=frozenset({"seollal_day"})), date(2026, 2, 17), "closed_holiday"),
        (daily(closed_named=frozenset({"seollal_day"})), date(2026, 2, 16), None),
        (daily(closed_named=frozenset({"chuseok_holidays"})), date(2026, 9, 24), "closed_holiday"),
        (daily(closed_named=frozenset({"new_year_day"})), date(2027, 1, 1), "closed_holiday"),
        (daily(closed_named=frozenset({"labour_day"})), date(2025, 5, 1), "closed_holiday"),
    ],
)  # fmt: skip
def test_closures(opening: Opening, day: date, reason: str | None) -> None:
    assert closed_reason(opening, day) == reason
    assert bool(open_intervals(opening, day, day, SEOUL)) is (reason is None)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 2, 16),  # the days around Seollal, by the moon
        date(2026, 2, 17),
        date(2026, 2, 18),
        date(2027, 2, 9),  # a substitute: Seollal 2027 falls on a Sunday
        date(2025, 10, 6),  # Chuseok
        date(2025, 10, 8),  # its substitute
        date(2026, 9, 25),
        date(2026, 3, 2),  # 1 March 2026 is a Sunday
        date(2026, 12, 25),
    ],
)
def test_holidays_with_substitutes(day: date) -> None:
    assert holiday(day)
    holidays_off = Opening(("09:00", "21:00"), ("09:00", "21:00"), closed_on_holidays=True)
    assert closed_reason(holidays_off, day) == "closed_holiday"
    assert closed_reason(OPENING, day) is None
    assert holiday(day + timedelta(days=400)) != holiday(day)


def test_the_name_of_a_holiday_in_both_languages() -> None:
    assert holiday(date(2026, 2, 17), "ko") == "설날"
    assert holiday(date(2026, 2, 17), "en") == "Korean New Year"
    assert holiday(date(2026, 11, 24)) is None


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_of_a_clock_change_has_its_true_length(day: date, hours: int) -> None:
    (whole,) = open_intervals(ALWAYS, day, day, BERLIN)
    assert whole.length == timedelta(hours=hours)
    pieces = by_hours(whole, BERLIN)
    assert len(pieces) == hours
    assert union(pieces) == [whole]


def test_the_repeated_hour_is_the_first_one() -> None:
    assert instant(date(2026, 10, 25), "02:30", BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_skipped_hour_moves_on() -> None:
    assert instant(date(2026, 3, 29), "02:30", BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_midnight_is_the_end_of_its_day() -> None:
    midnight = instant(date(2026, 11, 23), "24:00", SEOUL)
    assert midnight == instant(date(2026, 11, 24), "00:00", SEOUL)
    assert clock_of(midnight, date(2026, 11, 23), SEOUL) == "24:00"
    assert clock_of(midnight, date(2026, 11, 24), SEOUL) == "00:00"


def test_facts_of_maps_are_read() -> None:
    facts = {"weekdays": [1], "holidays": True, "monthly": [[2, 2]], "named": ["labour_day"]}
    read = Opening.from_facts({"weekday": ["09:00", "18:00"], "weekend": None}, facts)
    assert read == Opening(
        ("09:00", "18:00"), None, frozenset({1}), frozenset({(2, 2)}), True, frozenset({"labour_day"})
    )
    assert Opening.from_facts(None, facts) is None


def test_what_is_left_of_a_time() -> None:
    hour = [datetime(2026, 11, 23, h, tzinfo=UTC) for h in range(24)]
    taken = [Interval(hour[9], hour[10]), Interval(hour[10], hour[11]), Interval(hour[14], hour[16])]
    assert without(Interval(hour[8], hour[18]), taken) == [
        Interval(hour[8], hour[9]),
        Interval(hour[11], hour[14]),
        Interval(hour[16], hour[18]),
    ]
    assert without(Interval(hour[9], hour[11]), taken) == []
    assert without(Interval(hour[8], hour[9]), taken) == [Interval(hour[8], hour[9])]
