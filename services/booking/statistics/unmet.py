"""What people looked for and did not find, in numbers: where, when, how many, with what. Never who."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from services.booking.models import Space, UnmetSearch
from services.booking.rules.hours import instant
from services.booking.rules.usage import PARTS, parts_of, weekdays_of
from services.booking.search.terms import SEOUL

ANY_DAY, ANY_TIME = 0, "any"
SIZES: Mapping[str, tuple[int, int]] = {
    "1-4": (1, 4),
    "5-10": (5, 10),
    "11-20": (11, 20),
    "21-50": (21, 50),
    "51-": (51, 10**9),
}
"""How many people a search was for, both ends included."""
OFTEN = 3
"""People write any word for equipment. One that no unit here has is told only when it was asked so often."""

Time = tuple[int, str]
"""A weekday (ISO; ANY_DAY for all seven) and a part of the day (ANY_TIME for all of it)."""


@dataclass(frozen=True)
class Place:
    """Where it was looked for: a space, a district, or (None, None) anywhere."""

    district: str | None
    space: str | None


@dataclass(frozen=True)
class Unmet:
    """The searches of a period that found nothing.

    `times` counts a search for several days or parts of the day in each of them; `untimed` asked for no time. `other`
    is how often equipment was asked by words that are not told. `near` looked around the visitor's own place.
    """

    total: int
    times: Mapping[Time, int]
    untimed: int
    sizes: Mapping[str, int]
    places: Sequence[tuple[Place, int]]
    near: int
    equipment: Sequence[tuple[str, int]]
    other: int
    accessibility: Sequence[tuple[str, int]]
    free: int


def read(
    session: Session,
    scope: Iterable[ColumnElement[bool]],
    everywhere: bool,
    first: date,
    last: date,
    known: Collection[str],
) -> Unmet:
    """The searches made on the local dates first..last that named these spaces, or only a district of theirs; with
    `everywhere` all of them. `known` is the equipment that units here have. One query."""
    there = [*scope]
    district = and_(UnmetSearch.space_id.is_(None), UnmetSearch.district.in_(select(Space.district).where(*there)))
    meant = true() if everywhere else or_(UnmetSearch.space_id.in_(select(Space.id).where(*there)), district)
    rows = (
        select(UnmetSearch, Space.name, Space.district)
        .outerjoin(Space, Space.id == UnmetSearch.space_id)
        .where(meant, UnmetSearch.at >= instant(first, "00:00", SEOUL), UnmetSearch.at < instant(last, "24:00", SEOUL))
    )
    return told([(search, name, of) for search, name, of in session.execute(rows)], known)


def told(rows: Sequence[tuple[UnmetSearch, str | None, str | None]], known: Collection[str]) -> Unmet:
    """The figures of searches, each with its space's name and district."""
    times: Counter[Time] = Counter()
    words: Counter[str] = Counter()
    places: Counter[Place] = Counter()
    for search, name, district in rows:
        times.update(_times(search))
        words.update({word.strip().casefold() for word in search.needs.get("equipment", ())})
        places[Place(search.district or district, name)] += 1
    names = {word.casefold(): word for word in known}
    shown = {word: count for word, count in words.items() if word in names or count >= OFTEN}
    return Unmet(
        total=len(rows),
        times=times,
        untimed=sum(search.day is None for search, _name, _district in rows),
        sizes=_sizes(search.people or 1 for search, _name, _district in rows),
        places=_most(places, key=lambda place: (place.district or "", place.space or "")),
        near=_asked(rows, "near"),
        equipment=[(names.get(word, word), count) for word, count in _most(shown)],
        other=sum(words.values()) - sum(shown.values()),
        accessibility=_most(Counter(code for row in rows for code in row[0].needs.get("accessibility", ()))),
        free=sum(row[0].needs.get("most_won") == 0 for row in rows),
    )


def _times(search: UnmetSearch) -> list[Time]:
    if search.day is None:
        return []
    days = weekdays_of(search.day, search.days, search.needs.get("weekdays", ()))
    parts = parts_of(search.starts or "00:00", search.ends or "24:00")
    return [
        (day, part)
        for day in ([ANY_DAY] if len(days) == 7 else days)
        for part in ([ANY_TIME] if len(parts) == len(PARTS) else parts)
    ]


def _sizes(people: Iterable[int]) -> dict[str, int]:
    found = dict.fromkeys(SIZES, 0)
    for number in people:
        found[next(key for key, (least, most) in SIZES.items() if least <= number <= most)] += 1
    return found


def _asked(rows: Iterable[tuple[UnmetSearch, str | None, str | None]], need: str) -> int:
    return sum(bool(search.needs.get(need)) for search, _name, _district in rows)


def _most(counts: Mapping[Any, int], key: Any = None) -> list[tuple[Any, int]]:
    """The most frequent first, then by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], key(each[0]) if key else each[0]))
