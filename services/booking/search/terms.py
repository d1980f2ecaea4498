"""What a search asks and what it answers: no database here, and no clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.booking.models.searches import UNKNOWN_CAPACITY
from shared.districts import BY_CODE

MOST_DAYS: Final = 62
MOST_WORDS: Final = 8
HOUR: Final = 60
MIDNIGHT: Final = 24 * HOUR
SEOUL: Final = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True)
class Search:
    """What somebody looks for; None and empty: whatever it is.

    `day` to `until` are local dates, both included, of which only `weekdays` (ISO) count where some are given;
    `starts` to `ends` the part of the day and `minutes` how long, in minutes. Without `day` no time is asked.
    `but` is a unit that is not meant. `point` is (latitude, longitude), degrees WGS 84. `most_won` 0: free of charge.
    `sort`: near, fit or name.
    """

    text: str = ""
    district: str | None = None
    space_id: int | None = None
    unit_id: int | None = None
    but: int | None = None
    point: tuple[float, float] | None = None
    day: date | None = None
    until: date | None = None
    weekdays: frozenset[int] = frozenset()
    starts: int = 0
    ends: int = MIDNIGHT
    minutes: int = HOUR
    people: int = 1
    equipment: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()
    most_won: int | None = None
    sort: str = ""
    page: int = 1

    @property
    def days(self) -> list[date]:
        """The local dates asked for; none where no time is asked."""
        if self.day is None:
            return []
        last = min(self.until or self.day, self.day + timedelta(days=MOST_DAYS - 1))
        every = (self.day + timedelta(days=number) for number in range((last - self.day).days + 1))
        return [day for day in every if not self.weekdays or day.isoweekday() in self.weekdays]

    @property
    def order(self) -> str:
        """How results are sorted: as wished, else by nearness where a place is given, else by size."""
        if self.sort == "near" and self.origin is None:
            return "fit"
        return self.sort or ("near" if self.point else "fit" if self.day or self.people > 1 else "name")

    @property
    def origin(self) -> tuple[float, float] | None:
        """Where nearness is measured from: the point, else the district's office."""
        return self.point or (BY_CODE[self.district].office if self.district else None)


@dataclass(frozen=True)
class Hit:
    """A unit that fits, as of now; `starts` are the instants at which the wished length can begin (empty: no time was
    asked), `meters` how far it is in a straight line, `won` what the first of them costs where a limit was asked."""

    unit_id: int
    name: str
    space_id: int
    space_name: str
    district: str
    zone: str
    capacity: int | None
    latitude: float | None
    longitude: float | None
    starts: tuple[datetime, ...] = ()
    meters: int | None = None
    won: int | None = None


@dataclass(frozen=True)
class Found:
    """One page of hits; `more` when there is a next one. `total` is known only where no time is asked."""

    hits: Sequence[Hit]
    page: int
    more: bool
    total: int | None = None


def conditions(wanted: Search) -> tuple[frozenset[str], dict[str, Any]]:
    """The names of the conditions that count (see `sql.py`) and what they are filled with."""
    params: dict[str, Any] = {"people": wanted.people}
    counting = set()
    for name, column in (("district", "district"), ("space", "space_id"), ("unit", "unit_id"), ("but", "but")):
        value = getattr(wanted, column)
        if value is not None:
            params[column] = value
            counting.add(name)
    if wanted.most_won == 0:
        counting.add("free")
    lists = (
        ("word", wanted.text.lower().split()[:MOST_WORDS]),
        ("equipment", [each.lower() for each in wanted.equipment[:MOST_WORDS]]),
    )
    for kind, words in lists:
        for number, word in enumerate(words):
            params[f"{kind}_{number}"] = f"%{_literally(word)}%"
            counting.add(f"{kind}_{number}")
    for number, code in enumerate(wanted.accessibility):
        params[f"access_{number}"] = f"% {_literally(code)} %"
        counting.add(f"access_{number}")
    return frozenset(counting), params


def place(wanted: Search) -> dict[str, float]:
    if wanted.order != "near" or wanted.origin is None:
        return {}
    return {"latitude": wanted.origin[0], "longitude": wanted.origin[1]}


def _literally(word: str) -> str:
    """A word for LIKE in which nothing is a wildcard."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def hit(row: Any, wanted: Search, starts: tuple[datetime, ...] = (), won: int | None = None) -> Hit:
    meters = None
    if wanted.point and row.latitude is not None:
        meters = distance(wanted.point, (row.latitude, row.longitude))
    return Hit(
        unit_id=row.unit_id,
        name=row.name,
        space_id=row.space_id,
        space_name=row.space_name,
        district=row.district,
        zone=row.zone,
        capacity=None if row.capacity == UNKNOWN_CAPACITY else row.capacity,
        latitude=row.latitude,
        longitude=row.longitude,
        starts=starts,
        meters=meters,
        won=0 if wanted.most_won == 0 else won,
    )


def distance(one: tuple[float, float], other: tuple[float, float]) -> int:
    """Meters in a straight line between two points of a city (an error below 1 % up to 50 km)."""
    north = (other[0] - one[0]) * 111_195
    east = (other[1] - one[1]) * 111_195 * math.cos(math.radians((one[0] + other[0]) / 2))
    return round(math.hypot(north, east))


def clock_of_minutes(minutes: int) -> str:
    """870 is "14:30"; 1440 is "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
