"""What a season may be, and what a group may ask of it. Each problem is a field and a code. No Flask, no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import lcm
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.rules.hours import instant
from services.booking.rules.policy import GROUP_LENGTH, PURPOSE_LENGTH
from services.booking.rules.recurrence import Recurrence
from services.booking.rules.weekly import MOST_TIMES, Option

NAME_LENGTH = 80
NOTE_LENGTH = 2000
MOST_UNITS = 40
MOST_OPTIONS = 6
MOST_DAYS = 366
USABLE = (25, 100)
EXTRA = (0, 3)
"""How much more than 1 a group may count because of each rule."""
MINUTES = (30, 480)
LATELY = timedelta(days=400)
"""Who got a time in a season that was published so lately is not new."""
DAY_MINUTES = 24 * 60
WEEKDAYS = range(1, 8)


@dataclass(frozen=True)
class Wanted:
    """A season as its makers want it: weekly times of these units on the local dates first_day..last_day, for which
    groups apply in [opens_at, closes_at). `usable`: percent of the dates that a time needs; both extras as `EXTRA`."""

    name: str
    unit_ids: tuple[int, ...]
    first_day: date
    last_day: date
    opens_at: datetime
    closes_at: datetime
    note: str = ""
    usable: int = 75
    one_a_day: bool = True
    district_weight: int = 0
    new_weight: int = 0

    @property
    def rules(self) -> dict[str, Any]:
        """The JSON of the season's rules."""
        names = ("usable", "one_a_day", "district_weight", "new_weight")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Asked:
    """What a group applies with; its options are in order of preference."""

    group_name: str
    purpose: str
    people: int
    times: int
    minutes: int
    options: tuple[Option, ...]
    group_id: int | None = None


def problems(wanted: Wanted, now: datetime | None, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """(field, code) of what speaks against a season, whatever its units; `now` None: it may have closed already."""
    if not wanted.name.strip():
        yield "name", "season_name_needed"
    if len(wanted.name.strip()) > NAME_LENGTH:
        yield "name", "season_name_too_long"
    if len(wanted.note.strip()) > NOTE_LENGTH:
        yield "note", "season_note_too_long"
    if not wanted.unit_ids:
        yield "unit_ids", "season_units_needed"
    if len(set(wanted.unit_ids)) > MOST_UNITS:
        yield "unit_ids", "season_too_many_units"
    if wanted.last_day < wanted.first_day:
        yield "last_day", "season_ends_before_start"
    elif (wanted.last_day - wanted.first_day).days >= MOST_DAYS:
        yield "last_day", "season_too_long"
    if wanted.closes_at <= wanted.opens_at:
        yield "closes_at", "season_closes_before_opens"
    elif now is not None and wanted.closes_at <= now:
        yield "closes_at", "season_closes_in_the_past"
    elif instant(wanted.first_day, "00:00", zone) < wanted.closes_at:
        yield "first_day", "season_starts_too_early"
    for name, (least, most) in (("usable", USABLE), ("district_weight", EXTRA), ("new_weight", EXTRA)):
        if not least <= getattr(wanted, name) <= most:
            yield name, "setting_out_of_range"


def wrong(asked: Asked, rules: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field, code) of what is wrong with an application, whatever its units; `options.0` is the first option."""
    if not asked.group_name.strip():
        yield "group_name", "season_group_needed"
    if len(asked.group_name.strip()) > GROUP_LENGTH:
        yield "group_name", "group_name_too_long"
    if not asked.purpose.strip():
        yield "purpose", "purpose_needed"
    if len(asked.purpose.strip()) > PURPOSE_LENGTH:
        yield "purpose", "purpose_too_long"
    if asked.people < 1:
        yield "people", "people_too_few"
    if not 1 <= asked.times <= MOST_TIMES:
        yield "times", "season_times_range"
    if not MINUTES[0] <= asked.minutes <= MINUTES[1]:
        yield "minutes", "season_minutes_range"
    yield from _wrong_options(asked, rules)


def _wrong_options(asked: Asked, rules: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not asked.options:
        yield "options", "season_option_needed"
        return
    if len(asked.options) > MOST_OPTIONS:
        yield "options", "season_too_many_options"
    for index, option in enumerate(asked.options):
        if option.weekday not in WEEKDAYS or not 0 <= option.start < option.end <= DAY_MINUTES:
            yield f"options.{index}", "end_before_start"
        elif option.end - option.start < asked.minutes:
            yield f"options.{index}", "season_option_too_short"
        if option in asked.options[:index]:
            yield f"options.{index}", "season_option_twice"
    if len(asked.options) < asked.times:
        yield "options", "season_too_few_options"
    elif rules.get("one_a_day", True) and len({option.weekday for option in asked.options}) < asked.times:
        yield "options", "season_too_few_days"


def first_date(option: Option, first_day: date, last_day: date) -> date | None:
    """The first date of the season on the option's weekday; None: it has none."""
    day = first_day + timedelta(days=(option.weekday - first_day.isoweekday()) % 7)
    return day if day <= last_day else None


def repetition(weekday: int, first_day: date, last_day: date) -> Recurrence:
    """A weekly time of a season as a rule on dates; always the same one, whenever it is asked for."""
    return Recurrence(first_day, "week", weekdays=frozenset({weekday}), until=last_day)


def weight(rules: Mapping[str, Any], *, of_district: bool, new: bool) -> int:
    """How many groups a group counts for: 1, and what the season's rules add."""
    return 1 + of_district * rules.get("district_weight", 0) + new * rules.get("new_weight", 0)


def grid_of(grids: Iterable[int]) -> int:
    """Minutes on whose multiples every unit lets reservations begin."""
    return lcm(*grids) if grids else 30


def clock(minutes: int) -> str:
    """840 as "14:00", 1440 as "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minutes_of(clock: str) -> int:
    """The reverse. Raises ValueError."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
