"""What those are told whom a closure meets: drafts in Korean and English, and the words that fill them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.booking.rules.hours import clock_of
from services.booking.rules.interval import Interval

LANGUAGES = ("ko", "en")
TEXT_LENGTH = 1000
DRAFTS: Mapping[str, Mapping[str, str]] = {
    "move": {
        "ko": "{공간}이(가) 쉬게 되어({이유}) {때} 예약을 {새때} {새공간}(으)로 옮겼습니다. "
        "어려우시면 내 예약에서 바꾸거나 취소해 주세요. 불편을 드려 죄송합니다.",
        "en": "{place} will be closed ({reason}), so we moved your reservation of {when} to {new_place}, {new_when}. "
        "If this does not suit you, please change or cancel it under My reservations. We are sorry for the trouble.",
    },
    "cancel": {
        "ko": "{공간}이(가) 쉬게 되어({이유}) {때} 예약을 취소했습니다. 가까운 빈 공간을 찾아 드리지 못해 죄송합니다. "
        "공간 예약에서 다른 시간을 골라 주세요.",
        "en": "{place} will be closed ({reason}), so we had to cancel your reservation of {when}. We are sorry that we "
        "found no other room nearby. Please choose another time under Reserve a space.",
    },
    "keep": {
        "ko": "{때}에 {공간}이(가) 쉬지만({이유}) 예약은 그대로 쓰실 수 있습니다. "
        "들어오는 방법은 공간에 문의해 주세요.",
        "en": "{place} is closed then ({reason}), but your reservation of {when} stands. "
        "Please ask the space how to get in.",
    },
}
"""Action -> language -> text. Names in braces are filled for each reservation, by the Korean or the English name."""

_NAMES = {
    "때": "when",
    "공간": "place",
    "새때": "new_when",
    "새공간": "new_place",
    "이유": "reason",
}
_TOKEN = re.compile(r"\{\s*(\w+)\s*\}")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The text with its names filled; what is in braces but no name of ours stays as it was typed."""

    def word(found: re.Match[str]) -> str:
        return facts.get(_NAMES.get(found[1], found[1]), found[0])

    return _TOKEN.sub(word, text)


def when_text(during: Interval, zone: ZoneInfo, language: str) -> str:
    """ "11월 24일 (화) 14:00–16:00", or "Tue 24 November, 14:00–16:00"; over midnight with both days."""
    first, last = during.start.astimezone(zone).date(), during.end.astimezone(zone).date()
    start, end = clock_of(during.start, first, zone), clock_of(during.end, first, zone)
    if last != first and end != "24:00":
        end = f"{_day_text(last, language)} {end}"
    return f"{_day_text(first, language)}{',' if language == 'en' else ''} {start}–{end}"


def _day_text(day: object, language: str) -> str:
    return format_date(day, "EEE d MMMM" if language == "en" else "M월 d일 (E)", locale=language)  # type: ignore[arg-type]
