"""Sentences for what the services tell each other of a unit (the event catalogue's shapes), in the reader's language:
hours, closing days, fees, lengths and won."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import format_number, lazy_gettext
from flask_babel import gettext as _

WEEKDAYS = (
    lazy_gettext("월요일"),
    lazy_gettext("화요일"),
    lazy_gettext("수요일"),
    lazy_gettext("목요일"),
    lazy_gettext("금요일"),
    lazy_gettext("토요일"),
    lazy_gettext("일요일"),
)
NAMED_DAYS = {
    "new_year_day": lazy_gettext("1월 1일"),
    "labour_day": lazy_gettext("노동절"),
    "seollal_day": lazy_gettext("설날 당일"),
    "seollal_holidays": lazy_gettext("설 연휴"),
    "chuseok_day": lazy_gettext("추석 당일"),
    "chuseok_holidays": lazy_gettext("추석 연휴"),
}


def won(amount: int) -> str:
    """12345 as "12,345원"."""
    return _("%(amount)s원", amount=format_number(amount))


def length_text(length: timedelta) -> str:
    """90 minutes as "1시간 30분"."""
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    parts = [_("%(n)s시간", n=hours)] if hours else []
    return " ".join([*parts, _("%(n)s분", n=minutes)] if minutes or not hours else parts)


def fee_text(fee: Mapping[str, Any] | None) -> str | None:
    """How a fee is counted; None when it is not known."""
    if fee is None:
        return None
    if fee["free"]:
        return _("무료")
    text = _("%(time)s %(won)s", time=length_text(timedelta(minutes=fee["base_minutes"])), won=won(fee["base_won"]))
    if fee["extra_minutes"] and fee["extra_won"] is not None:
        step = length_text(timedelta(minutes=fee["extra_minutes"]))
        text += ", " + _("넘으면 %(time)s마다 %(won)s", time=step, won=won(fee["extra_won"]))
    return text


def hours_text(hours: Mapping[str, Any] | None) -> str | None:
    """Opening hours; None when they are not known."""
    if hours is None:
        return None
    weekday, weekend = ("–".join(hours[part]) if hours[part] else _("휴관") for part in ("weekday", "weekend"))
    if weekday == weekend:
        return _("매일 %(hours)s", hours=weekday)
    return _("평일 %(weekday)s, 주말 %(weekend)s", weekday=weekday, weekend=weekend)


def closures_text(closures: Mapping[str, Any]) -> str | None:
    """Regular closing days; None when there are none."""
    days = [_("매주 %(day)s", day=WEEKDAYS[number - 1]) for number in closures["weekdays"]]
    for nth, number in closures.get("monthly", ()):
        day = WEEKDAYS[number - 1]
        days.append(_("매월 마지막 %(day)s", day=day) if nth == -1 else _("매월 %(nth)s번째 %(day)s", nth=nth, day=day))
    days += [str(NAMED_DAYS[key]) for key in closures.get("named", ())]
    if closures["holidays"]:
        days.append(_("공휴일"))
    return ", ".join(days) or None


GLOBALS = {
    "won": won,
    "length_text": length_text,
    "fee_text": fee_text,
    "hours_text": hours_text,
    "closures_text": closures_text,
}
"""What every template may use."""
