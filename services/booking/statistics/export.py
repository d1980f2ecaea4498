"""The statistics as tables for spreadsheets: numbers as numbers, hours and per cent with one decimal place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from flask_babel import gettext as _

from services.booking.rules.usage import PARTS, hours, rate
from services.booking.statistics import Statistics
from services.booking.statistics.lines import Figures
from services.booking.statistics.unmet import ANY_DAY, ANY_TIME
from services.booking.wording.statistics import (
    PART_WORDS,
    SIZE_WORDS,
    accessibility_text,
    period_text,
    place_text,
    scope_text,
    weekday_text,
)
from shared.districts import BY_CODE
from shared.export import Sheet

Row = Sequence[object]


def summary(told: Statistics, whole_city: bool) -> Sheet:
    """One figure a line."""
    figures = told.figures
    share, lead = figures.share, figures.lead or (None, None, None)
    rows: list[Row] = [
        (_("무엇의 통계"), scope_text(told, whole_city)),
        (_("기간"), period_text(told.first_day, told.last_day)),
        (_("연 시간"), hours(share.open)),
        (_("쓴 시간"), hours(share.used)),
        (_("이용률(%)"), figures.rate),
        (_("자체 행사 시간"), hours(share.own)),
        (_("자체 행사 비율(%)"), figures.own_rate),
        (_("운영시간 밖에 쓴 시간"), hours(share.outside)),
        (_("이용 건수"), figures.visits),
        (_("사람 수"), figures.people),
        (_("자체 행사 건수"), figures.own_events),
        (_("취소 건수"), figures.cancelled),
        (_("오지 않음 건수"), figures.no_shows),
        (_("오지 않음 비율(%)"), figures.no_show_rate),
        (_("사정이 받아들여진 오지 않음"), figures.excused),
        (_("미리 예약한 시간, 아래 사분위(시간)"), _lead(lead[0])),
        (_("미리 예약한 시간, 가운데값(시간)"), _lead(lead[1])),
        (_("미리 예약한 시간, 위 사분위(시간)"), _lead(lead[2])),
        (_("찾지 못한 검색"), told.unmet.total),
        (_("운영시간을 몰라 뺀 공간"), told.unknown),
    ]
    return Sheet(_("요약"), (_("항목"), _("값")), rows)


def units(told: Statistics) -> Sheet:
    """A unit a line."""
    header = (_("자치구"), _("장소"), _("공간"), _("방 수"), *_titles())
    rows = [
        (
            BY_CODE[line.unit.space.district].name,
            line.unit.space.name,
            line.unit.name,
            line.rooms,
            *_figures(line.figures, line.known),
        )
        for line in told.units
    ]
    return Sheet(_("공간별"), header, rows)


def districts(told: Statistics) -> Sheet:
    """A district a line."""
    header = (_("자치구"), _("공간 수"), *_titles())
    rows = [(BY_CODE[line.district].name, line.units, *_figures(line.figures, True)) for line in told.districts]
    return Sheet(_("자치구별"), header, rows)


def week(told: Statistics) -> Sheet:
    """An hour of the week a line, where something was open or used."""
    header = (
        _("요일"),
        _("시"),
        _("연 시간"),
        _("쓴 시간"),
        _("이용률(%)"),
        _("자체 행사 시간"),
    )
    heat = told.heat
    rows = [
        (
            weekday_text(day, "wide"),
            hour,
            hours(heat.open[day, hour]),
            hours(heat.used[day, hour]),
            rate(heat.used[day, hour], heat.open[day, hour]),
            hours(heat.own[day, hour]),
        )
        for day, hour in sorted(heat.open)
        if heat.open[day, hour]
    ]
    return Sheet(_("요일과 시간별"), header, rows)


def unmet(told: Statistics) -> Sheet:
    """What was not found: what kind of figure, which, how often."""
    found = told.unmet
    times = [
        (_("언제"), f"{weekday_text(day, 'wide')} {PART_WORDS[part]}", found.times.get((day, part), 0))
        for day in (*range(1, 8), ANY_DAY)
        for part in (*PARTS, ANY_TIME)
        if found.times.get((day, part))
    ]
    rows: list[Row] = [
        (_("전체"), "", found.total),
        *((_("어디서"), place_text(place), count) for place, count in found.places),
        (_("어디서"), _("내 주변"), found.near),
        *times,
        (_("언제"), _("때를 정하지 않음"), found.untimed),
        *((_("몇 명"), str(SIZE_WORDS[size]), count) for size, count in found.sizes.items()),
        *((_("비품"), word, count) for word, count in found.equipment),
        (_("비품"), _("그 밖의 비품"), found.other),
        *((_("이용 편의"), accessibility_text(code), count) for code, count in found.accessibility),
        (_("사용료"), _("무료만"), found.free),
    ]
    return Sheet(_("찾지 못한 검색"), (_("구분"), _("무엇"), _("횟수")), rows)


TABLES: Mapping[str, Callable[[Statistics], Sheet]] = {
    "units": units,
    "week": week,
    "districts": districts,
    "unmet": unmet,
}
"""What can be had as csv, a table each."""


def book(told: Statistics, whole_city: bool) -> Iterable[Sheet]:
    """All tables, for one workbook; that of districts where there are several."""
    yield summary(told, whole_city)
    for name, table in TABLES.items():
        if name != "districts" or len(told.districts) > 1:
            yield table(told)


def _titles() -> Row:
    return (
        _("연 시간"),
        _("쓴 시간"),
        _("이용률(%)"),
        _("자체 행사 시간"),
        _("운영시간 밖에 쓴 시간"),
        _("이용 건수"),
        _("사람 수"),
        _("취소 건수"),
        _("오지 않음 건수"),
        _("오지 않음 비율(%)"),
        _("미리 예약한 시간, 가운데값(시간)"),
    )


def _figures(figures: Figures, known: bool) -> Row:
    share = figures.share
    return (
        hours(share.open) if known else None,
        hours(share.used) if known else None,
        figures.rate,
        hours(share.own) if known else None,
        hours(share.outside),
        figures.visits,
        figures.people,
        figures.cancelled,
        figures.no_shows,
        figures.no_show_rate,
        _lead(figures.lead[1] if figures.lead else None),
    )


def _lead(seconds: int | None) -> Decimal | None:
    return None if seconds is None else hours(seconds)
