"""What the statistics say: figures, weekdays, parts of the day, in the reader's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date, get_day_names
from flask_babel import format_decimal, get_locale, lazy_gettext
from flask_babel import gettext as _

from services.booking.rules.usage import HOUR, Hour, hours, rate
from services.booking.statistics import Statistics
from services.booking.statistics.lines import Figures
from services.booking.statistics.unmet import ANY_DAY, ANY_TIME, Place
from services.booking.wording.search import ACCESSIBILITY
from shared.districts import name_of

DAY = 24 * HOUR
ONE_PLACE = "#,##0.0"
PART_WORDS = {
    "morning": lazy_gettext("오전 (12시 전)"),
    "afternoon": lazy_gettext("오후 (12–18시)"),
    "evening": lazy_gettext("저녁 (18시 뒤)"),
    ANY_TIME: lazy_gettext("아무 때나"),
}
SIZE_WORDS = {
    "1-4": lazy_gettext("1–4명"),
    "5-10": lazy_gettext("5–10명"),
    "11-20": lazy_gettext("11–20명"),
    "21-50": lazy_gettext("21–50명"),
    "51-": lazy_gettext("51명부터"),
}
LEVELS = (
    (10, "ramp-1", lazy_gettext("10% 아래")),
    (25, "ramp-2", lazy_gettext("10–25%")),
    (50, "ramp-4", lazy_gettext("25–50%")),
    (101, "ramp-5", lazy_gettext("50%부터")),
)
"""Below this rate -> the shade, its words. Shades on which the figure can be read in both themes (not the third)."""


def percent_text(told: Decimal | None) -> str:
    """ "37.5%"; "–" where nothing is known."""
    return "–" if told is None else f"{format_decimal(told, format=ONE_PLACE)}%"


def hours_figure(seconds: int) -> str:
    """ "1,234.5", hours."""
    return str(format_decimal(hours(seconds), format=ONE_PLACE))


def lead_text(seconds: int) -> str:
    """ "40분 전", "18시간 전", "3.5일 전"."""
    if seconds < HOUR:
        return _("%(n)s분 전", n=(seconds + 30) // 60)
    if seconds < 2 * DAY:
        return _("%(n)s시간 전", n=(seconds + HOUR // 2) // HOUR)
    tenths = (seconds + DAY // 20) // (DAY // 10)
    return _("%(n)s일 전", n=format_decimal(Decimal(tenths).scaleb(-1)))


def weekday_text(weekday: int, width: str = "abbreviated") -> str:
    """ "월" or "월요일" of Monday (1); any day (0)."""
    if weekday == ANY_DAY:
        return _("아무 요일")
    names = get_day_names(width, locale=_language())  # type: ignore[arg-type]
    return str(names[weekday - 1])


def period_text(first: date, last: date) -> str:
    """ "2026년 10월 26일 – 2026년 11월 22일"."""
    pattern = _("y년 M월 d일")
    return " – ".join(format_date(day, pattern, locale=_language()) for day in (first, last))


def place_text(place: Place) -> str:
    """ "동작구 상도 마을활력소", "동작구", or anywhere."""
    if place.district is None:
        return place.space or _("어디든")
    district = name_of(place.district, _language())
    return f"{district} {place.space}" if place.space else district


def scope_text(told: Statistics, whole_city: bool) -> str:
    """What the figures are of."""
    if told.unit:
        return f"{told.unit.space.name} {told.unit.name}"
    if told.space:
        return told.space.name
    if told.district:
        return name_of(told.district, _language())
    return _("서울 전체") if whole_city else _("내가 돌보는 모든 공간")


def accessibility_text(code: str) -> str:
    """What was asked for; its code where we have no word."""
    return str(ACCESSIBILITY.get(code, code))


def no_show_note(figures: Figures) -> str:
    """The rate of no-shows, and those that were excused."""
    told = _("시작한 예약의 %(rate)s", rate=percent_text(figures.no_show_rate))
    if not figures.excused:
        return told
    return told + " · " + _("사정을 들은 %(n)s건은 뺌", n=figures.excused)


def level(told: Decimal) -> str:
    """The shade of a rate; "none" of 0."""
    return next(shade for below, shade, _words in LEVELS if told < below) if told else "none"


def heat_rows(told: Statistics) -> list[dict[str, Any]]:
    """The hours in which something is open: [{"hour", "cells": [{"level", "percent", "text"}] from Monday}].

    `percent` is a whole one, half up; None where closed."""
    open_hours = [hour for (_day, hour), seconds in told.heat.open.items() if seconds]
    if not open_hours:
        return []
    return [
        {"hour": hour, "cells": [_cell(told, (day, hour)) for day in range(1, 8)]}
        for hour in range(min(open_hours), max(open_hours) + 1)
    ]


def busiest(told: Statistics) -> str | None:
    """A sentence about the fullest and the emptiest hour of the week; None where nothing was used."""
    rates = {at: rate(told.heat.used[at], opened) for at, opened in told.heat.open.items() if opened}
    known = sorted((at, found) for at, found in rates.items() if found is not None)
    if not any(found for _at, found in known):
        return None
    most = max(known, key=lambda each: each[1])
    least = min(known, key=lambda each: each[1])
    return _(
        "가장 많이 쓰는 때는 %(most)s(%(most_rate)s), 가장 비어 있는 때는 %(least)s(%(least_rate)s)입니다.",
        most=_hour_text(most[0]),
        most_rate=percent_text(most[1]),
        least=_hour_text(least[0]),
        least_rate=percent_text(least[1]),
    )


def _cell(told: Statistics, at: Hour) -> dict[str, Any]:
    opened, used = told.heat.open[at], told.heat.used[at]
    found = rate(used, opened)
    if found is None:
        return {"level": "closed", "percent": None, "text": _("닫음")}
    return {"level": level(found), "percent": (200 * used + opened) // (2 * opened), "text": percent_text(found)}


def _hour_text(at: Hour) -> str:
    return _("%(day)s %(hour)s시", day=weekday_text(at[0], "wide"), hour=at[1])


def _language() -> str:
    return str(get_locale() or "ko")


WORDS: dict[str, Any] = {
    "percent_text": percent_text,
    "hours_figure": hours_figure,
    "figure_text": format_decimal,
    "lead_text": lead_text,
    "weekday_text": weekday_text,
    "place_text": place_text,
    "accessibility_text": accessibility_text,
    "no_show_note": no_show_note,
    "part_words": PART_WORDS,
    "size_words": SIZE_WORDS,
}
"""What the template of the statistics may use besides; for it alone, because other rooms have words of these names."""
