"""How much a place was used of the time that it was open, by weekday and hour of its own clock.

Times are counted in whole seconds and rates rounded half up to 0.1 %: integers only, never a float. A room is counted
once, whoever shares it: a unit of several rooms counts as all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.booking.rules.interval import Interval, union

Hour = tuple[int, int]
"""A weekday (ISO, Monday is 1) and an hour of the local clock, 0 to 23."""
SECOND = timedelta(seconds=1)
HOUR = 3600
PARTS: Mapping[str, tuple[str, str]] = {
    "morning": ("00:00", "12:00"),
    "afternoon": ("12:00", "18:00"),
    "evening": ("18:00", "24:00"),
}
"""Parts of the day as local clock times, half-open."""


@dataclass
class Share:
    """Seconds open; of those, used by visits and taken by the space's own events; and used while not open."""

    open: int = 0
    used: int = 0
    own: int = 0
    outside: int = 0

    def add(self, other: Share) -> None:
        """Take another's seconds to one's own."""
        self.open += other.open
        self.used += other.used
        self.own += other.own
        self.outside += other.outside


@dataclass(frozen=True)
class Used:
    """One room's time: when it was open, and in that used by visits or the space's own events (no instant twice);
    `outside` was used while not open."""

    opens: Sequence[Interval]
    visits: Sequence[Interval]
    own: Sequence[Interval]
    outside: Sequence[Interval]

    @property
    def share(self) -> Share:
        return Share(
            *(sum(seconds(each) for each in part) for part in (self.opens, self.visits, self.own, self.outside))
        )


@dataclass
class Heat:
    """Seconds by weekday and hour, of many rooms."""

    open: Counter[Hour] = field(default_factory=Counter)
    used: Counter[Hour] = field(default_factory=Counter)
    own: Counter[Hour] = field(default_factory=Counter)


def use(opens: Iterable[Interval], visits: Iterable[Interval], own: Iterable[Interval]) -> Used:
    """A room's time told apart. Where a visit and an own event meet, the visit counts."""
    opened, visited = union(opens), union(visits)
    rest = apart(union(own), visited)
    return Used(
        opened,
        common(visited, opened),
        common(rest, opened),
        apart(visited, opened),
    )


def common(some: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    """The instants in both, each being in order and without overlaps."""
    found: list[Interval] = []
    mine = theirs = 0
    while mine < len(some) and theirs < len(others):
        start, end = max(some[mine].start, others[theirs].start), min(some[mine].end, others[theirs].end)
        if start < end:
            found.append(Interval(start, end))
        if some[mine].end <= others[theirs].end:
            mine += 1
        else:
            theirs += 1
    return found


def apart(some: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    """The instants in `some` that are not in `others`, each being in order and without overlaps."""
    found: list[Interval] = []
    theirs = 0
    for each in some:
        start = each.start
        while theirs < len(others) and others[theirs].end <= start:
            theirs += 1
        at = theirs
        while at < len(others) and others[at].start < each.end:
            if start < others[at].start:
                found.append(Interval(start, others[at].start))
            start = others[at].end
            at += 1
        if start < each.end:
            found.append(Interval(start, each.end))
    return found


def fold(times: Mapping[Interval, int], zone: ZoneInfo) -> Counter[Hour]:
    """Seconds by weekday and hour of the zone's clock; each interval counts as often as it says.

    An hour that a clock change repeats counts twice, one that it skips not at all.
    """
    found: Counter[Hour] = Counter()
    for during, number in times.items():
        at = during.start
        while at < during.end:
            local = at.astimezone(zone)
            until = min(_hour_end(at, local, zone), during.end)
            found[local.isoweekday(), local.hour] += number * ((until - at) // SECOND)
            at = until
    return found


def heat(rooms: Iterable[tuple[Used, ZoneInfo]]) -> Heat:
    """All these rooms in one week. The same opening of many rooms is folded once."""
    whole = Heat()
    times: dict[ZoneInfo, tuple[Counter[Interval], Counter[Interval], Counter[Interval]]] = {}
    for used, zone in rooms:
        opens, visits, own = times.setdefault(zone, (Counter(), Counter(), Counter()))
        opens.update(used.opens)
        visits.update(used.visits)
        own.update(used.own)
    for zone, (opens, visits, own) in times.items():
        whole.open.update(fold(opens, zone))
        whole.used.update(fold(visits, zone))
        whole.own.update(fold(own, zone))
    return whole


def rate(part: int, whole: int) -> Decimal | None:
    """`part` of `whole` in per cent, half up to one decimal place; None where there is no whole."""
    if whole <= 0:
        return None
    return Decimal((2000 * part + whole) // (2 * whole)).scaleb(-1)


def hours(told: int) -> Decimal:
    """Seconds in hours, half up to one decimal place."""
    return Decimal((2 * told + HOUR // 10) // (HOUR // 5)).scaleb(-1)


def quartiles(numbers: Iterable[int]) -> tuple[int, int, int] | None:
    """The three values that part the sorted numbers in four (between two neighbours in proportion, half up); None of
    nothing. Numbers are 0 or more."""
    ordered = sorted(numbers)
    if not ordered:
        return None
    found = []
    for quarter in (1, 2, 3):
        at, rest = divmod((len(ordered) - 1) * quarter, 4)
        after = ordered[min(at + 1, len(ordered) - 1)]
        found.append((2 * (4 * ordered[at] + rest * (after - ordered[at])) + 4) // 8)
    return found[0], found[1], found[2]


def weekdays_of(day: date, days: int, named: Iterable[int] = ()) -> list[int]:
    """The weekdays (ISO) that a search was for: those it named, else those of its `days` dates from `day`."""
    return sorted(set(named)) or sorted({(day + timedelta(days=offset)).isoweekday() for offset in range(min(days, 7))})


def parts_of(starts: str, ends: str) -> list[str]:
    """The parts of the day that [starts, ends) touches, local clock times."""
    return [name for name, (first, last) in PARTS.items() if starts < last and first < ends]


def seconds(during: Interval) -> int:
    """How long, in whole seconds."""
    return during.length // SECOND


def _hour_end(at: datetime, local: datetime, zone: ZoneInfo) -> datetime:
    """When the local hour that `at` is in ends; where the clock changes within it, the next minute."""
    left = timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    if (at + left - SECOND).astimezone(zone).utcoffset() == local.utcoffset():
        return at + left
    return at + timedelta(minutes=1) - timedelta(seconds=local.second, microseconds=local.microsecond)
