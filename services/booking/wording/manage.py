"""Sentences of the pages under /manage, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.booking.repeats import REPEATS
from services.booking.rules.hours import clock_of
from services.booking.rules.interval import Interval
from services.booking.wording import closed_text, day_text, during_text

CLOSURE_STATUSES = {
    "draft": lazy_gettext("준비 중"),
    "applied": lazy_gettext("적용함"),
    "undone": lazy_gettext("되돌림"),
}
REPEAT_WORDS = dict(
    zip(
        REPEATS,
        (
            lazy_gettext("되풀이하지 않음"),
            lazy_gettext("매일"),
            lazy_gettext("매주 같은 요일"),
            lazy_gettext("2주마다 같은 요일"),
            lazy_gettext("매월 같은 날짜"),
            lazy_gettext("매월 같은 순서의 요일 (예: 둘째 월요일)"),
            lazy_gettext("매월 마지막 같은 요일"),
        ),
        strict=True,
    )
)


def opens_text(opens: Iterable[Interval], day: date, zone: ZoneInfo) -> str:
    """ "09:00–12:00, 13:00–21:00"."""
    return ", ".join(f"{clock_of(each.start, day, zone)}–{clock_of(each.end, day, zone)}" for each in opens)


def clock_text(moment: datetime, day: date, zone: ZoneInfo) -> str:
    """ "14:00" on this day; with its date on another one."""
    local = moment.astimezone(zone)
    clock = clock_of(moment, day, zone)
    return clock if local.date() == day or clock == "24:00" else f"{day_text(local.date())} {local:%H:%M}"


def span_text(during: Interval, zone: ZoneInfo) -> str:
    """ "11월 24일 (화) – 11월 26일 (목)" for whole days, with clock times otherwise."""
    first, last = during.start.astimezone(zone), during.end.astimezone(zone)
    whole = first.strftime("%H:%M") == last.strftime("%H:%M") == "00:00"
    last_day = date.fromordinal(last.date().toordinal() - 1) if whole else last.date()
    if whole:
        return (
            day_text(first.date()) if first.date() == last_day else f"{day_text(first.date())} – {day_text(last_day)}"
        )
    if first.date() == last_day:
        return during_text(during, zone)
    return f"{day_text(first.date())} {first:%H:%M} – {day_text(last_day)} {last:%H:%M}"


def times_text(times: Iterable[Interval], zone: ZoneInfo) -> str:
    """All the times of a closure; many are told by the first ones and their number."""
    told = [span_text(each, zone) for each in times]
    if len(told) <= 6:
        return ", ".join(told)
    return _("%(first)s … %(last)s, 모두 %(n)s번", first=", ".join(told[:3]), last=told[-1], n=len(told))


GLOBALS = {
    "closure_statuses": CLOSURE_STATUSES,
    "opens_text": opens_text,
    "clock_text": clock_text,
    "closed_text": closed_text,
    "span_text": span_text,
    "times_text": times_text,
}
"""What the templates of /manage may use besides."""
