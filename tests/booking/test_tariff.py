"""What a tariff makes of a use: which line counts when, for whom, and that begun units are charged in full."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.rules.interval import Interval
from services.booking.rules.tariff import (
    Charge,
    Item,
    Line,
    Payer,
    Quote,
    Tariff,
    from_fee,
    problems,
    quote,
)
from shared.bus.catalogue import DAY_KINDS, GROUP_KINDS

SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")
WEEKEND = frozenset({"weekend", "holiday"})
CENTRE = Tariff(
    (
        Line(3000, groups=frozenset({"council"}), label="주민자치회"),
        Line(4000, resident=True, days=frozenset({"weekday"}), start="09:00", end="18:00"),
        Line(5000, days=frozenset({"weekday"}), start="09:00", end="18:00"),
        Line(8000, days=WEEKEND),
        Line(6000, label="야간"),
    ),
    supported_free=True,
)


def priced(tariff: Tariff, start: datetime, hours: float, **more: object) -> Quote:
    zone = start.tzinfo
    assert isinstance(zone, ZoneInfo)
    begin = start.astimezone(UTC)
    return quote(tariff, Interval(begin, begin + timedelta(hours=hours)), zone, **more)  # type: ignore[arg-type]


def seoul(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("start", "hours", "payer", "won"),
    [
        (seoul(23, 14), 2, Payer(), 10_000),
        (seoul(23, 14), 2, Payer(resident=True), 8_000),
        (seoul(23, 14), 2, Payer(resident=False), 10_000),
        (seoul(23, 14), 1.25, Payer(), 10_000),  # a begun unit counts
        (seoul(23, 17), 2, Payer(), 11_000),  # into the evening
        (seoul(23, 17, 30), 1, Payer(), 5_000),  # the unit's beginning says which line
        (seoul(28, 10), 2, Payer(resident=True), 16_000),  # Saturday: no line for residents
        (seoul(27, 23), 2, Payer(), 6_000 + 8_000),  # over midnight into Saturday
        (seoul(23, 14), 2, Payer(group_kind="council"), 6_000),
        (seoul(28, 14), 2, Payer(group_kind="supported"), 0),
        (seoul(23, 14), 0, Payer(), 0),
    ],
)
def test_the_first_line_that_fits_counts(start: datetime, hours: float, payer: Payer, won: int) -> None:
    assert priced(CENTRE, start, hours, payer=payer).won == won


def test_a_holiday_goes_before_the_day_of_the_week() -> None:
    christmas = datetime(2026, 12, 25, 10, tzinfo=SEOUL)
    assert priced(CENTRE, christmas, 1).won == 8_000
    assert priced(CENTRE, christmas, 1, is_holiday=lambda day: False).won == 5_000
    assert priced(CENTRE, seoul(23, 10), 1, is_holiday=lambda day: day == date(2026, 11, 23)).won == 8_000


def test_the_explanation_adds_up_and_says_which_line_it_was() -> None:
    lent = [Item("빔프로젝터", 2, 3000), Item("앰프", 1, 1000, hourly=True), Item("의자", 0, 500)]
    told = priced(CENTRE, seoul(23, 16), 3.5, payer=Payer(resident=True), items=lent)
    assert told.charges == (
        Charge("unit", won=4000, times=2, minutes=60, day="weekday", resident=True, start="09:00", end="18:00"),
        Charge("unit", won=6000, times=2, minutes=60, label="야간"),
        Charge("equipment", won=3000, times=1, count=2, label="빔프로젝터"),
        Charge("equipment", won=1000, times=4, minutes=60, label="앰프"),
    )
    assert told.won == sum(charge.amount for charge in told.charges) == 8_000 + 12_000 + 6_000 + 4_000
    assert [Charge.from_json(charge.to_json()) for charge in told.charges] == list(told.charges)


def test_a_supported_project_pays_for_equipment_only() -> None:
    told = priced(CENTRE, seoul(23, 16), 2, payer=Payer(group_kind="supported"), items=[Item("마이크", 1, 2000)])
    assert told.won == 2000
    assert [charge.kind for charge in told.charges] == ["supported", "equipment"]


def test_it_says_when_a_resident_would_pay_less() -> None:
    assert priced(CENTRE, seoul(23, 14), 2).residents_pay_less
    assert not priced(CENTRE, seoul(28, 14), 2).residents_pay_less
    assert not priced(CENTRE, seoul(23, 14), 2, payer=Payer(resident=False)).residents_pay_less


def test_the_base_time_comes_first_and_then_each_begun_unit() -> None:
    hall = Tariff((Line(unit_won=4_000, base_won=20_000),), unit_minutes=30, base_minutes=120)
    told = [priced(hall, seoul(23, 14), hours).won for hours in (0.5, 2, 2.25, 2.5, 3)]
    assert told == [20_000, 20_000, 24_000, 24_000, 28_000]


def test_a_band_over_midnight_and_both_clock_changes() -> None:
    """Units are counted in real time; the wall clock at a unit's beginning says which line counts."""
    night = Tariff((Line(100, start="22:00", end="02:00"), Line(10)))
    assert priced(night, seoul(23, 21), 6).won == 10 + 4 * 100 + 10
    spring = datetime(2026, 3, 7, 22, tzinfo=NEW_YORK)  # 01:59 is followed by 03:00
    assert priced(night, spring, 5).won == 4 * 100 + 10
    autumn = datetime(2026, 10, 31, 22, tzinfo=NEW_YORK)  # 01:00 comes twice
    assert priced(night, autumn, 6).won == 5 * 100 + 10


