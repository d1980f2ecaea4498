"""Sizes: 수용가능인원수 (people) and 면적 (square metres)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from services.maps.facilities.problems import Note

CAPACITY: Final = "수용가능인원수"
AREA: Final = "면적"

_NUMBER: Final = r"(\d+|\d{1,3}(?:,\d{3})+)"
_PEOPLE: Final = re.compile(rf"{_NUMBER}(?:\.0+)?\s?(?:명|인|석)?")
_SQUARE_METRES: Final = re.compile(rf"{_NUMBER}(\.\d{{1,12}})?\s?(?:㎡|m2|m²|제곱미터)?", re.IGNORECASE)
#: No room that a district lends is larger; a number above is another mistake (a fee, a telephone number).
_MOST_PEOPLE: Final = 50_000
_MOST_AREA: Final = 1_000_000


def read_capacity(text: str) -> tuple[int | None, list[Note]]:
    """(people, notes); None for blank, zero, "약 50명", "20~30"."""
    if not text:
        return None, []
    match = _PEOPLE.fullmatch(text)
    people = int(match[1].replace(",", "")) if match else 0
    if not 0 < people <= _MOST_PEOPLE:
        return None, [Note(CAPACITY, text, "capacity_unreadable")]
    return people, []


def read_area(text: str) -> tuple[str | None, list[Note]]:
    """(square metres as a decimal string without padding zeros, notes); None for blank, zero, "약 50㎡", "30평"."""
    if not text:
        return None, []
    match = _SQUARE_METRES.fullmatch(text)
    area = Decimal(match[1].replace(",", "") + (match[2] or "")) if match else Decimal(0)
    if not 0 < area <= _MOST_AREA:
        return None, [Note(AREA, text, "area_unreadable")]
    return (f"{area:f}".rstrip("0").rstrip(".") if "." in f"{area:f}" else f"{area:f}"), []
