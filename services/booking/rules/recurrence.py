"""Repeated reservations as rules on local dates: daily, every n weeks on weekdays, monthly by date or by weekday.

Dates come first, instants second: an occurrence is a local date, and its time is the wall time in the space's zone.

- A month without the date is left out: the 31st happens seven times a year, 29 February in leap years, a fifth Friday
  where there is one. `month_day` -1 is the last day, `nth` -1 the last such weekday, of every month.
- Weeks begin on Monday; "every 2 weeks" counts from the week of `first`, "every 2 months" from its month.
- `count` counts the dates of the rule; except dates are among those (as in iCalendar, so that both agree).
- Where a clock change repeats the hour, the first of the two is meant. A date on which the start does not exist,
  because the change skips that hour, is left out (`spans` says so): iCalendar readers leave it out too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil import rrule

from services.booking.rules.hours import clock_of, instant
from services.booking.rules.interval import Interval

EVERY = ("day", "week", "month")
NTHS = (1, 2, 3, 4, 5, -1)
MOST = 200
"""How many dates a rule may have, at most."""
LONGEST = timedelta(days=731)
"""How long a rule may go on after its first day: two years."""
MAX_INTERVAL = 99
_FREQUENCIES = {"day": rrule.DAILY, "week": rrule.WEEKLY, "month": rrule.MONTHLY}
_NAMES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Recurrence:
    """On which local dates something happens, on or after `first`.

    Weekly: on `weekdays` (ISO numbers, Monday is 1; none: the weekday of `first`). Monthly: on the `nth` ISO weekday
    as (nth, weekday), or on `month_day`, or on the day of the month of `first`. It ends with `until`, included, or
    after `count` dates.
    """

    first: date
    every: str
    interval: int = 1
    weekdays: frozenset[int] = frozenset()
    nth: tuple[int, int] | None = None
    month_day: int | None = None
    until: date | None = None
    count: int | None = None
    except_dates: frozenset[date] = field(default_factory=frozenset)

    def as_json(self) -> dict[str, Any]:
        """Plain data that `from_json` reads again."""
        return {
            "first": self.first.isoformat(),
            "every": self.every,
            "interval": self.interval,
            "weekdays": sorted(self.weekdays),
            "nth": list(self.nth) if self.nth else None,
            "month_day": self.month_day,
            "until": self.until.isoformat() if self.until else None,
            "count": self.count,
            "except": sorted(day.isoformat() for day in self.except_dates),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Recurrence:
        """From `as_json`. Raises KeyError or ValueError for anything else."""
        nth = told.get("nth")
        return cls(
            first=date.fromisoformat(told["first"]),
            every=told["every"],
            interval=told.get("interval", 1),
            weekdays=frozenset(told.get("weekdays") or ()),
            nth=(nth[0], nth[1]) if nth else None,
            month_day=told.get("month_day"),
            until=date.fromisoformat(told["until"]) if told.get("until") else None,
            count=told.get("count"),
            except_dates=frozenset(date.fromisoformat(day) for day in told.get("except") or ()),
        )


class Span(NamedTuple):
    """One date of a rule and its time; `during` None: the clock change of that night leaves no such time."""

    day: date
    during: Interval | None


def problems(rule: Recurrence) -> Iterator[tuple[str, str]]:
    """(field, code) of everything that is wrong with a rule; nothing when it can be followed."""
    wrong = list(_wrong_pattern(rule)) + list(_wrong_end(rule))
    yield from wrong
    if wrong:
        return
    if not dates(rule):
        yield "first", "recurrence_empty"
    elif len(list(islice(_dates(rule), MOST + 1))) > MOST:
        yield "until", "recurrence_too_many"


def dates(rule: Recurrence) -> list[date]:
    """The dates of a rule in order, except dates left out; at most MOST, none later than LONGEST after the first."""
    return [day for day in islice(_dates(rule), MOST) if day not in rule.except_dates]


def spans(rule: Recurrence, opens: str, closes: str, zone: ZoneInfo, nights: int = 0) -> list[Span]:
    """Each date with its time from `opens` to `closes` ("24:00": midnight), so many nights later.

    The wall time stays across a clock change: 01:00 to 04:00 may then last two or four hours.
    """
    return [Span(day, span_of(day, opens, closes, zone, nights)) for day in dates(rule)]


def span_of(day: date, opens: str, closes: str, zone: ZoneInfo, nights: int = 0) -> Interval | None:
    """The time of one date; None where the clock change skips its start or leaves nothing of it."""
    start, end = instant(day, opens, zone), instant(day + timedelta(days=nights), closes, zone)
    skipped = clock_of(start, day, zone) != opens
    return None if skipped or start >= end else Interval(start, end)


def rrule_text(rule: Recurrence, until: datetime | None = None) -> str:
    """The rule as the text of an iCalendar RRULE ("FREQ=WEEKLY;BYDAY=MO;COUNT=10"), without its except dates.

    `until`, an instant, goes in place of the rule's own end, as a calendar entry with a time needs it.
    """
    parts = [f"FREQ={_NAMES[rule.every]}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.every == "week":
        parts.append("BYDAY=" + ",".join(_DAYS[each - 1] for each in sorted(_weekdays(rule))))
    if rule.every == "month":
        parts.append(f"BYDAY={rule.nth[0]}{_DAYS[rule.nth[1] - 1]}" if rule.nth else f"BYMONTHDAY={_month_day(rule)}")
    if until:
        parts.append(f"UNTIL={until.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    elif rule.until:
        parts.append(f"UNTIL={rule.until:%Y%m%d}")
    elif rule.count:
        parts.append(f"COUNT={rule.count}")
    return ";".join(parts)


def from_rrule(text: str, first: date, except_dates: Iterable[date] = ()) -> Recurrence:
    """The rule of an RRULE's text. Raises ValueError for one that says what our rules cannot."""
    given: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, _equals, value = part.partition("=")
        if not value or name in given:
            raise ValueError(f"not understood: {part!r}")
        given[name] = value
    every = {name: each for each, name in _NAMES.items()}.get(given.pop("FREQ", ""))
    interval, count = int(given.pop("INTERVAL", "1")), given.pop("COUNT", None)
    until, by_day, by_month_day = (given.pop(name, None) for name in ("UNTIL", "BYDAY", "BYMONTHDAY"))
    weeks_begin = given.pop("WKST", "MO")
    if every is None or given or (weeks_begin != "MO" and every == "week" and interval > 1):
        raise ValueError(f"more than a rule of dates: {text!r}")
    if (by_day and every == "day") or (by_month_day and every != "month") or (by_day and by_month_day):
        raise ValueError(f"more than a rule of dates: {text!r}")
    return Recurrence(
        first,
        every,
        interval,
        frozenset(_DAYS.index(each) + 1 for each in by_day.split(",")) if by_day and every == "week" else frozenset(),
        (int(by_day[:-2]), _DAYS.index(by_day[-2:]) + 1) if by_day and every == "month" else None,
        int(by_month_day) if by_month_day else None,
        datetime.strptime(until[:8], "%Y%m%d").date() if until else None,  # noqa: DTZ007 - a date
        int(count) if count else None,
        frozenset(except_dates),
    )


