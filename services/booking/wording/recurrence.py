"""A rule of repetition as one reads it, in the reader's language."""

from __future__ import annotations

from babel.dates import format_date, get_day_names
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _

from services.booking.rules.recurrence import Recurrence

NTHS = {
    1: lazy_gettext("첫째 %(day)s요일"),
    2: lazy_gettext("둘째 %(day)s요일"),
    3: lazy_gettext("셋째 %(day)s요일"),
    4: lazy_gettext("넷째 %(day)s요일"),
    5: lazy_gettext("다섯째 %(day)s요일"),
    -1: lazy_gettext("마지막 %(day)s요일"),
}
"""Which of the weekday's days in a month."""


def recurrence_text(rule: Recurrence) -> str:
    """ "매주 화·목요일, 12월 31일까지", "2주마다 화요일, 5번", "매월 마지막 금요일, 2027년 3월 1일까지"."""
    often = {"day": _daily, "week": _weekly, "month": _monthly}[rule.every](rule)
    if rule.count:
        return _("%(often)s, %(count)s번", often=often, count=rule.count)
    if rule.until:
        last = format_date(rule.until, _("y년 M월 d일"), locale=_language())
        return _("%(often)s, %(until)s까지", often=often, until=last)
    return often


def weekday_names() -> list[tuple[int, str]]:
    """(1, "월") to (7, "일")."""
    return [(number, _day(number)) for number in range(1, 8)]


def _daily(rule: Recurrence) -> str:
    return _("매일") if rule.interval == 1 else _("%(n)s일마다", n=rule.interval)


def _weekly(rule: Recurrence) -> str:
    between = "·" if _language() == "ko" else ", "
    days = between.join(_day(each) for each in sorted(rule.weekdays or {rule.first.isoweekday()}))
    if rule.interval == 1:
        return _("매주 %(days)s요일", days=days)
    return _("%(n)s주마다 %(days)s요일", n=rule.interval, days=days)


def _monthly(rule: Recurrence) -> str:
    if rule.nth:
        which = str(NTHS[rule.nth[0]]) % {"day": _day(rule.nth[1])}
    elif rule.month_day == -1:
        which = _("말일")
    else:
        which = _("%(day)s일", day=rule.month_day or rule.first.day)
    if rule.interval == 1:
        return _("매월 %(which)s", which=which)
    return _("%(n)s달마다 %(which)s", n=rule.interval, which=which)


def _day(number: int) -> str:
    return get_day_names("abbreviated", locale=_language())[number - 1]


def _language() -> str:
    return str(get_locale() or "ko")


GLOBALS = {"recurrence_text": recurrence_text}
"""What templates may use of it."""
