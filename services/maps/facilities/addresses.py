"""Where a row is: the district from the addresses and the managing office, and when two addresses are one."""

from __future__ import annotations

import re
from typing import Final

from services.maps.facilities.problems import Note
from services.maps.facilities.text import key
from shared.districts import BY_NAME, DISTRICTS, District

ROAD: Final = "소재지도로명주소"
LOT: Final = "소재지지번주소"
OFFICE: Final = "관리기관명"

_GU: Final = "|".join(district.name for district in DISTRICTS)
_CITY: Final = r"(?:서울특별시|서울시|서울)"
_ZIP: Final = re.compile(r"^[(\[]?\d{5}[)\]]?\s+")
_ADDRESS: Final = re.compile(rf"(?P<city>{_CITY})?\s*(?P<gu>{_GU})(?=[\s,(]|$)")
#: 성동구치소 is no office of 성동구.
_OFFICE: Final = re.compile(rf"(?P<city>{_CITY})?\s*(?P<gu>{_GU})(?!치소)")
_ELSEWHERE: Final = re.compile(
    r"(?:부산|대구|인천|광주|대전|울산|세종|경기|강원|충청?[남북]|전라?[남북]|경상?[남북]|제주)(?:특별자치|광역|직할)?[시도]?\s"
)
#: Names that districts of other cities have too: without "서울" they do not tell the city.
_NOT_ONLY_SEOUL: Final = frozenset({"중구", "강서구"})

_DONG: Final = re.compile(r"^[가-힣]+(?:\d*동(?:\d+가)?|\d+가|읍|면|리)\s+(?=\S)")
_ROAD_NUMBER: Final = re.compile(
    r"(?P<road>[가-힣A-Za-z0-9.·]*?(?:로|길)(?:\d+[가-힣]{0,2}길)?)(?P<basement>지하)?(?P<number>\d+(?:-\d+)?)"
    r"(?!\d|[가-힣]{0,2}길)"
)
_LOT_NUMBER: Final = re.compile(
    r"(?P<dong>[가-힣]+\d*(?:동|가|리)(?:\d+가)?)(?P<hill>산)?(?P<number>\d+(?:-\d+)?)(?!\d)"
)


def read_district(road: str, lot: str, office: str) -> tuple[District | None, Note | None]:
    """(district, None), or (None, why the row has none): unknown, outside Seoul, or its columns contradict."""
    found: dict[str, str] = {}
    texts = ((ROAD, _ZIP.sub("", road)), (LOT, _ZIP.sub("", lot)), (OFFICE, office))
    in_seoul = any(re.match(_CITY, text) for _, text in texts)
    for field, text in texts:
        if field != OFFICE and _ELSEWHERE.match(text):
            return None, Note(field, text, "outside_seoul")
        match = (_OFFICE if field == OFFICE else _ADDRESS).match(text)
        if match and (in_seoul or match["gu"] not in _NOT_ONLY_SEOUL):
            found.setdefault(match["gu"], field)
    if len(found) > 1:
        texts_found = " / ".join(text for field, text in texts if field in found.values())
        return None, Note(list(found.values())[-1], texts_found, "district_contradiction")
    if not found:
        return None, Note(ROAD, " / ".join(text for _, text in texts if text), "district_unknown")
    return BY_NAME[next(iter(found))], None


def address_key(road: str, lot: str) -> str:
    """The building of the published addresses, for comparison: "시흥대로123길11" or, by lot number, "독산동289-5".

    Two spellings of a road name and building number are one building whatever floor or note follows
    (Road Name Address Act: the number is the building's). "" when there is no address.
    """
    for published, pattern in ((road, _ROAD_NUMBER), (road, _LOT_NUMBER), (lot, _LOT_NUMBER), (lot, _ROAD_NUMBER)):
        text = local(published)
        if pattern is _ROAD_NUMBER:
            text = _DONG.sub("", text)
        if match := pattern.match(_squash(text)):
            return "".join(group for group in match.groups() if group)
    return _squash(local(road or lot))


def local(address: str) -> str:
    """The address without post code, city, district and bracketed notes."""
    text = re.sub(r"\([^)]*\)", " ", _ZIP.sub("", address))
    return re.sub(rf"^{_CITY}?\s*(?:(?:{_GU})(?=[\s,]|$))?\s*", "", text).strip()


def building(address: str) -> str:
    """The published address up to the building: without what follows a comma or bracket."""
    return re.split(r"[,(]", address, maxsplit=1)[0].strip()


def _squash(text: str) -> str:
    """``text`` without blanks, except between two digits, where they part two numbers."""
    return key(re.sub(r"(?<=\d)\s+(?=\d)", "_", text)).replace("_", " ")
