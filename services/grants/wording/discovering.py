"""How long one has still to apply, and what happens to a call on a day, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants.call_phases import Phase
from services.grants.discovering import days_to_go
from services.grants.models import Call

SOON = 3
"""From so many days on the close is near."""

MARKS: dict[str, Any] = {
    "opens": lazy_gettext("접수 시작"),
    "closes": lazy_gettext("마감"),
    "results": lazy_gettext("발표"),
}
MARK_TONES = {"opens": "success", "closes": "warning", "results": "info"}

STANDINGS: dict[str, Any] = {
    "ready": lazy_gettext("신청할 수 있음"),
    "look": lazy_gettext("확인하면 신청할 수 있음"),
    "applied": lazy_gettext("이미 신청함"),
    "blocked": lazy_gettext("신청할 수 없음"),
}
STANDING_TONES = {"ready": "success", "look": "warning", "applied": "info", "blocked": "danger"}
CHECKS: dict[str, Any] = {
    "met": lazy_gettext("맞음"),
    "unmet": lazy_gettext("맞지 않음"),
    "unsure": lazy_gettext("확인 필요"),
}
CHECK_TONES = {"met": "success", "unmet": "danger", "unsure": "warning"}
CHECK_ICONS = {"met": "check", "unmet": "cross", "unsure": "info"}


def left(call: Call, now: datetime) -> tuple[str, str]:
    """The days to the close or to the opening in words, and the tone of it; nothing for what is over or a draft."""
    phase, days = days_to_go(call, now)
    if phase is Phase.OPEN:
        words = {0: _("오늘 마감"), 1: _("내일 마감")}.get(days) or _("마감까지 %(days)s일", days=days)
        return words, "warning" if days <= SOON else "success"
    if phase is Phase.UPCOMING:
        words = {0: _("오늘 접수 시작"), 1: _("내일 접수 시작")}.get(days) or _("%(days)s일 뒤 접수 시작", days=days)
        return words, "info"
    return "", "neutral"
