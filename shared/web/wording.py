"""Sentences for what the services tell each other of a unit (the event catalogue's shapes), in the reader's language:
hours, closing days, fees, lengths and won."""

from collections.abc import Mapping, Sequence
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
DAY_KINDS = {
    "weekday": lazy_gettext("평일"),
    "weekend": lazy_gettext("주말"),
    "holiday": lazy_gettext("공휴일"),
}
GROUP_KINDS = {
    "residents": lazy_gettext("주민 모임"),
    "nonprofit": lazy_gettext("비영리단체"),
    "council": lazy_gettext("주민자치회"),
    "supported": lazy_gettext("지원사업 모임"),
    "public": lazy_gettext("공공기관"),
    "business": lazy_gettext("기업·영리단체"),
}


def won(amount: int) -> str:
    """12345 as "12,345원"."""
    return _("%(amount)s원", amount=format_number(amount))


def length_text(length: timedelta) -> str:
    """90 minutes as "1시간 30분", whole days from two on as "2일"."""
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    if hours >= 48 and hours % 24 == minutes == 0:
        return _("%(n)s일", n=hours // 24)
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
    if hours.get("days"):
        return _week_text(hours["days"])
    weekday, weekend = ("–".join(hours[part]) if hours[part] else _("휴관") for part in ("weekday", "weekend"))
    if weekday == weekend:
        return _("매일 %(hours)s", hours=weekday)
    return _("평일 %(weekday)s, 주말 %(weekend)s", weekday=weekday, weekend=weekend)


def _week_text(days: Sequence[Sequence[str] | None]) -> str:
    """The hours of Monday to Sunday; days that follow each other with the same hours together."""
    runs: list[list[int]] = []
    for number, pair in enumerate(days):
        if runs and days[runs[-1][0]] == pair:
            runs[-1].append(number)
        else:
            runs.append([number])
    if len(runs) == 1:
        return _("매일 %(hours)s", hours=_span(days[0]))
    return ", ".join(f"{_names(run)} {_span(days[run[0]])}" for run in runs)


def _names(run: Sequence[int]) -> str:
    first, last = str(WEEKDAYS[run[0]]), str(WEEKDAYS[run[-1]])
    return first if len(run) == 1 else f"{first}–{last}"


def _span(pair: Sequence[str] | None) -> str:
    return "–".join(pair) if pair else _("휴관")


def tariff_text(tariff: Mapping[str, Any]) -> list[str]:
    """The lines of a keeper's tariff, the first that fits counts, each as one sentence."""
    told = [_("지원사업 모임은 무료")] if tariff["supported_free"] else []
    for line in tariff["lines"]:
        who = tariff_who(line)
        price = _tariff_price(tariff, line)
        told.append(f"{who}: {price}" if who else price)
    return told


def tariff_who(line: Mapping[str, Any]) -> str:
    """When and for whom a line of a tariff holds; "" where it is for everybody at all times."""
    parts = [line["label"]] if line["label"] else []
    if line["days"]:
        parts.append("·".join(str(DAY_KINDS[day]) for day in line["days"]))
    if (line["start"], line["end"]) != ("00:00", "24:00"):
        parts.append(f"{line['start']}–{line['end']}")
    if line["resident"] is not None:
        parts.append(_("자치구 주민") if line["resident"] else _("다른 자치구 주민"))
    if line["groups"]:
        parts.append("·".join(str(GROUP_KINDS[kind]) for kind in line["groups"]))
    return " ".join(parts)


def _tariff_price(tariff: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    unit = length_text(timedelta(minutes=tariff["unit_minutes"]))
    if not line["unit_won"] and not (tariff["base_minutes"] and line["base_won"]):
        return _("무료")
    if not tariff["base_minutes"]:
        return _("%(time)s %(won)s", time=unit, won=won(line["unit_won"]))
    base = length_text(timedelta(minutes=tariff["base_minutes"]))
    text = _("%(time)s %(won)s", time=base, won=won(line["base_won"] or 0))
    return text + ", " + _("넘으면 %(time)s마다 %(won)s", time=unit, won=won(line["unit_won"]))


def closures_text(closures: Mapping[str, Any]) -> str | None:
    """Regular closing days; None when there are none."""
    days = [_("매주 %(day)s", day=WEEKDAYS[number - 1]) for number in closures["weekdays"]]
    for nth, number in closures.get("monthly", ()):
        day = WEEKDAYS[number - 1]
        days.append(_("매월 마지막 %(day)s", day=day) if nth == -1 else _("매월 %(nth)s번째 %(day)s", nth=nth, day=day))
    days += [str(NAMED_DAYS[key]) for key in closures.get("named", ())]
    if closures["holidays"]:
        days.append(_("공휴일").lower())  # in the middle of a list; the word alone stands as a title
    return ", ".join(days) or None


GLOBALS = {
    "won": won,
    "length_text": length_text,
    "fee_text": fee_text,
    "hours_text": hours_text,
    "closures_text": closures_text,
    "tariff_text": tariff_text,
}
"""What every template may use."""
