"""Sentences for times, prices and what is free, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask_babel import get_locale, lazy_gettext, ngettext
from flask_babel import gettext as _

from services.booking.models import Reservation, Unit
from services.booking.rules.hours import clock_of, holiday
from services.booking.rules.interval import Interval, union
from services.booking.week import Day
from shared.web.wording import won

STATUSES = {
    "requested": lazy_gettext("승인 기다림"),
    "offered": lazy_gettext("차례가 왔어요"),
    "confirmed": lazy_gettext("예약 확정"),
    "declined": lazy_gettext("승인되지 않음"),
    "cancelled": lazy_gettext("취소됨"),
    "lapsed": lazy_gettext("차례를 놓침"),
    "no_show": lazy_gettext("오지 않음"),
}
STATUS_TONES = {"confirmed": "success", "requested": "warning", "offered": "info", "no_show": "danger"}
CLOSED = {
    "closed_weekday": lazy_gettext("쉬는 날"),
    "closed_monthly": lazy_gettext("매월 휴관일"),
    "closed_holiday": lazy_gettext("공휴일 휴관"),
    "too_far_ahead": lazy_gettext("예약 열리기 전"),
    "closed_special": lazy_gettext("이날은 쉼"),
    "closed_closure": lazy_gettext("임시 휴관"),
    "hours_unknown": lazy_gettext("온라인 예약 없음"),
    "unit_inactive": lazy_gettext("예약 받지 않음"),
}


def price_text(amount: int) -> str:
    """12345 as "12,345원"; nothing to pay as "무료"."""
    return won(amount) if amount else _("무료")


def closed_text(code: str, day: date) -> str:
    """Why a day is closed, for its column in the week."""
    name = holiday(day, _language()) if code == "closed_holiday" else None
    return name or str(CLOSED[code])


def day_text(day: date) -> str:
    """ "11월 23일 (월)"."""
    return format_date(day, _("M월 d일 (E)"), locale=_language())


def date_text(day: date) -> str:
    """ "2026년 11월 23일 (월)": with its year, where days lie far ahead."""
    return format_date(day, _("y년 M월 d일 (E)"), locale=_language())


def people_text(number: int) -> str:
    """ "8명"; "1 person" and "8 people" in English."""
    return ngettext("%(n)s명", "%(n)s명", number, n=number)


def column_text(day: date) -> str:
    """ "월 11. 23.": the weekday first."""
    return format_date(day, _("E M. d."), locale=_language())


def week_text(first: date, last: date) -> str:
    """ "11월 23일 – 11월 29일"."""
    pattern = _("M월 d일")
    return " – ".join(format_date(day, pattern, locale=_language()) for day in (first, last))


def during_text(during: Interval, zone: ZoneInfo) -> str:
    """ "11월 23일 (월) 14:00–16:00"."""
    day = during.start.astimezone(zone).date()
    return f"{day_text(day)} {clock_of(during.start, day, zone)}–{clock_of(during.end, day, zone)}"


def today_text(day: Day, unit: Unit) -> str:
    """What is free of a unit today, as one sentence."""
    if day.closed:
        return _("오늘: %(reason)s", reason=closed_text(day.closed, day.date))
    free = union(day.free)
    if not free:
        return _("오늘은 빈 시간이 없습니다")
    times = ", ".join(
        f"{clock_of(start, day.date, unit.zone)}–{clock_of(end, day.date, unit.zone)}" for start, end in free
    )
    return _("오늘 빈 시간: %(times)s", times=times)


def reservation_text(reservation: Reservation) -> str:
    """When a reservation is."""
    return during_text(reservation.during, reservation.unit.zone)


def moment_text(moment: datetime, zone: ZoneInfo) -> str:
    """ "2026년 11월 23일 14:00"."""
    return format_datetime(moment, _("y년 M월 d일 HH:mm"), tzinfo=zone, locale=_language())


def _language() -> str:
    return str(get_locale() or "ko")


GLOBALS = {
    "statuses": STATUSES,
    "status_tones": {status: STATUS_TONES.get(status, "neutral") for status in STATUSES},
    "price_text": price_text,
    "day_text": day_text,
    "date_text": date_text,
    "people_text": people_text,
    "during_text": during_text,
    "reservation_text": reservation_text,
    "today_text": today_text,
    "moment_text": moment_text,
}
"""What every template of booking may use."""
