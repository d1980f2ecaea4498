"""The words that the map's script shows, in the reader's language."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _


def map_labels() -> dict[str, str]:
    """For ``labels`` of the maps. ``%(name)s`` stands for what the script fills in."""
    return {
        "locale": str(get_locale() or "ko"),
        "zoom_in": _("확대"),
        "zoom_out": _("축소"),
        "whole": _("서울 전체 보기"),
        "close": _("닫기"),
        "spaces": _("공간 %(count)s곳"),
        "cluster": _("%(what)s 모여 있음, 펼치기"),
        "upcoming": _("앞으로 7일 예약"),
        "next_start": _("다음 예약"),
        "free_at": _("비는 시각"),
        "none": _("없음"),
        "count": _("%(count)s건"),
        "open_space": _("공간 보고 예약하기"),
        "projects": _("선정 사업 %(count)s건"),
        "whole_district": _("위치가 정해지지 않은 사업이라 구청 자리에 표시했습니다."),
        "schematic": _("모식도입니다. 실제 경계가 아닙니다."),
        "changed": _("%(name)s: 앞으로 7일 예약 %(count)s건으로 바뀌었습니다."),
        "changed_many": _("공간 %(count)s곳의 예약이 바뀌었습니다."),
        "lost": _("새 예약 소식을 받지 못하고 있습니다. 계속 다시 시도합니다."),
        "found": _("새 예약 소식을 다시 받고 있습니다."),
    }
