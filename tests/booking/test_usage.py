"""Seconds open and used by weekday and hour: figures by hand, and against a model that walks minute by minute."""

import statistics
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.booking.rules import usage
from services.booking.rules.interval import Interval

SEOUL, BERLIN, HOWE = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
ZONES = (SEOUL, BERLIN, HOWE, ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Kathmandu"))
MINUTE = timedelta(minutes=1)


def span(zone: ZoneInfo, first: tuple[int, ...], last: tuple[int, ...]) -> Interval:
    return Interval(datetime(*first, tzinfo=zone).astimezone(UTC), datetime(*last, tzinfo=zone).astimezone(UTC))


def test_an_evening_over_midnight_is_two_weekdays() -> None:
    """Monday 22:30 to Tuesday 01:15."""
    told = usage.fold({span(SEOUL, (2026, 11, 23, 22, 30), (2026, 11, 24, 1, 15)): 1}, SEOUL)
    assert told == {(1, 22): 1800, (1, 23): 3600, (2, 0): 3600, (2, 1): 900}


def test_both_clock_changes() -> None:
    """On 29 March 2026 Berlin has no 02:00 to 03:00; on 25 October it has it twice. Both are Sundays."""
    spring = usage.fold({span(BERLIN, (2026, 3, 29, 1, 0), (2026, 3, 29, 4, 0)): 1}, BERLIN)
    assert spring == {(7, 1): 3600, (7, 3): 3600}
    autumn = usage.fold({span(BERLIN, (2026, 10, 25, 1, 0), (2026, 10, 25, 4, 0)): 2}, BERLIN)
    assert autumn == {(7, 1): 7200, (7, 2): 14400, (7, 3): 7200}


def test_a_change_of_half_an_hour() -> None:
    """On 5 April 2026 Lord Howe goes back at 02:00 to 01:30: that hour has ninety minutes."""
    told = usage.fold({span(HOWE, (2026, 4, 5, 1, 0), (2026, 4, 5, 3, 0)): 1}, HOWE)
    assert told == {(7, 1): 5400, (7, 2): 3600}


def test_visits_and_own_events_are_told_apart_and_nothing_counts_twice() -> None:
    def at(hour: int, until: int) -> Interval:
        return span(SEOUL, (2026, 11, 23, hour), (2026, 11, 23, until))

    used = usage.use([at(9, 18)], [at(8, 11), at(10, 12)], [at(11, 14), at(17, 20)])
    assert used.visits == [at(9, 12)]
    assert used.own == [at(12, 14), at(17, 18)]
    assert used.outside == [at(8, 9)]
    assert used.share == usage.Share(open=9 * 3600, used=3 * 3600, own=3 * 3600, outside=3600)


def test_rates_are_rounded_half_up() -> None:
    assert usage.rate(1, 3) == Decimal("33.3")
    assert usage.rate(1, 16) == Decimal("6.3")  # 6.25
    assert usage.rate(1, 2000) == Decimal("0.1")  # 0.05
    assert usage.rate(0, 5) == Decimal("0.0")
    assert usage.rate(5, 5) == Decimal("100.0")
    assert usage.rate(1, 0) is None
    assert usage.hours(3600) == Decimal("1.0")
    assert usage.hours(180) == Decimal("0.1")  # 0.05
    assert usage.hours(179) == Decimal("0.0")


def test_what_a_search_was_for() -> None:
    saturday = date(2026, 11, 28)
    assert usage.weekdays_of(saturday, 2) == [6, 7]
    assert usage.weekdays_of(saturday, 30) == [1, 2, 3, 4, 5, 6, 7]
    assert usage.weekdays_of(saturday, 9, [6, 3]) == [3, 6]
    assert usage.parts_of("09:00", "12:00") == ["morning"]
    assert usage.parts_of("11:00", "18:30") == ["morning", "afternoon", "evening"]
    assert usage.parts_of("18:00", "24:00") == ["evening"]


@st.composite
def spans(draw: st.DrawFn) -> list[Interval]:
    """Intervals of whole minutes around a change of the clock."""
    around = draw(st.sampled_from(((2026, 3, 7), (2026, 3, 28), (2026, 10, 24), (2026, 4, 4), (2026, 12, 31))))
    first = datetime(*around, tzinfo=UTC)
    found = []
    for _number in range(draw(st.integers(0, 3))):
        start = first + draw(st.integers(0, 2 * 1440)) * MINUTE
        found.append(Interval(start, start + draw(st.integers(1, 1500)) * MINUTE))
    return found


def minutes(intervals: list[Interval]) -> set[datetime]:
    found = set()
    for each in intervals:
        at = each.start
        while at < each.end:
            found.add(at)
            at += MINUTE
    return found


def naive(told: set[datetime], zone: ZoneInfo) -> Counter:
    local = (moment.astimezone(zone) for moment in told)
    return Counter({key: 60 * n for key, n in Counter((each.isoweekday(), each.hour) for each in local).items()})


@settings(max_examples=60, deadline=None)
@given(spans(), spans(), spans(), st.sampled_from(ZONES))
def test_as_a_model_that_walks_minute_by_minute(
    opens: list[Interval], visits: list[Interval], own: list[Interval], zone: ZoneInfo
) -> None:
    used = usage.use(opens, visits, own)
    opened, visited, owned = minutes(opens), minutes(visits), minutes(own)
    whole = usage.heat([(used, zone)])
    assert whole.open == naive(opened, zone)
    assert whole.used == naive(opened & visited, zone)
    assert whole.own == naive((opened & owned) - visited, zone)
    assert used.share.outside == 60 * len(visited - opened)
    twice = usage.heat([(used, zone), (used, zone)])
    assert twice.open == Counter({key: 2 * told for key, told in whole.open.items()})


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=30))
@example([1, 2])
def test_quartiles_as_the_textbook_has_them(numbers: list[int]) -> None:
    exact = statistics.quantiles(numbers, n=4, method="inclusive")
    found = usage.quartiles(numbers)
    assert found is not None
    assert all(abs(mine - theirs) <= 0.5 for mine, theirs in zip(found, exact, strict=True))


def test_quartiles_of_one_and_of_nothing() -> None:
    assert usage.quartiles([7]) == (7, 7, 7)
    assert usage.quartiles([]) is None
    assert usage.quartiles([1, 2]) == (1, 2, 2)  # 1.25, 1.5, 1.75