def test_what_maps_told_without_a_price_for_more_time_is_unknown_beyond_it() -> None:
    told = from_fee({"free": False, "base_minutes": 60, "base_won": 5000, "extra_minutes": None, "extra_won": None})
    assert told is not None
    assert priced(told, seoul(23, 14), 1).won == 5000
    assert priced(told, seoul(23, 14), 2) == Quote(None)


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        (Tariff(()), "lines", "tariff_incomplete"),
        (Tariff((Line(1, days=WEEKEND),)), "lines", "tariff_incomplete"),
        (Tariff((Line(1), Line(2))), "lines.0.days", "tariff_line_hides_others"),
        (Tariff((Line(-1),)), "lines.0.unit_won", "tariff_won_out_of_range"),
        (Tariff((Line(1),), base_minutes=60), "lines.0.base_won", "tariff_won_out_of_range"),
        (Tariff((Line(1),), unit_minutes=7), "unit_minutes", "tariff_unit_unknown"),
        (Tariff((Line(1, start="09:00", end="09:00"), Line(1))), "lines.0.end", "tariff_band_empty"),
        (Tariff((Line(1, label="가" * 41),)), "lines.0.label", "tariff_label_too_long"),
    ],
)
def test_what_is_wrong_with_a_tariff(changed: Tariff, field: str, code: str) -> None:
    assert (field, code) in list(problems(changed))


def test_a_good_tariff_has_no_problem_and_is_kept_as_it_is() -> None:
    assert not list(problems(CENTRE))
    assert Tariff.from_json(CENTRE.to_json()) == CENTRE


CLOCKS = [f"{hour:02}:00" for hour in range(24)]
LINES = st.builds(
    Line,
    unit_won=st.integers(0, 9_000),
    base_won=st.integers(0, 9_000),
    days=st.frozensets(st.sampled_from(DAY_KINDS)),
    start=st.sampled_from(CLOCKS),
    end=st.sampled_from([*CLOCKS[1:], "24:00"]),
    resident=st.sampled_from([None, True, False]),
    groups=st.frozensets(st.sampled_from(GROUP_KINDS), max_size=2),
)
TARIFFS = st.builds(
    lambda lines, last, **rest: Tariff((*lines, Line(last, base_won=last)), **rest),
    st.lists(LINES, max_size=4),
    st.integers(0, 9_000),
    unit_minutes=st.sampled_from([10, 30, 60]),
    base_minutes=st.sampled_from([0, 60, 90]),
    supported_free=st.booleans(),
)
PAYERS = st.builds(Payer, st.sampled_from([None, True, False]), st.one_of(st.none(), st.sampled_from(GROUP_KINDS)))
STARTS = st.integers(0, 365 * 24 * 6).map(lambda tens: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=10 * tens))
LENGTHS = st.integers(1, 30 * 60).map(lambda minutes: timedelta(minutes=minutes))
ZONES = st.sampled_from([SEOUL, NEW_YORK])


@given(TARIFFS, STARTS, LENGTHS, LENGTHS, ZONES, PAYERS)
def test_a_longer_use_never_costs_less(
    tariff: Tariff, start: datetime, length: timedelta, more: timedelta, zone: ZoneInfo, payer: Payer
) -> None:
    short = quote(tariff, Interval(start, start + length), zone, payer)
    longer = quote(tariff, Interval(start, start + length + more), zone, payer)
    assert short.won is not None
    assert longer.won is not None
    assert short.won <= longer.won
    assert longer.won == sum(charge.amount for charge in longer.charges)


@given(TARIFFS, STARTS, st.integers(1, 40), LENGTHS, ZONES, PAYERS)
def test_a_use_cut_after_whole_units_costs_the_same_in_two_parts(
    tariff: Tariff, start: datetime, units: int, rest: timedelta, zone: ZoneInfo, payer: Payer
) -> None:
    tariff = replace(tariff, base_minutes=0)  # the base time is paid by each part
    cut = start + timedelta(minutes=units * tariff.unit_minutes)
    parts = [Interval(start, cut), Interval(cut, cut + rest), Interval(start, cut + rest)]
    first, second, whole = (quote(tariff, part, zone, payer).won for part in parts)
    assert first is not None
    assert second is not None
    assert first + second == whole


@given(TARIFFS, STARTS, st.integers(1, 1800), ZONES, PAYERS)
def test_it_agrees_with_a_walk_minute_by_minute(
    tariff: Tariff, start: datetime, minutes: int, zone: ZoneInfo, payer: Payer
) -> None:
    won = 0
    paid_until = 0
    for minute in range(minutes):
        if minute < paid_until:
            continue
        local = (start + timedelta(minutes=minute)).astimezone(zone)
        kind = "weekend" if local.weekday() >= 5 else "weekday"
        base = minute == 0 and tariff.base_minutes > 0
        for line in tariff.lines:
            if line.fits(kind, f"{local:%H:%M}", payer):
                won += (line.base_won if base else line.unit_won) or 0
                break
        paid_until = minute + (tariff.base_minutes if base else tariff.unit_minutes)
    if tariff.supported_free and payer.group_kind == "supported":
        won = 0
    during = Interval(start, start + timedelta(minutes=minutes))
    assert quote(tariff, during, zone, payer, is_holiday=lambda day: False).won == won
