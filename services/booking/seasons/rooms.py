"""What a season's units have to give: their hours, closures and holidays, and what is reserved already with its
buffers, date by date; and what each group wishes, with its weight. A number of queries that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking import occupancy, schedules
from services.booking.models import Group, Person, Season, SeasonApplication, SeasonUnit, Unit, unit_atom
from services.booking.rules import seasons as rules
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import MINUTE
from services.booking.rules.weekly import Day, Option, Placement, Room, Rules, Wish

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rooms:
    """The season's units by id; `rooms` leaves out those that take no reservations. `dates` are those still to come, by
    ISO weekday, in the order in which each room has its days."""

    units: Mapping[int, Unit]
    rooms: Mapping[int, Room]
    dates: Mapping[int, tuple[date, ...]]
    rules: Rules

    def outlook(self, placement: Placement) -> dict[str, list[date]]:
        """The dates of a weekly time: free, closed or taken already."""
        told: dict[str, list[date]] = {"free": [], "closed": [], "taken": []}
        _wish, unit_id, time = placement
        room = self.rooms.get(unit_id)
        days = room.days.get(time.weekday, ()) if room else ()
        for day, known in zip(self.dates.get(time.weekday, ()), days, strict=False):
            if not any(start <= time.start and time.end <= end for start, end in known.opens):
                told["closed"].append(day)
            elif any(start < time.end and time.start < end for start, end in known.taken):
                told["taken"].append(day)
            else:
                told["free"].append(day)
        return told


def rooms_of(session: Session, season: Season, now: datetime) -> Rooms:
    """What the units have to give from today on (the last local date that is over is left out)."""
    zone = ZoneInfo(season.zone)
    units = units_of(session, season.id)
    first = max(season.first_day, now.astimezone(zone).date() + DAY)
    days = [first + offset * DAY for offset in range((season.last_day - first).days + 1)]
    dates = {weekday: tuple(day for day in days if day.isoweekday() == weekday) for weekday in rules.WEEKDAYS}
    grid = rules.grid_of(unit.policy.grid // MINUTE for unit in units)
    told = Rules(grid, Fraction(season.rules.get("usable", 75), 100), bool(season.rules.get("one_a_day", True)))
    usual = [unit for unit in units if unit.active and unit.space.stage == "open"]
    if not days or not usual:
        return Rooms({unit.id: unit for unit in units}, {}, dates, told)
    atoms = _atoms(session, [unit.id for unit in usual])
    known = schedules.of_units(session, usual, days[0], days[-1])
    window = Interval(instant(days[0], "00:00", zone) - DAY, instant(days[-1], "24:00", zone) + DAY)
    held = occupancy.taken(session, {atom for each in atoms.values() for atom in each}, window)
    rooms = {}
    for unit in usual:
        before, after = unit.policy.buffer_before, unit.policy.buffer_after
        blocked = [
            each
            for atom in sorted(atoms.get(unit.id, ()))
            for each in occupancy.blocked(held.get(atom, ()), before, after)
        ]
        opens = _by_day(known[unit.id].open_intervals(days[0], days[-1]), zone)
        taken = _by_day(blocked, zone)
        each_day = {day: Day(tuple(opens.get(day, ())), tuple(taken.get(day, ()))) for day in days}
        if atoms.get(unit.id):
            rooms[unit.id] = Room(
                unit.id,
                atoms[unit.id],
                unit.capacity,
                {weekday: tuple(each_day[day] for day in dates[weekday]) for weekday in rules.WEEKDAYS},
                max(before, after) // MINUTE,
            )
    return Rooms({unit.id: unit for unit in units}, rooms, dates, told)


def units_of(session: Session, season_id: int) -> list[Unit]:
    """The season's units, by space and name."""
    query = select(Unit).join(SeasonUnit, SeasonUnit.unit_id == Unit.id).where(SeasonUnit.season_id == season_id)
    found = session.scalars(query).unique()
    return sorted(found, key=lambda unit: (unit.space.name, unit.space_id, unit.name, unit.id))


def submitted(session: Session, season_id: int) -> list[SeasonApplication]:
    """The applications that take part, in the order of their numbers."""
    query = select(SeasonApplication).where(
        SeasonApplication.season_id == season_id, SeasonApplication.status == "submitted"
    )
    return list(session.scalars(query.order_by(SeasonApplication.id)))


def options_of(application: SeasonApplication) -> tuple[Option, ...]:
    """What a group would take, what it likes best first."""
    return tuple(Option(*each) for each in application.options)


def wishes_of(session: Session, season: Season, applications: Sequence[SeasonApplication]) -> list[Wish]:
    """The applications as the solver takes them, each with its weight by the season's rules."""
    at_home = _of_district(session, season, applications)
    known = _given_lately(session, season) if season.rules.get("new_weight") else (set(), set())
    return [
        Wish(
            each.id,
            each.times,
            each.minutes,
            each.people,
            options_of(each),
            rules.weight(
                season.rules,
                of_district=each.id in at_home,
                new=each.account_id not in known[0] and each.group_id not in known[1],
            ),
        )
        for each in applications
    ]


def _of_district(session: Session, season: Season, applications: Iterable[SeasonApplication]) -> set[int]:
    """Who is of the season's district: the group where it said so, else the person who applied."""
    if not season.rules.get("district_weight"):
        return set()
    found = list(applications)
    groups = select(Group.id, Group.district).where(Group.id.in_([each.group_id for each in found if each.group_id]))
    people = select(Person.account_id, Person.district).where(
        Person.account_id.in_([each.account_id for each in found])
    )
    of_group = dict(session.execute(groups).all())
    of_person = dict(session.execute(people).all())
    return {
        each.id
        for each in found
        if (of_group.get(each.group_id or 0) or of_person.get(each.account_id)) == season.district
    }


def _given_lately(session: Session, season: Season) -> tuple[set[int], set[int | None]]:
    """The accounts and the groups that got a time in another season of the district lately."""
    query = (
        select(SeasonApplication.account_id, SeasonApplication.group_id, SeasonApplication.result)
        .join(Season, Season.id == SeasonApplication.season_id)
        .where(
            Season.district == season.district,
            Season.id != season.id,
            Season.published_at >= season.closes_at - rules.LATELY,
            SeasonApplication.result.is_not(None),
        )
    )
    rows = [row for row in session.execute(query) if any(each.get("count") for each in row.result.get("given", ()))]
    return {row.account_id for row in rows}, {row.group_id for row in rows if row.group_id}


def _atoms(session: Session, unit_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    rows = select(unit_atom.c.unit_id, unit_atom.c.atom_id).where(unit_atom.c.unit_id.in_(list(unit_ids)))
    for unit_id, atom_id in session.execute(rows):
        found.setdefault(unit_id, set()).add(atom_id)
    return {unit_id: frozenset(atoms) for unit_id, atoms in found.items()}


def _by_day(intervals: Iterable[Interval], zone: ZoneInfo) -> dict[date, list[tuple[int, int]]]:
    """Intervals as minutes of the local dates that they touch."""
    found: dict[date, list[tuple[int, int]]] = {}
    for each in intervals:
        start, end = (moment.astimezone(zone) for moment in each)
        day = start.date()
        while day <= end.date():
            first = start.hour * 60 + start.minute if day == start.date() else 0
            last = -(-_seconds(end) // 60) if day == end.date() else rules.DAY_MINUTES
            if first < last:
                found.setdefault(day, []).append((first, last))
            day += DAY
    return found


def _seconds(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second
