"""Sentences about lotteries, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.booking.lottery.results import Wished
from services.booking.models import Lottery, LotterySlot
from services.booking.wording import during_text, moment_text

STAGES = {
    "soon": lazy_gettext("곧 시작"),
    "open": lazy_gettext("참가 받는 중"),
    "closing": lazy_gettext("추첨하는 중"),
    "drawn": lazy_gettext("추첨 끝남"),
    "cancelled": lazy_gettext("추첨 취소됨"),
}
STAGE_TONES = {"open": "success", "soon": "info", "closing": "warning"}
STAGE_ICONS = {"open": "check", "soon": "clock", "closing": "hourglass", "cancelled": "cross"}
AWARDS = {
    "offered": lazy_gettext("당첨, 확인 기다림"),
    "confirmed": lazy_gettext("예약 확정"),
    "declined": lazy_gettext("사양함"),
    "missed": lazy_gettext("확인하지 않음"),
}
AWARD_TONES = {"offered": "warning", "confirmed": "success"}
TICKETS = {
    "base": lazy_gettext("기본"),
    "first_timer": lazy_gettext("이 장소를 처음 쓰는 분"),
    "resident": lazy_gettext("이 자치구에 사는 분"),
    "group": lazy_gettext("등록한 모임으로 참가하는 분"),
    "won_lately": lazy_gettext("최근 31일 안에 이 장소 추첨에 당첨된 분이나 모임"),
}
"""Whom each rule of tickets is about."""


def window_text(lottery: Lottery) -> str:
    """When one may enter, in the space's own time."""
    zone = ZoneInfo(lottery.space.zone)
    return f"{moment_text(lottery.opens_at, zone)} – {moment_text(lottery.closes_at, zone)}"


def local_text(moment: datetime, lottery: Lottery) -> str:
    """A moment in the time of the lottery's space."""
    return moment_text(moment, ZoneInfo(lottery.space.zone))


def ticket_lines(lottery: Lottery) -> list[str]:
    """How many tickets one has, each rule as a sentence."""
    told = [_("누구나 추첨권 %(n)s장을 받습니다.", n=lottery.base)]
    for code, count in lottery.tickets:
        who = TICKETS.get(code, code)
        if count > 0:
            told.append(_("%(who)s: %(n)s장 더 받습니다.", who=who, n=count))
        elif count < 0:
            told.append(_("%(who)s: %(n)s장 덜 받습니다.", who=who, n=-count))
    if any(count < 0 for _code, count in lottery.tickets):
        told.append(_("아무리 적어도 1장은 받습니다."))
    return told


def parts_text(parts: Iterable[Any]) -> str:
    """How somebody's tickets come about: "기본 2 + 이 자치구에 사는 분 1"."""
    text = ""
    for code, count in parts:
        sign = (" + " if count >= 0 else " − ") if text else ("" if count >= 0 else "−")
        text += f"{sign}{TICKETS.get(code, code)} {abs(count)}"
    return text


def wins_text(lottery: Lottery) -> str:
    """How many times one may win, and what to do then."""
    most = _("한 사람이 시간 %(n)s개까지 당첨될 수 있습니다.", n=lottery.wins)
    if lottery.confirm_hours == 0:
        return most + " " + _("당첨되면 바로 예약이 확정됩니다.")
    told = _(
        "당첨되면 %(n)s시간 안에 확인해야 예약이 확정됩니다. 지나면 다음 순위로 넘어갑니다.", n=lottery.confirm_hours
    )
    return most + " " + told


def slot_text(slot: LotterySlot) -> str:
    """ "12월 5일 (토) 14:00–16:00 · 큰 회의실"."""
    return f"{during_text(slot.during, slot.unit.zone)} · {slot.unit.name}"


def wished_text(wished: Wished, lottery: Lottery) -> str:
    """Why a wish came true or not, in one sentence."""
    if wished.award is not None and wished.became != "won":
        return _("앞선 분이 쓰지 않기로 해서 차례가 왔습니다.")
    if wished.became == "won":
        return _("순서가 왔을 때 비어 있어 당첨되었습니다.")
    if wished.became == "enough":
        return _("이미 %(n)s개가 당첨되어 다른 분에게 돌아갔습니다.", n=lottery.wins)
    if wished.became == "taken":
        return _("%(rank)s위인 참가 번호 %(by)s번이 먼저 골랐습니다.", rank=wished.rank, by=wished.by)
    return _("추첨하기 전에 공간 사정으로 쓸 수 없게 된 시간입니다.")


def outcome_text(became: str, rank: int | None, by: int | None) -> str:
    """What became of a wish, as the receipt's table tells it."""
    if became == "won":
        return _("당첨")
    if became == "taken":
        return _("%(rank)s위 %(by)s번에게", rank=rank, by=by)
    return _("더 받을 수 없음")


GLOBALS = {
    "lottery_stages": STAGES,
    "lottery_stage_tones": {stage: STAGE_TONES.get(stage, "neutral") for stage in STAGES},
    "lottery_stage_icons": STAGE_ICONS,
    "lottery_awards": AWARDS,
    "lottery_award_tones": {status: AWARD_TONES.get(status, "neutral") for status in AWARDS},
    "lottery_window_text": window_text,
    "lottery_local_text": local_text,
    "lottery_ticket_lines": ticket_lines,
    "lottery_ticket_words": TICKETS,
    "lottery_parts_text": parts_text,
    "lottery_wins_text": wins_text,
    "lottery_slot_text": slot_text,
    "lottery_wished_text": wished_text,
    "lottery_outcome_text": outcome_text,
}
"""What the templates of lotteries may use besides."""
