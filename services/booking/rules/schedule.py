"""When a unit really is open: the hours of ordinary days with special days, closures and holidays added by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from services.booking.rules import hours
from services.booking.rules.hours import Opening, instant
from services.booking.rules.interval import Interval, union, without


@dataclass(frozen=True)
class Schedule:
    """The days of a unit. `special` has the clock times of single dates (None: closed), `closed` the closures as
    instants, `holidays` the names of public holidays added by hand. `opening` None: the hours are unknown."""

    opening: Opening | None
    zone: ZoneInfo
    special: Mapping[date, tuple[str, str] | None] = field(default_factory=dict)
    closed: Sequence[Interval] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)

    def closed_reason(self, day: date) -> str | None:
        """Why the unit is closed all of this local date: closed_special, closed_closure, or as in `hours.py`."""
        if self.opening is None:
            return "hours_unknown"
        if day in self.special:
            if self.special[day] is None:
                return "closed_special"
        elif self.opening.closed_on_holidays and day in self.holidays:
            return "closed_holiday"
        elif reason := hours.closed_reason(self.opening, day):
            return reason
        if not self.closed:
            return None
        return None if any(without(each, self.closed) for each in self._hours(day)) else "closed_closure"

    def open_intervals(self, first: date, last: date) -> list[Interval]:
        """The instants in UTC in which the unit is open on the local dates first..last, both included."""
        days = ((first + timedelta(days=offset)) for offset in range((last - first).days + 1))
        found = union(each for day in days for each in self._hours(day))
        if not self.closed:
            return found
        return [part for each in found for part in without(each, self.closed)]

    def _hours(self, day: date) -> list[Interval]:
        """The hours of a date, closures not yet cut out."""
        if self.opening is None:
            return []
        if day in self.special:
            clocks = self.special[day]
        elif self.opening.closed_on_holidays and day in self.holidays:
            clocks = None
        else:
            clocks = None if hours.closed_reason(self.opening, day) else self.opening.hours_of(day)
        return [Interval(instant(day, clocks[0], self.zone), instant(day, clocks[1], self.zone))] if clocks else []
