"""Telling one dong (행정동) from another, however its name is written. Pure.

Ceilings are counted by dong, so "사당1동", "사당 제1동" and "서울시 동작구 사당1동" have to be one, with figures of any
width. Official names may carry a 제 before the number ("사당제1동") which hardly anybody writes; it is left out. No
table of dongs is kept: a name is known by its form.
"""

from __future__ import annotations

import re
import unicodedata

from shared.districts import DISTRICTS

LONGEST = 40
_DISTRICTS = "|".join(re.escape(each.name) for each in DISTRICTS)
_AROUND = re.compile(rf"^(서울특별시|서울시|서울)?({_DISTRICTS})?(?=.)")
_ORDER = re.compile(r"(?<!^)(?<!홍)제(?=\d)")
"""The 제 of a number; 홍제1동 is called so, and officially 홍제제1동."""
_POINTS = re.compile("[.·・ㆍ\u119e\u2024\u2027]")
_NAME = re.compile(r"(?!.*동·)[가-힣][가-힣\d·]*동", re.ASCII)


def dong_name(typed: str) -> str:
    """The one way in which a dong's name is stored and compared: without the city, the district, blanks and the 제 of
    its number. What has not the form of a dong's name is only trimmed."""
    text = _POINTS.sub("·", "".join(unicodedata.normalize("NFKC", typed).split()))
    name = _ORDER.sub("", _AROUND.sub("", text))
    return name if _NAME.fullmatch(name) else typed.strip()


def is_dong(typed: str) -> bool:
    """Whether it has the form of one dong's name, such as 사당1동 or 종로1·2·3·4가동."""
    return _NAME.fullmatch(dong_name(typed)) is not None
