"""The people of a place edit its units: add, change, retire, divide a hall into parts, join rooms into one.

Each is one transaction that tells the whole space. What is reserved stays reserved: booking keeps it (its README).
All raise Refusal as `space_editing.space_to_edit` does, and what each says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from services.maps.models import AUDIT, Space, Unit
from services.maps.space_editing import give, space_to_edit
from services.maps.spaces import NO_CLOSURES, OWN, new_unit, set_atoms, tell
from services.maps.unit_sets import common_hours, joined_closures
from shared.audit import record
from shared.bus.catalogue import ACCESSIBILITY
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

MOST_UNITS = 200
MOST_PARTS = 6
OPENING = ("hours", "closures", "closure_text")
CHARGE = ("fee", "fee_text")


@dataclass(frozen=True)
class UnitEdit:
    """What people may change of a unit. `parts` are ids of units of the space; `whole`: the whole building."""

    name: str
    capacity: int | None = None
    area_m2: str | None = None
    equipment: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()
    parts: tuple[int, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Part:
    """One of the parts that a hall is divided into."""

    name: str
    capacity: int | None = None
    area_m2: str | None = None


def add_unit(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    space_id: int,
    facts: UnitEdit,
    like: int | None = None,
    seen: str | None = None,
) -> int:
    """A new unit's id. Hours, closures and fee are those of the unit `like`, else unknown: then it can't be reserved
    online yet. A unit of several parts is `join_units`'. Raises unit_name_taken, too_many_units, part_unknown (422).
    """
    with _editing(database, actor, now, space_id, seen) as (session, space):
        model = None if like is None else _unit(space, like, "part_unknown")
        unit = _add(session, space, _facts(space, None, facts))
        _inherit(unit, model, OPENING + CHARGE)
        record(session, AUDIT, actor, now, "unit.added", f"unit:{unit.id}", {"name": unit.name, "like": like})
    return unit.id


def edit_unit(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    space_id: int,
    unit_id: int,
    facts: UnitEdit,
    seen: str | None = None,
) -> None:
    """Give a unit these facts. Raises unit_name_taken, part_unknown, parts_too_few, unit_contains_itself (422)."""
    with _editing(database, actor, now, space_id, seen) as (session, space):
        unit = _unit(space, unit_id)
        changes = give(unit, _facts(space, unit, facts))
        if changes:
            record(session, AUDIT, actor, now, "unit.edited", f"unit:{unit_id}", changes)


def put_in_service(
    database: Database, actor: Actor, now: datetime, *, space_id: int, unit_id: int, active: bool
) -> None:
    """Take a unit out of service, or back in; its reservations stay as they are. Twice is once."""
    with _editing(database, actor, now, space_id, None) as (session, space):
        unit = _unit(space, unit_id)
        if give(unit, {"active": active}):
            record(session, AUDIT, actor, now, "unit.returned" if active else "unit.retired", f"unit:{unit_id}")


def divide_unit(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    space_id: int,
    unit_id: int,
    parts: Sequence[Part],
    seen: str | None = None,
) -> list[int]:
    """Divide a room into new units, of which it is made from now on; their ids. They are open and charged as the room
    is. Raises unit_divided_already (409), parts_too_few, parts_too_many, unit_name_taken, too_many_units (422).
    """
    with _editing(database, actor, now, space_id, seen) as (session, space):
        unit = _unit(space, unit_id)
        if unit.parts or unit.whole:
            raise Refusal("unit_divided_already")
        if not 2 <= len(parts) <= MOST_PARTS:
            code = "parts_too_few" if len(parts) < 2 else "parts_too_many"
            raise Refusal(code, 422, fields={"parts": [code]}, most=MOST_PARTS)
        made = []
        for number, part in enumerate(parts):
            _refuse_same_name(space, None, part.name, f"name_{number + 1}")
            facts = {**vars(part), "equipment": list(unit.equipment), "accessibility": list(unit.accessibility)}
            half = _add(session, space, facts)
            _inherit(half, unit, OPENING + CHARGE)
            made.append(half.id)
        give(unit, {"parts": made})
        record(session, AUDIT, actor, now, "unit.divided", f"unit:{unit_id}", {"parts": made})
    return made


def join_units(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    space_id: int,
    facts: UnitEdit,
    seen: str | None = None,
) -> int:
    """Make one bigger unit of several, or of the whole building, beside them; its id.

    It is open when all its parts are, and is accessible in every way that all of them are. Its fee is unknown until
    somebody sets it, unless all are free. Raises parts_too_few, part_unknown, unit_name_taken, too_many_units (422).
    """
    with _editing(database, actor, now, space_id, seen) as (session, space):
        wanted = _facts(space, None, facts)
        if not facts.whole and len(wanted["parts"]) < 2:
            raise Refusal("parts_too_few", 422, fields={"parts": ["parts_too_few"]})
        rooms = [each for each in space.units if each.id in wanted["parts"]]
        if facts.whole:
            rooms = [each for each in space.units if each.active and not each.parts and not each.whole]
        wanted["equipment"] = wanted["equipment"] or list(
            dict.fromkeys(name for each in rooms for name in each.equipment)
        )
        wanted["accessibility"] = [
            code
            for code in ACCESSIBILITY
            if code in wanted["accessibility"] or (rooms and all(code in each.accessibility for each in rooms))
        ]
        wanted["area_m2"] = wanted["area_m2"] or _sum_of_areas(rooms)
        unit = _add(session, space, wanted)
        unit.hours = common_hours([each.hours for each in rooms])
        unit.closures = joined_closures(each.closures for each in rooms)
        texts = {each.closure_text for each in rooms}
        unit.closure_text = texts.pop() if len(texts) == 1 else None
        if rooms and all(each.fee and each.fee["free"] for each in rooms):
            _inherit(unit, rooms[0], CHARGE)
        details = {"parts": wanted["parts"], "whole": facts.whole}
        record(session, AUDIT, actor, now, "unit.joined", f"unit:{unit.id}", details)
    return unit.id


@contextmanager
def _editing(
    database: Database, actor: Actor, now: datetime, space_id: int, seen: str | None
) -> Iterator[tuple[Session, Space]]:
    """The locked space; afterwards its atoms are set anew, and what changed is told."""
    with database.write() as session:
        space = space_to_edit(session, actor, space_id, seen, lock=True)
        before = _state(space)
        yield session, space
        session.flush()
        try:
            set_atoms(space)
        except ValueError:
            raise Refusal("unit_contains_itself", 422, fields={"parts": ["unit_contains_itself"]}) from None
        if _state(space) != before:
            tell(session, now, space)


def _state(space: Space) -> list[dict[str, Any]]:
    facts = [column.key for column in Unit.__table__.columns]
    return [{name: getattr(unit, name) for name in facts} for unit in space.units]


def _unit(space: Space, unit_id: int, code: str = "not_found") -> Unit:
    unit = next((each for each in space.units if each.id == unit_id), None)
    if unit is None:
        raise Refusal(code, 404 if code == "not_found" else 422)
    return unit


def _facts(space: Space, unit: Unit | None, facts: UnitEdit) -> dict[str, Any]:
    """What the unit's row takes of the facts."""
    _refuse_same_name(space, unit, facts.name)
    known = {each.id for each in space.units}
    parts = [] if facts.whole else sorted(set(facts.parts))
    if not known.issuperset(parts):
        raise Refusal("part_unknown", 422, fields={"parts": ["part_unknown"]})
    if len(parts) == 1:
        raise Refusal("parts_too_few", 422, fields={"parts": ["parts_too_few"]})
    return {
        **vars(facts),
        "parts": parts,
        "equipment": list(facts.equipment),
        "accessibility": list(facts.accessibility),
    }


def _refuse_same_name(space: Space, unit: Unit | None, name: str, field: str = "name") -> None:
    if any(each is not unit and each.name.casefold() == name.casefold() for each in space.units):
        raise Refusal("unit_name_taken", 422, fields={field: ["unit_name_taken"]})


def _add(session: Session, space: Space, facts: dict[str, Any]) -> Unit:
    if len(space.units) >= MOST_UNITS:
        raise Refusal("too_many_units", 422, most=MOST_UNITS)
    unit = new_unit(f"{OWN}{uuid4()}")
    unit.active, unit.closures = True, dict(NO_CLOSURES)
    for name, value in facts.items():
        setattr(unit, name, value)
    space.units.append(unit)
    session.flush()
    return unit


def _inherit(unit: Unit, model: Unit | None, facts: Iterable[str]) -> None:
    for name in facts if model is not None else ():
        setattr(unit, name, getattr(model, name))


def _sum_of_areas(units: Sequence[Unit]) -> str | None:
    areas = [each.area_m2 for each in units]
    return str(sum(Decimal(area) for area in areas if area)) if areas and all(areas) else None
