"""Sentences about the line, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.booking.models import Waiting
from services.booking.waitlist.lines import until
from services.booking.wording.messages import until_text
from shared.web.wording import length_text

STATUSES = {
    "waiting": lazy_gettext("기다리는 중"),
    "offered": lazy_gettext("차례가 왔어요"),
    "claimed": lazy_gettext("예약했어요"),
    "declined": lazy_gettext("다음 분에게 넘겼어요"),
    "missed": lazy_gettext("시간이 지나 넘어갔어요"),
    "left": lazy_gettext("대기를 그만뒀어요"),
    "expired": lazy_gettext("자리가 나지 않았어요"),
}
TONES = {"waiting": "neutral", "offered": "success", "claimed": "success", "missed": "warning"}


def in_line_text(place: int) -> str:
    """ "3번째 순서예요"; whoever is next is told so."""
    return _("맨 앞이에요") if place == 1 else _("%(place)s번째 순서예요", place=place)


def offer_left_text(waiting: Waiting, moment: datetime) -> str:
    """ "11월 24일 (화) 14:30까지 · 23분 남았어요"; nothing for what is not offered any more."""
    held = until(waiting, moment)
    if held is None:
        return ""
    last = _("%(until)s까지", until=until_text(held, waiting.unit.zone))
    minutes = (held - moment).total_seconds() // 60
    left = _("%(time)s 남았어요", time=length_text(held - moment)) if minutes >= 1 else _("곧 끝나요")
    return f"{last} · {left}"


def equipment_text(equipment: Iterable[tuple[str, int]]) -> str:
    """ "마이크 2, 빔프로젝터 1"."""
    return ", ".join(f"{name} {count}" for name, count in equipment)


GLOBALS = {
    "waiting_statuses": STATUSES,
    "waiting_tones": {status: TONES.get(status, "neutral") for status in STATUSES},
    "in_line_text": in_line_text,
    "offer_left_text": offer_left_text,
    "equipment_text": equipment_text,
    "length_text": length_text,
    "open_until": until,
}
"""What the templates of the waitlist use besides `wording.GLOBALS`."""
