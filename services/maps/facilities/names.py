"""Names: which of 개방시설명 and 개방장소명 is the place, which the room in it.

The standard's 개방시설명 is what is opened (the room) and 개방장소명 where. Some districts publish them the other way
round ("한남동주민센터" with "2층 컴퓨터실"). That is certain, and set right, only when 개방시설명 is a public building
and 개방장소명 starts with that building's name and goes on, starts with a floor, or ends in the word for a room.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from services.maps.facilities.text import after_prefix, key
from shared.districts import District

FACILITY: Final = "개방시설명"
PLACE: Final = "개방장소명"

_BUILDING: Final = re.compile(r".*(?:주민센터|행정복지센터|동사무소|회관|구청|청사|복지관)(?:\s*\([^)]*\))?")
_WING: Final = re.compile(r"[\s(-]*(?:본관|별관|신관|구관)\)?")
_FLOOR: Final = re.compile(r"(?:(?:본관|별관|신관|구관)\s*)?(?:(?:지하|지상|B)\s*)?\d+\s*층|지하\s")
_ROOM: Final = re.compile(
    r".*(?:실|방|강당|식당|교실|카페|쉼터|탁구장|체육장|연습장|다목적홀|부엌|[대중소](?:체육관|극장|공연장|회의장|홀))"
    r"(?:\s*(?:\d+호?|[A-Za-z]))?(?:\s*\([^)]*\))?"
)


class Names(NamedTuple):
    """The place, its room ("" when the row names none), and whether the published columns were the other way round."""

    place: str
    room: str
    swapped: bool


def read_names(facility: str, place: str, district: District) -> Names:
    """The names of a row. A room published with its place's name in front ("염창동주민센터 2층 강의실") loses it."""
    facility, place = without_district(facility, district), without_district(place, district)
    swapped = is_swapped(facility, place)
    if swapped:
        facility, place = place, facility
    if not place or key(facility) == key(place):
        return Names(place or facility, "", swapped)
    rest = after_prefix(facility, place)
    return Names(place, facility if rest is None else _room(rest), swapped)


def is_swapped(facility: str, place: str) -> bool:
    """Whether 개방시설명 certainly holds the place and 개방장소명 the room."""
    if not _BUILDING.fullmatch(facility):
        return False
    rest = (after_prefix(place, facility) or "").strip()
    if (rest.startswith("(") and not _WING.fullmatch(rest)) or _FLOOR.match(place):
        return True
    if _BUILDING.fullmatch(place):
        return False
    return (bool(rest) and not _WING.fullmatch(rest)) or bool(_ROOM.fullmatch(place))


def without_district(name: str, district: District) -> str:
    """``name`` without "서울특별시" and its own district's name in front, both said by the address."""
    short = re.sub(rf"^(?:서울특별시|서울시)?\s*(?:{district.name}\s+)?", "", name)
    return short or name


def _room(rest: str) -> str:
    """The room's name from what follows the place's: "(2층 누리방)" is "2층 누리방", " - 5층 강당" is "5층 강당"."""
    text = rest.strip(" -_–·:/,")
    if match := re.fullmatch(r"\(([^()]+)\)", text):
        text = match[1]
    return text.strip() if re.search(r"\w", text) else ""
