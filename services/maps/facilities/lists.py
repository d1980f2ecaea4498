"""Columns that hold a list in one cell: 부대시설정보 (equipment) and 신청방법구분 (how to apply)."""

from __future__ import annotations

import re
from typing import Final

from services.maps.facilities.problems import Note

EQUIPMENT: Final = "부대시설정보"

#: A comma inside a number ("6,000여권") and anything inside brackets separates nothing.
_SEPARATOR: Final = re.compile(r"(?:(?<!\d),|,(?!\d{3})|[+·ㆍ・/;、|])(?![^(]*\))")
#: A whole sentence: "실제 개방시간은 … 다를 수 있음".
_SENTENCE: Final = re.compile(r"(?:\S+\s+){3,}\S*(?:음|함|됨|임|니다|바람|요|가능|불가)\.?")
_APPLY_SEPARATOR: Final = re.compile(r"[+,./·ㆍ;|]")
_APPLY: Final = {
    "인터넷": ("인터넷", "인터넷예약", "인터넷접수", "인터넷신청", "온라인", "홈페이지"),
    "전화": ("전화", "전화접수", "전화신청", "전화예약", "유선"),
    "방문": ("방문", "방문접수", "방문신청", "방문예약"),
    "앱": ("앱", "app", "모바일"),
}
_APPLY_WORDS: Final = {spelling: word for word, spellings in _APPLY.items() for spelling in spellings}


def read_equipment(text: str) -> tuple[list[str], list[Note]]:
    """(items in published order without repetition, notes); a remark in the column is no equipment."""
    if _SENTENCE.fullmatch(text):
        return [], [Note(EQUIPMENT, text, "equipment_is_remark")]
    items = (re.sub(r"\s+등$", "", item.strip()) for item in _SEPARATOR.split(text))
    return list(dict.fromkeys(item for item in items if item and item != "등")), []


def read_apply_by(text: str) -> list[str]:
    """The ways to apply: 인터넷, 전화, 방문, 앱 where a usual spelling says so, otherwise the published words."""
    items = (item.strip() for item in _APPLY_SEPARATOR.split(text))
    return list(dict.fromkeys(_APPLY_WORDS.get(re.sub(r"\s+", "", item).casefold(), item) for item in items if item))
