"""When a unit is open: weekday and weekend hours, regular closures, public holidays, in the space's own zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from services.booking.rules.interval import Interval, union

SATURDAY = 6
NAMED: dict[str, Callable[[date, str], bool]] = {
    "new_year_day": lambda day, name: (day.month, day.day) == (1, 1),
    "labour_day": lambda day, name: (day.month, day.day) == (5, 1),
    "seollal_day": lambda day, name: name == "설날",
    "seollal_holidays": lambda day, name: "설날" in name,
    "chuseok_day": lambda day, name: name == "추석",
    "chuseok_holidays": lambda day, name: "추석" in name,
}
"""Closing days that are named one by one, each by its date or by the holiday's Korean name."""


@dataclass(frozen=True)
class Opening:
    """The rule of a unit's days. Hours are local ("09:00", "21:00"), "24:00" being midnight; None: closed.

    `closed_weekdays` are ISO numbers (Monday is 1); `closed_monthly` are (nth, ISO weekday): (2, 1) is the second
    Monday of each month, (-1, 1) the last. `closed_named` are keys of NAMED. `days`, where a keeper set them, are the
    hours of Monday to Sunday and go before `weekday` and `weekend`.
    """

    weekday: tuple[str, str] | None
    weekend: tuple[str, str] | None
    closed_weekdays: frozenset[int] = frozenset()
    closed_monthly: frozenset[tuple[int, int]] = frozenset()
    closed_on_holidays: bool = False
    closed_named: frozenset[str] = frozenset()
    days: tuple[tuple[str, str] | None, ...] | None = None

    @classmethod
    def from_facts(cls, hours: Mapping[str, Any] | None, closures: Mapping[str, Any]) -> Opening | None:
        """From the payload of maps.space.changed, or a keeper's own of the same form, which may have "days": the hours
        of Monday to Sunday. None when the hours are unknown."""
        if hours is None:
            return None
        weekday, weekend = (tuple(pair) if pair else None for pair in (hours.get("weekday"), hours.get("weekend")))
        days = hours.get("days")
        return cls(
            weekday=weekday,
            weekend=weekend,
            closed_weekdays=frozenset(closures.get("weekdays") or ()),
            closed_monthly=frozenset((nth, day) for nth, day in closures.get("monthly") or ()),
            closed_on_holidays=bool(closures.get("holidays")),
            closed_named=frozenset(closures.get("named") or ()),
            days=tuple(tuple(pair) if pair else None for pair in days) if days else None,
        )

    def hours_of(self, day: date) -> tuple[str, str] | None:
        """The hours of a day's kind, closures not yet considered."""
        if self.days:
            return self.days[day.weekday()]
        return self.weekend if day.isoweekday() >= SATURDAY else self.weekday


def closed_reason(opening: Opening, day: date) -> str | None:
    """Why the unit is closed on this local date: closed_weekday, closed_monthly or closed_holiday; None when open."""
    if day.isoweekday() in opening.closed_weekdays or opening.hours_of(day) is None:
        return "closed_weekday"
    nth = (day.day - 1) // 7 + 1
    last = (day + timedelta(days=7)).month != day.month
    if not opening.closed_monthly.isdisjoint({(nth, day.isoweekday()), (-1 if last else nth, day.isoweekday())}):
        return "closed_monthly"
    name = holiday(day) or ""
    if (opening.closed_on_holidays and name) or any(
        NAMED[key](day, name) for key in opening.closed_named & NAMED.keys()
    ):
        return "closed_holiday"
    return None


def open_intervals(opening: Opening, first: date, last: date, zone: ZoneInfo) -> list[Interval]:
    """The instants in UTC in which the unit is open on the local dates first..last, both included."""
    found = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        hours = opening.hours_of(day)
        if hours and closed_reason(opening, day) is None:
            start, end = instant(day, hours[0], zone), instant(day, hours[1], zone)
            found.append(Interval(start, end))
    return union(found)


def instant(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """The local wall time as an instant in UTC; "24:00" is the next day's midnight.

    Where a clock change repeats an hour the first one is meant; an hour that it skips moves on by the change.
    """
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


def clock_of(moment: datetime, day: date, zone: ZoneInfo) -> str:
    """The wall time of an instant as read on `day`: "14:00", or "24:00" where it is the midnight that ends the day."""
    local = moment.astimezone(zone)
    return "24:00" if local.date() > day and local.time() == time(0) else local.strftime("%H:%M")


def holiday(day: date, language: str = "ko") -> str | None:
    """The name of a Korean public holiday, substitutes included; None on other days."""
    return _calendar(day.year, "en_US" if language.startswith("en") else "ko").get(day)


@lru_cache(maxsize=64)
def _calendar(year: int, language: str) -> dict[date, str]:
    return dict(holidays.country_holidays("KR", years=year, language=language))
