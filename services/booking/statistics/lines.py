"""The figures of units and districts, from what was counted and from the rooms' times: no database here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.booking.models import Unit
from services.booking.rules import usage
from services.booking.rules.interval import Interval, union
from services.booking.rules.usage import Share, Used


@dataclass
class Figures:
    """What happened; times in seconds. `due` is how many visits and no-shows have begun by now, `excused` the no-shows
    whose appeal was heard (they are not among `no_shows`), `leads` how long before its start each was reserved."""

    share: Share = field(default_factory=Share)
    visits: int = 0
    people: int = 0
    cancelled: int = 0
    no_shows: int = 0
    excused: int = 0
    due: int = 0
    own_events: int = 0
    leads: list[int] = field(default_factory=list)

    @property
    def rate(self) -> Decimal | None:
        """Used of open, per cent."""
        return usage.rate(self.share.used, self.share.open)

    @property
    def own_rate(self) -> Decimal | None:
        """Own events of open, per cent."""
        return usage.rate(self.share.own, self.share.open)

    @property
    def no_show_rate(self) -> Decimal | None:
        """No-shows of what has begun, per cent."""
        return usage.rate(self.no_shows, self.due)

    @property
    def lead(self) -> tuple[int, int, int] | None:
        """First quartile, median, third quartile, seconds."""
        return usage.quartiles(self.leads)

    @property
    def anything(self) -> bool:
        return bool(self.visits or self.cancelled or self.no_shows or self.excused or self.own_events)

    def add(self, other: Figures) -> None:
        """Take another's counts to one's own; times are not added, because units share rooms."""
        for name in ("visits", "people", "cancelled", "no_shows", "excused", "due", "own_events"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.leads.extend(other.leads)


@dataclass(frozen=True)
class UnitLine:
    """A unit's figures. `rooms` is of how many rooms it is made: its times count each of them."""

    unit: Unit
    rooms: int
    known: bool
    figures: Figures


@dataclass(frozen=True)
class DistrictLine:
    """The figures of a district's units; each room counts once."""

    district: str
    units: int
    figures: Figures


def takes(unit: Unit) -> bool:
    """Whether it takes reservations at all."""
    return unit.active and unit.space.stage == "open"


def count(figures: Figures, kind: str, status: str, excused: bool, people: int, begun: bool, lead: int) -> None:
    """One more reservation of the period; `begun` by now, `lead` in seconds."""
    if kind == "block":
        figures.own_events += status == "confirmed"
        return
    if status == "cancelled":
        figures.cancelled += 1
        return
    figures.leads.append(max(0, lead))
    figures.due += begun
    if status == "confirmed":
        figures.visits += 1
        figures.people += people
    elif excused:
        figures.excused += 1
    else:
        figures.no_shows += 1


def open_rooms(
    units: Iterable[Unit], rooms: Mapping[int, Sequence[int]], opens: Mapping[int, list[Interval]]
) -> dict[int, tuple[list[Interval], ZoneInfo, str]]:
    """Each room once: when some unit with it is open, its zone, its district."""
    found: dict[int, tuple[list[Interval], ZoneInfo, str]] = {}
    for unit in units:
        for room in rooms.get(unit.id, ()):
            before = found[room][0] if room in found else []
            opened = opens.get(unit.id, [])
            both = union([*before, *opened]) if before and opened and before != opened else before or opened
            found[room] = (both, unit.zone, unit.space.district)
    return found


def unit_lines(
    units: Iterable[Unit],
    rooms: Mapping[int, Sequence[int]],
    opens: Mapping[int, list[Interval]],
    visits: Mapping[int, Sequence[Interval]],
    own: Mapping[int, Sequence[Interval]],
    tallies: Mapping[int, Figures],
) -> list[UnitLine]:
    """A line for each unit that takes reservations or had some."""
    found = []
    for unit in units:
        figures = tallies.get(unit.id, Figures())
        if not takes(unit) and not figures.anything:
            continue
        for room in rooms.get(unit.id, ()):
            figures.share.add(usage.use(opens.get(unit.id, ()), visits.get(room, ()), own.get(room, ())).share)
        found.append(UnitLine(unit, len(rooms.get(unit.id, ())), unit.id in opens, figures))
    return found


def total(lines: Iterable[UnitLine], rooms: Iterable[Used]) -> Figures:
    """The counts of these lines, the times of these rooms."""
    whole = Figures()
    for line in lines:
        whole.add(line.figures)
    for room in rooms:
        whole.share.add(room.share)
    return whole


def district_lines(lines: Iterable[UnitLine], used: Iterable[tuple[Used, ZoneInfo, str]]) -> list[DistrictLine]:
    """A line for each district, from the lines of its units and its rooms' times."""
    by_lines: dict[str, list[UnitLine]] = defaultdict(list)
    by_rooms: dict[str, list[Used]] = defaultdict(list)
    for line in lines:
        by_lines[line.unit.space.district].append(line)
    for room, _zone, district in used:
        by_rooms[district].append(room)
    return [
        DistrictLine(district, len(of_it), total(of_it, by_rooms[district]))
        for district, of_it in sorted(by_lines.items())
    ]
