"""Words for seasons: how one stands, weekly times, the fairness figure, and the reason for each option."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _

from services.booking.rules.seasons import clock

STAGES = {
    "draft": lazy_gettext("준비 중"),
    "soon": lazy_gettext("곧 신청"),
    "open": lazy_gettext("신청 받는 중"),
    "closed": lazy_gettext("배정하는 중"),
    "published": lazy_gettext("배정 확정"),
    "over": lazy_gettext("기간이 끝남"),
    "cancelled": lazy_gettext("취소됨"),
}
STAGE_TONES = {"open": "success", "soon": "info", "closed": "warning", "published": "info"}
STANDINGS = {
    "draft": lazy_gettext("쓰는 중"),
    "submitted": lazy_gettext("신청함"),
    "withdrawn": lazy_gettext("신청 취소함"),
}
REASONS = {
    "given": lazy_gettext("받았습니다."),
    "unit_unknown": lazy_gettext("지금은 예약을 받지 않는 공간입니다."),
    "too_many_people": lazy_gettext("모이는 사람이 이 공간에 들어갈 수 있는 수보다 많습니다."),
    "closed": lazy_gettext("이 시간에는 문을 열지 않는 날이 너무 많습니다."),
    "taken": lazy_gettext("이 시간은 이미 예약된 날이 너무 많습니다."),
    "too_short": lazy_gettext("적은 시간 안에 한 번 쓰는 시간이 들어가지 않습니다."),
    "removed": lazy_gettext("운영자가 이 시간을 빼기로 했습니다. 궁금한 것은 공간에 문의해 주세요."),
    "own_day": lazy_gettext("이때 이미 다른 시간을 받았습니다."),
    "enough": lazy_gettext("바라는 횟수를 다른 희망으로 모두 받았습니다."),
    "free": lazy_gettext("지금은 비어 있습니다. 운영자가 손으로 고친 뒤에 남은 시간입니다."),
}
LOST = {
    "pinned": lazy_gettext("다른 모임이 받았습니다. 운영자가 그 모임에 주기로 정했습니다."),
    "weight": lazy_gettext("다른 모임이 받았습니다. 정해 둔 규칙에 따라 먼저 살피는 모임입니다."),
    "only_time": lazy_gettext("다른 모임이 받았습니다. 그 모임은 이 시간이 아니면 한 번도 받지 못합니다."),
    "fairness": lazy_gettext("다른 모임이 받았습니다. 바란 것에 견주어 받은 몫이 더 많지 않은 모임입니다."),
    "preference": lazy_gettext("다른 모임이 받았습니다. 이 시간을 더 앞선 희망으로 적은 모임입니다."),
    "total": lazy_gettext("다른 모임이 받았습니다. 이 시간을 드리면 모두 합쳐 받는 것이 줄어듭니다."),
}
LEFT_OUT = {
    "slot_taken": lazy_gettext("이미 예약됨"),
    "in_the_past": lazy_gettext("지난 날"),
}
ACTS = {
    "proposed": lazy_gettext("제안을 받음"),
    "pin": lazy_gettext("손으로 넣거나 고정함"),
    "unpin": lazy_gettext("고정을 풂"),
    "forbid": lazy_gettext("시간을 뺌"),
    "allow": lazy_gettext("다시 줄 수 있게 함"),
    "move": lazy_gettext("시간을 옮김"),
    "went_back": lazy_gettext("이전 안으로 돌아감"),
    "withdrawn": lazy_gettext("모임이 신청을 취소함"),
}
STEPS = {
    "served": lazy_gettext("되도록 많은 모임"),
    "fairness": lazy_gettext("고르게 나누기"),
    "preference": lazy_gettext("앞선 희망"),
}
NOTHING_LEFT = lazy_gettext("그사이 남은 날이 없어 예약하지 못했습니다.")


def weekly_text(weekday: int, start: int, end: int) -> str:
    """ "매주 화요일 14:00–16:00"."""
    return _("매주 %(day)s요일 %(time)s", day=weekday_text(weekday), time=f"{clock(start)}–{clock(end)}")


def weekday_text(weekday: int) -> str:
    """ "화", of an ISO number."""
    return get_day_names("abbreviated", locale=_language())[weekday - 1]


def days_text(days: Iterable[date | str]) -> str:
    """ "12월 25일, 1월 1일"; long ones are told by the first and their number."""
    found = [day if isinstance(day, date) else date.fromisoformat(day) for day in days]
    told = [format_date(day, _("M월 d일"), locale=_language()) for day in found]
    return ", ".join(told) if len(told) <= 8 else _("%(first)s 들 %(n)s일", first=", ".join(told[:5]), n=len(told))


def period_text(first: date, last: date) -> str:
    """ "2027년 3월 2일 – 2027년 6월 30일"."""
    return " – ".join(format_date(day, _("y년 M월 d일"), locale=_language()) for day in (first, last))


def reason_text(reason: Mapping[str, Any]) -> str:
    """Why an option was or was not given; `reason` has its `code` and, where it was lost, `why`."""
    if reason.get("code") == "lost":
        return str(LOST.get(str(reason.get("why")), LOST["total"]))
    return str(REASONS.get(str(reason.get("code")), ""))


def left_text(code: str) -> str:
    """Why a date is left out, in a word."""
    return str(LEFT_OUT.get(code) or (_("쉬는 날") if code.startswith("closed_") else _("규칙에 맞지 않음")))


def fairness_text(value: Fraction | list[int] | None) -> str:
    """The fairness figure with two digits; a dash where nobody has anything."""
    if value is None:
        return "–"
    figure = Fraction(*value) if isinstance(value, list) else value
    return f"{int(figure * 100 + Fraction(1, 2)) / 100:.2f}"


def steps_text(steps: Iterable[str]) -> str:
    """The solver's goals by name."""
    return ", ".join(str(STEPS.get(each, each)) for each in steps)


