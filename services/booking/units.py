"""The units that can be reserved: found by place, words and size. Reads the projections only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.booking.models import Space, Unit, unit_atom
from shared.database import Database
from shared.refusal import Refusal

PER_PAGE = 20


@dataclass(frozen=True)
class Found:
    """One page of units; `page` counts from 1."""

    units: list[Unit]
    page: int
    pages: int
    total: int


@dataclass(frozen=True)
class Filter:
    """What to look for; `people` is the capacity needed (a unit of unknown capacity is found too)."""

    district: str | None = None
    text: str | None = None
    people: int | None = None
    space_id: int | None = None


def find(database: Database, wanted: Filter, page: int = 1) -> Found:
    """A page of the units that take reservations online, in the order of district, space and name."""
    with database.read() as session:
        total = session.scalar(select(func.count()).select_from(reservable(wanted).subquery())) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(1, page), pages)
        wished = reservable(wanted).order_by(Space.district, Space.name, Space.id, Unit.name, Unit.id)
        units = list(session.scalars(wished.limit(PER_PAGE).offset((page - 1) * PER_PAGE)))
        return Found(units, page, pages, total)


def reservable(wanted: Filter) -> Select[Unit]:
    """The statement for active units with known hours in open spaces."""
    query = select(Unit).join(Unit.space).where(Unit.active, Unit.hours.is_not(None), Space.stage == "open")
    if wanted.district:
        query = query.where(Space.district == wanted.district)
    if wanted.space_id:
        query = query.where(Unit.space_id == wanted.space_id)
    if wanted.people:
        query = query.where(func.coalesce(func.nullif(Unit.capacity, 0), wanted.people) >= wanted.people)
    for word in (wanted.text or "").split():
        known = func.lower(Space.name + " " + Unit.name + " " + Space.address)
        query = query.where(known.contains(word.lower(), autoescape=True))
    return query


def get(session: Session, unit_id: int) -> Unit:
    """The unit with its space. Raises Refusal unit_not_found (404)."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise Refusal("unit_not_found", 404)
    return unit


def get_space(session: Session, space_id: int) -> tuple[Space, list[Unit]]:
    """A space and its active units by name. Raises Refusal space_not_found (404)."""
    space = session.get(Space, space_id)
    if space is None:
        raise Refusal("space_not_found", 404)
    units = select(Unit).where(Unit.space_id == space_id, Unit.active).order_by(Unit.name, Unit.id)
    return space, list(session.scalars(units))


def atoms_of(session: Session, unit_ids: Iterable[int]) -> dict[int, set[int]]:
    """The atom ids of each unit, in one query."""
    wanted = list(unit_ids)
    atoms: dict[int, set[int]] = {unit_id: set() for unit_id in wanted}
    for unit_id, atom_id in session.execute(select(unit_atom).where(unit_atom.c.unit_id.in_(wanted))):
        atoms[unit_id].add(atom_id)
    return atoms
