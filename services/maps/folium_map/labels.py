"""The words that the map's script shows of spaces, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from shared.web import city_map


def map_labels() -> dict[str, str]:
    """For ``labels`` of the maps. ``%(name)s`` stands for what the script fills in."""
    return {
        **city_map.map_labels(),
        "spaces": _("공간 %(count)s곳"),
        "upcoming": _("앞으로 7일 예약"),
        "next_start": _("다음 예약"),
        "free_at": _("비는 시각"),
        "none": _("없음"),
        "count": _("%(count)s건"),
        "open_space": _("공간 보고 예약하기"),
        "changed": _("%(name)s: 앞으로 7일 예약 %(count)s건으로 바뀌었습니다."),
        "changed_many": _("공간 %(count)s곳의 예약이 바뀌었습니다."),
        "lost": _("새 예약 소식을 받지 못하고 있습니다. 계속 다시 시도합니다."),
        "found": _("새 예약 소식을 다시 받고 있습니다."),
    }