def act_text(about: Mapping[str, Any]) -> str:
    """What was done last to a plan."""
    return str(ACTS.get(str(about.get("what")), about.get("what") or ""))


def at_of(about: Mapping[str, Any]) -> datetime:
    """When."""
    return datetime.fromisoformat(about["at"])


def clock_options(times: Iterable[str], typed: str | None) -> list[tuple[str, str]]:
    """What a select of times offers; a time that was typed is never dropped."""
    return [(each, each) for each in sorted({*times, *([typed] if typed else [])})]


def message_lines(params: Mapping[str, Any]) -> list[str]:
    """What a group got and why not what it did not get: a line each."""
    told = []
    for each in params.get("given", ()):
        where = f"{each['space']} {each['unit']}"
        when = weekly_text(*each["time"])
        if not each["count"]:
            told.append(f"{when} {where}: {NOTHING_LEFT}")
            continue
        told.append(_("받음: %(when)s %(where)s, %(n)s번", when=when, where=where, n=each["count"]))
        if each["left_out"]:
            days = days_text(day for day, _code in each["left_out"])
            told.append(_("빠진 날: %(days)s", days=days))
    for each in params.get("refused", ()):
        unit, *time = each["option"]
        told.append(f"{weekly_text(*time)} {unit}: {reason_text(each)}")
    return told


def _language() -> str:
    return str(get_locale() or "ko")


GLOBALS = {
    "season_stages": STAGES,
    "season_tones": {stage: STAGE_TONES.get(stage, "neutral") for stage in STAGES},
    "season_standings": STANDINGS,
    "season_steps_text": steps_text,
    "weekly_text": weekly_text,
    "weekday_text": weekday_text,
    "days_text": days_text,
    "period_text": period_text,
    "reason_text": reason_text,
    "left_text": left_text,
    "fairness_text": fairness_text,
    "act_text": act_text,
    "at_of": at_of,
    "clock_of_minutes": clock,
    "clock_options": clock_options,
    "season_zone": ZoneInfo,
}
"""What the templates of seasons use."""
