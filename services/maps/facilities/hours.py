"""Opening hours: the four columns 평일/주말 운영시작/종료시각.

The standard has no word for "not open": publishers write 00:00-00:00, for a day on which the place is closed as well
as for hours they do not know. The closures (휴관일) decide; without them the half is not reservable, and noted.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypedDict

from services.maps.facilities.closures import Closures
from services.maps.facilities.problems import Note

#: ["09:00", "21:00"]: local wall time; the end may be "24:00".
Span = list[str]


class Hours(TypedDict):
    """Opening hours of the two kinds of day; None where the unit is not open, or not known to be."""

    weekday: Span | None
    weekend: Span | None


_WEEKDAYS: Final = frozenset({1, 2, 3, 4, 5})
_WEEKEND: Final = frozenset({6, 7})
_DAY: Final = 24 * 60
#: A date before the time is what a spreadsheet's day zero looks like as text.
_CLOCK: Final = re.compile(
    r"(?:1899-12-30[ T]|1900-01-00[ T])?(?P<before>오전|오후|AM|PM)?\s*(?P<hour>\d{1,2})\s*"
    r"(?::\s*(?P<minute>\d{2})(?::00(?:\.0+)?)?|시(?:\s*(?P<words>\d{1,2})\s*분)?)\s*(?P<after>AM|PM)?",
    re.IGNORECASE,
)
_FOUR_DIGITS: Final = re.compile(r"(?P<hour>\d{2})(?P<minute>\d{2})")
_CLOSED_WORDS: Final = frozenset({"휴관", "휴무", "미운영", "미개방"})
_DAY_FRACTION: Final = re.compile(r"0?\.\d+")


def read_hours(
    weekday: tuple[str, str], weekend: tuple[str, str], closures: Closures | None
) -> tuple[Hours | None, list[Note]]:
    """(hours, notes) from the published (start, end) of both halves of the week; None when neither half is known."""
    closed = frozenset(closures["weekdays"]) if closures else frozenset()
    weekday_span, notes = _span("평일운영시작시각", "hours_weekday", weekday, _WEEKDAYS, closed)
    weekend_span, weekend_notes = _span("주말운영시작시각", "hours_weekend", weekend, _WEEKEND, closed)
    notes += weekend_notes
    if weekday_span is None and weekend_span is None:
        published = ", ".join(f"{start}~{end}" for start, end in (weekday, weekend))
        errors = [note for note in notes if not note.reason.endswith("_unknown")]
        return None, [Note("평일운영시작시각", published, "hours_unknown"), *errors]
    return {"weekday": weekday_span, "weekend": weekend_span}, notes


@lru_cache(maxsize=4096)
def minutes_of(text: str) -> int | None:
    """Minutes since midnight (0 to 1440) of a time as districts and spreadsheets write it; None when not certain.

    >>> [minutes_of(text) for text in ("9:00", "24:00", "0.375", "오후 6시", "1830", "9", "25:00")]
    [540, 1440, 540, 1080, 1110, None, None]
    """
    if match := _CLOCK.fullmatch(text):
        hour, minute = int(match["hour"]), int(match["minute"] or match["words"] or 0)
        half = (match["before"] or match["after"] or "").upper()
        if half:
            if not 1 <= hour <= 12 or (match["before"] and match["after"]):
                return None
            hour = hour % 12 + (12 if half in ("오후", "PM") else 0)
    elif match := _FOUR_DIGITS.fullmatch(text):
        hour, minute = int(match["hour"]), int(match["minute"])
    elif _DAY_FRACTION.fullmatch(text):  # a spreadsheet's time: the fraction of a day
        exact = Decimal(text) * _DAY
        rounded = int(exact.to_integral_value())
        return rounded if abs(exact - rounded) < Decimal("0.01") and 0 < rounded < _DAY else None
    else:
        return None
    total = hour * 60 + minute
    return total if minute < 60 and total <= _DAY else None


def _span(
    field: str, code: str, published: tuple[str, str], days: frozenset[int], closed: frozenset[int]
) -> tuple[Span | None, list[Note]]:
    """One half of the week. ``code`` starts its reasons; ``days`` are its ISO weekdays, ``closed`` the closed ones."""
    text = "~".join(published)
    all_closed = days <= closed
    if set(published) & _CLOSED_WORDS and set(published) <= _CLOSED_WORDS | {""}:
        return None, []
    if all(value == "" or minutes_of(value) == 0 for value in published):
        return None, [] if all_closed else [Note(field, text, f"{code}_unknown")]
    start, end = (minutes_of(value) for value in published)
    if start is None or end is None:
        return None, [Note(field, text, f"{code}_unreadable")]
    if end <= start:
        return None, [Note(field, text, f"{code}_reversed")]
    notes = [Note(field, text, f"{code}_but_closed")] if all_closed else []
    return [_clock(start), _clock(end)], notes


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