def nth_of(day: date) -> int:
    """Which of its weekday's days in the month a date is: 1 to 5."""
    return (day.day - 1) // 7 + 1


def _dates(rule: Recurrence) -> Iterator[date]:
    options: dict[str, Any] = {}
    if rule.every == "week":
        options["byweekday"] = [each - 1 for each in sorted(_weekdays(rule))]
    elif rule.every == "month" and rule.nth:
        options["byweekday"] = rrule.weekday(rule.nth[1] - 1)(rule.nth[0])
    elif rule.every == "month":
        options["bymonthday"] = _month_day(rule)
    last = min(rule.until or date.max, rule.first + LONGEST)
    found = rrule.rrule(
        _FREQUENCIES[rule.every],
        dtstart=datetime.combine(rule.first, datetime.min.time()),
        interval=rule.interval,
        wkst=rrule.MO,
        until=datetime.combine(last, datetime.min.time()),
        **options,
    )
    return (each.date() for each in islice(found, rule.count))


def _weekdays(rule: Recurrence) -> frozenset[int]:
    return rule.weekdays or frozenset({rule.first.isoweekday()})


def _month_day(rule: Recurrence) -> int:
    return rule.month_day or rule.first.day


def _wrong_pattern(rule: Recurrence) -> Iterator[tuple[str, str]]:
    if rule.every not in EVERY:
        yield "every", "recurrence_unknown"
    if not 1 <= rule.interval <= MAX_INTERVAL:
        yield "interval", "recurrence_interval"
    if not rule.weekdays <= frozenset(range(1, 8)):
        yield "weekdays", "recurrence_unknown"
    if rule.nth and (rule.nth[0] not in NTHS or not 1 <= rule.nth[1] <= 7):
        yield "monthly", "recurrence_unknown"
    if rule.month_day is not None and not (rule.month_day == -1 or 1 <= rule.month_day <= 31):
        yield "monthly", "recurrence_unknown"


def _wrong_end(rule: Recurrence) -> Iterator[tuple[str, str]]:
    if rule.until is None and rule.count is None:
        yield "until", "recurrence_end_needed"
    if rule.until is not None and rule.count is not None:
        yield "until", "recurrence_end_twice"
    if rule.until is not None and rule.until < rule.first:
        yield "until", "recurrence_end_before_first"
    if rule.until is not None and rule.until > rule.first + LONGEST:
        yield "until", "recurrence_too_long"
    if rule.count is not None and not 1 <= rule.count <= MOST:
        yield "count", "recurrence_count"
