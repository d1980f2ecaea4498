"""Regular closing days as numbers: a unit is closed on a date when its closing bits and the date's bits share one.

That is what lets a database ask for thousands of units at once whether they are open, by one `&`.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from services.booking.rules.hours import NAMED, Opening, holiday

_WEEKDAY, _NTH, _LAST, _HOLIDAY, _NAMED = 0, 7, 42, 49, 50
HOLIDAY_BIT = 1 << _HOLIDAY
"""Of a unit that is closed on public holidays, and of a public holiday."""


def closed_bits(opening: Opening) -> int:
    """The bits of a unit's regular closing days; its hours say nothing here."""
    bits = sum(1 << (_WEEKDAY + weekday - 1) for weekday in opening.closed_weekdays)
    for nth, weekday in opening.closed_monthly:
        bits |= 1 << (_LAST + weekday - 1 if nth == -1 else _NTH + 7 * (nth - 1) + weekday - 1)
    if opening.closed_on_holidays:
        bits |= HOLIDAY_BIT
    for place, key in enumerate(NAMED):
        bits |= (key in opening.closed_named) << (_NAMED + place)
    return bits


@lru_cache(maxsize=2048)
def day_bits(day: date) -> int:
    """The bits of a local date, public holidays of the calendar included (those added by hand are `HOLIDAY_BIT`)."""
    weekday = day.weekday()
    bits = 1 << (_WEEKDAY + weekday) | 1 << (_NTH + 7 * ((day.day - 1) // 7) + weekday)
    if (day + timedelta(days=7)).month != day.month:
        bits |= 1 << (_LAST + weekday)
    name = holiday(day)
    if name:
        bits |= HOLIDAY_BIT
    for place, named in enumerate(NAMED.values()):
        bits |= named(day, name or "") << (_NAMED + place)
    return bits
