"""The words that the map's script shows on any map, in the reader's language."""

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
        "cluster": _("%(what)s 모여 있음, 펼치기"),
        "projects": _("선정 사업 %(count)s건"),
        "whole_district": _("위치가 정해지지 않은 사업이라 구청 자리에 표시했습니다."),
        "schematic": _("모식도입니다. 실제 경계가 아닙니다."),
    }
