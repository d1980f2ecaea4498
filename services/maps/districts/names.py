"""Which district a name in a boundary file means.

By name only: KOSTAT's codes look like MOIS's and mean other districts (11230 is 강남구 in one, 동대문구 in the other).
"""

from __future__ import annotations

import re
from typing import Final

from shared.districts import BY_NAME, DISTRICTS, District

SEOUL: Final = re.compile(r"^(서울특별시|서울시|서울|Seoul)\s*", re.IGNORECASE)
DONG: Final = re.compile(r"^\S+(동|가|로|-dong|-ga|-ro)$")
_NAMES: Final[dict[str, District]] = BY_NAME | {district.english.lower(): district for district in DISTRICTS}


def district_named(text: object) -> District | None:
    """Read "종로구", "서울특별시 종로구", "Jongno-gu", or a dong with its district: "서울특별시 종로구 사직동".

    None for anything else. "부산광역시 중구" is another city's district of the same name, "사직동" tells no district.
    """
    if not isinstance(text, str):
        return None
    words = SEOUL.sub("", text.strip()).split()
    return _NAMES.get(words[0].lower()) if 1 <= len(words) <= 2 else None


def is_dong(text: object) -> bool:
    """Whether a text looks like a dong's name alone (사직동, 종로1·2·3·4가동), which does not tell its district."""
    return isinstance(text, str) and DONG.match(text.strip()) is not None
