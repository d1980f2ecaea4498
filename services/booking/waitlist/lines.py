"""How a line stands: for who thinks of joining it, for who stands in it, and for whom a space's lines matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.booking import occupancy
from services.booking.managing import own_space, units_of
from services.booking.models import AUDIT, Equipment, Group, Person, Space, Unit, Waiting, unit_atom
from services.booking.models.waitlist import IN_LINE
from services.booking.rules.interval import Interval
from services.booking.units import atoms_of, get
from services.booking.waitlist import places
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor


@dataclass(frozen=True)
class Line:
    """How it stands with a time of a unit. `open`: somebody else has it and one may wait for it; `count`: how many
    stand in line for any of it; `own`: the actor's wish for just that time, if there is one in line."""

    open: bool
    count: int
    own: int | None = None


@dataclass(frozen=True)
class Brief:
    """What waits for an answer of the actor's now, and in how many lines the actor stands in all."""

    offers: list[Waiting]
    count: int


@dataclass(frozen=True)
class Standing:
    """A wish as a keeper sees it; `person` and `group` as far as booking knows them."""

    waiting: Waiting
    place: int
    person: Person | None
    group: Group | None


@dataclass(frozen=True)
class SpaceLines:
    """The lines of a space by unit: those who still wait, in order of time and place."""

    space: Space
    units: tuple[tuple[Unit, tuple[Standing, ...]], ...]
    total: int


def line(database: Database, actor: Actor, now: datetime, unit_id: int, during: Interval) -> Line:
    """The line for a time. Raises Refusal unit_not_found (404)."""
    with database.read() as session:
        unit = get(session, unit_id)
        count, own = session.execute(_standing(actor, unit_id, during)).one()
        waits = unit.policy.waitlist and unit.active and during.start > now
        return Line(waits and _taken_by_others(session, actor, unit, during), count, own)


def brief(database: Database, actor: Actor, now: datetime) -> Brief:
    """The actor's offers that can still be taken (the most urgent first) and the number of lines, in one query."""
    query = select(Waiting).where(Waiting.account_id == actor.account_id, Waiting.status.in_(IN_LINE))
    with database.read() as session:
        standing = list(session.scalars(query.order_by(Waiting.start_at)))
    offers = [each for each in standing if until(each, now)]
    return Brief(sorted(offers, key=lambda each: until(each, now) or now), len(standing))


def until(waiting: Waiting, now: datetime) -> datetime | None:
    """Until when this wish can be claimed; None when it is not offered, or not any more."""
    offer = waiting.offer if waiting.status == "offered" else None
    held = offer.held_until if offer is not None and offer.status == "offered" else None
    return held if held is not None and held > now else None


def of_reservation(database: Database, reservation_id: int) -> int | None:
    """The wish for which this reservation holds the time; None when it is no offer of a line."""
    query = select(Waiting.id).where(Waiting.reservation_id == reservation_id, Waiting.status == "offered")
    with database.read() as session:
        return session.scalar(query)


def equipment_of(database: Database, waiting: Waiting) -> list[tuple[str, int]]:
    """What somebody wants to borrow: (name, pieces), by name."""
    wanted = {int(key): count for key, count in waiting.equipment.items()}
    if not wanted:
        return []
    with database.read() as session:
        rows = session.scalars(select(Equipment).where(Equipment.id.in_(wanted)).order_by(Equipment.name, Equipment.id))
        return [(row.name, wanted[row.id]) for row in rows]


def of_space(database: Database, actor: Actor, now: datetime, space_id: int) -> SpaceLines:
    """Who waits for what in a space, for whom runs it; who looked is recorded (invariant 14).

    Raises Refusal: space_not_found (404), not_allowed (403).
    """
    query = select(Waiting).where(Waiting.space_id == space_id, Waiting.status.in_(IN_LINE), Waiting.end_at > now)
    with database.write() as session:
        space = own_space(session, actor, space_id)
        found = list(session.scalars(query.order_by(Waiting.start_at, Waiting.id)))
        at = places(session, [each.id for each in found])
        people, groups = _people_of(session, found)
        units = {unit.id: unit for unit in units_of(session, space_id)}
        record(session, AUDIT, actor, now, "waitlist.viewed", f"space:{space_id}", {"lines": len(found)})
    by_unit: dict[int, list[Standing]] = {unit_id: [] for unit_id in units}
    for each in found:
        units.setdefault(each.unit_id, each.unit)  # no longer active, and yet somebody waits
        by_unit.setdefault(each.unit_id, []).append(
            Standing(each, at[each.id], people.get(each.account_id), groups.get(each.group_id))
        )
    return SpaceLines(space, tuple((unit, tuple(by_unit[key])) for key, unit in units.items()), len(found))


def count_of(database: Database, now: datetime, space_id: int) -> int:
    """How many wishes stand in line in a space."""
    query = select(func.count()).where(Waiting.space_id == space_id, Waiting.status.in_(IN_LINE), Waiting.end_at > now)
    with database.read() as session:
        return session.scalar(query) or 0


def _standing(actor: Actor, unit_id: int, during: Interval) -> Select[int, int | None]:
    """How many want any of that time of any of the unit's atoms, and the id of the actor's own wish for all of it."""
    own_atom, other_atom = unit_atom.alias(), unit_atom.alias()
    same = (
        (Waiting.account_id == (actor.account_id or 0))
        & (Waiting.unit_id == unit_id)
        & (Waiting.start_at == during.start)
        & (Waiting.end_at == during.end)
    )
    return (
        select(func.count(Waiting.id.distinct()), func.min(Waiting.id).filter(same))
        .select_from(Waiting)
        .join(other_atom, other_atom.c.unit_id == Waiting.unit_id)
        .join(own_atom, own_atom.c.atom_id == other_atom.c.atom_id)
        .where(
            own_atom.c.unit_id == unit_id,
            Waiting.status.in_(IN_LINE),
            Waiting.start_at < during.end,
            Waiting.end_at > during.start,
        )
    )


def _taken_by_others(session: Session, actor: Actor, unit: Unit, during: Interval) -> bool:
    policy = unit.policy
    window = Interval(during.start - policy.buffer_before, during.end + policy.buffer_after)
    held = occupancy.taken(session, atoms_of(session, [unit.id])[unit.id], window)
    there = [each for atom in held.values() for each in atom]
    found = occupancy.conflicts(there, during, policy.buffer_before, policy.buffer_after)
    return any(each.account_id != actor.account_id for each in found)


def _people_of(session: Session, waiting: Iterable[Waiting]) -> tuple[Mapping[int, Person], Mapping[int | None, Group]]:
    known = list(waiting)
    people = select(Person).where(Person.account_id.in_({each.account_id for each in known}))
    groups = select(Group).where(Group.id.in_({each.group_id for each in known if each.group_id}))
    return (
        {person.account_id: person for person in session.scalars(people)},
        {group.id: group for group in session.scalars(groups)},
    )
