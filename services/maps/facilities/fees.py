"""Fees: 유료사용여부, 사용기준시간 (hours), 사용료, 초과사용단위시간 (hours), 초과사용료.

A fee is structured only when flag, amount and base time agree; "10000원(구로구민5000원)" stays a text.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypedDict

from services.maps.facilities.problems import Note


class Fee(TypedDict):
    """``base_won`` won for ``base_minutes``, then ``extra_won`` won for each ``extra_minutes`` more.

    A free unit has ``base_won`` 0 and no extra; its ``base_minutes`` is 0 when no base time is published.
    """

    free: bool
    base_minutes: int
    base_won: int
    extra_minutes: int | None
    extra_won: int | None


FLAG: Final = "유료사용여부"
BASE_TIME: Final = "사용기준시간"
BASE_FEE: Final = "사용료"
EXTRA_TIME: Final = "초과사용단위시간"
EXTRA_FEE: Final = "초과사용료"
COLUMNS: Final = (FLAG, BASE_TIME, BASE_FEE, EXTRA_TIME, EXTRA_FEE)

_FLAGS: Final = {"Y": True, "유료": True, "N": False, "무료": False}
_NUMBER: Final = r"\d+|\d{1,3}(?:,\d{3})+"
_WON: Final = re.compile(rf"[₩￦\\]?\s?({_NUMBER})(?:\.0+)?\s?원?")
_WON_WORDS: Final = re.compile(r"(?:(\d{1,4})만)?\s?(?:([1-9])천)?\s?원")
_HOURS: Final = re.compile(r"(\d{1,2}(?:\.\d+)?)\s?(?:시간)?(?:\s?기준)?")
_HOURS_WORDS: Final = re.compile(r"(?:(\d{1,2})\s?시간)?\s?(?:(\d{1,3})\s?분)(?:\s?기준)?")
_CLOCK: Final = re.compile(r"(\d{1,2}):([0-5]\d)(?::00)?")
_DAY: Final = 24 * 60
#: Above this no community room is let; such a number is another mistake.
_MOST_WON: Final = 100_000_000


def read_fee(cells: tuple[str, str, str, str, str]) -> tuple[Fee | None, str | None, list[Note]]:
    """(fee, fee text, notes) of the five cells in the order of ``COLUMNS``.

    The fee text names and repeats all published cells; None when all are blank.
    """
    flag_text, base_time, base_fee, extra_time, extra_fee = cells
    text = ", ".join(f"{column}: {cell}" for column, cell in zip(COLUMNS, cells, strict=True) if cell) or None
    if text is None:
        return None, None, [Note(FLAG, "", "fee_missing")]

    def as_text(field: str, value: str, reason: str) -> tuple[None, str, list[Note]]:
        return None, text, [Note(field, value, reason)]

    paid = _FLAGS.get(flag_text.upper())
    won = 0 if base_fee == "무료" else won_of(base_fee)
    extra_won = won_of(extra_fee)
    if flag_text and paid is None:
        return as_text(FLAG, flag_text, "fee_flag_unknown")
    if base_fee and won is None:
        return as_text(BASE_FEE, base_fee, "fee_not_a_sum")
    if paid is None and base_fee != "무료":
        return as_text(FLAG, text, "fee_flag_missing")
    if not paid:
        if won or extra_won or (extra_fee and extra_won is None):
            return as_text(BASE_FEE, text, "fee_but_free")
        minutes = minutes_of(base_time) or 0
        return (
            {"free": True, "base_minutes": minutes, "base_won": 0, "extra_minutes": None, "extra_won": None},
            text,
            [],
        )
    if not base_fee:
        return as_text(BASE_FEE, text, "fee_sum_missing")
    if not won:
        return as_text(BASE_FEE, text, "paid_but_zero")
    minutes_or_none = minutes_of(base_time)
    if not minutes_or_none:
        return as_text(BASE_TIME, text, "fee_time_unreadable")
    fee: Fee = {
        "free": False,
        "base_minutes": minutes_or_none,
        "base_won": won,
        "extra_minutes": None,
        "extra_won": None,
    }
    extra_minutes = minutes_of(extra_time)
    if extra_minutes and extra_won:
        fee["extra_minutes"], fee["extra_won"] = extra_minutes, extra_won
        return fee, text, []
    unpublished = all(cell == "" or won_of(cell) == 0 for cell in (extra_time, extra_fee))
    return fee, text, [] if unpublished else [Note(EXTRA_FEE, text, "fee_extra_incomplete")]


@lru_cache(maxsize=4096)
def won_of(text: str) -> int | None:
    """The sum in won, when ``text`` is nothing but one sum; otherwise None.

    >>> [won_of(text) for text in ("10,000원", "2만5천원", "5000.0", "0", "15,000~", "10,00", "1인 1음료")]
    [10000, 25000, 5000, 0, None, None, None]
    """
    if match := _WON.fullmatch(text):
        won = int(match[1].replace(",", ""))
    elif (match := _WON_WORDS.fullmatch(text)) and (match[1] or match[2]):
        won = int(match[1] or 0) * 10_000 + int(match[2] or 0) * 1_000
    else:
        return None
    return won if won <= _MOST_WON else None


@lru_cache(maxsize=1024)
def minutes_of(text: str) -> int | None:
    """Whole minutes (at most a day) of a duration; a bare number is in hours, as the standard has it. Else None.

    >>> [minutes_of(text) for text in ("2", "0.5", "1시간 30분", "2시간", "60", "1회", "0")]
    [120, 30, 90, 120, None, None, 0]
    """
    if match := _HOURS.fullmatch(text):
        minutes = Decimal(match[1]) * 60
    elif (match := _HOURS_WORDS.fullmatch(text)) or (match := _CLOCK.fullmatch(text)):
        minutes = Decimal(match[1] or 0) * 60 + Decimal(match[2])
    else:
        return None
    return int(minutes) if minutes == int(minutes) and minutes <= _DAY else None
