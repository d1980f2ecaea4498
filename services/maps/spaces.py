"""Saving spaces with their units, and moving a space from stage to stage. Each change is told to the other services."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from services.maps.events import touch
from services.maps.models import AUDIT, Space, SpaceStageChange, Unit
from services.maps.unit_sets import Piece, atoms_of
from shared.audit import record
from shared.bus import outbox
from shared.bus.catalogue import STAGES
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

Outcome = Literal["added", "changed", "unchanged"]
NO_CLOSURES: Mapping[str, Any] = {"weekdays": [], "holidays": False}
NOTE_LIMIT = 300
OWN = "own:"
"""How the key of a unit begins that people added here: no source knows it."""


@dataclass(frozen=True)
class UnitFacts:
    """What is known of a unit; the shapes of hours, closures and fee are the event catalogue's.

    `key` names the unit within its space in the source. `whole` says that it is the whole building: taking it takes
    every room.
    """

    key: str
    name: str
    capacity: int | None = None
    area_m2: str | None = None
    equipment: tuple[str, ...] = ()
    active: bool = True
    hours: Mapping[str, Any] | None = None
    closures: Mapping[str, Any] = field(default_factory=lambda: NO_CLOSURES)
    closure_text: str | None = None
    fee: Mapping[str, Any] | None = None
    fee_text: str | None = None
    whole: bool = False


@dataclass(frozen=True)
class SpaceFacts:
    """What is known of a space. `key` names it in `source` for ever.

    `stage` and `history`, when it entered the stages up to that one, count only when the space is new.
    """

    source: str
    key: str
    name: str
    kind: str
    stage: str
    district: str
    address: str
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    homepage: str | None = None
    zone: str = "Asia/Seoul"
    provision: str | None = None
    units: tuple[UnitFacts, ...] = ()
    history: tuple[tuple[str, datetime], ...] = ()


def save_space(
    session: Session, actor: Actor, now: datetime, facts: SpaceFacts, existing: Space | None = None
) -> tuple[Space, Outcome]:
    """Bring a space and its units to `facts`, in the caller's transaction; nothing is published when nothing changed.

    `existing` is the row with this key, if there is one, with its units loaded. Units that `facts` doesn't name stay
    as they are: only people take a unit out of service. What people edited here stays too (see `kept_facts`).
    """
    outcome: Outcome = "unchanged"
    if existing is None:
        outcome = "added"
        space = Space(
            source=facts.source, source_key=facts.key, stage=facts.stage, units=[], accessibility=[], edited=[]
        )
        session.add(space)
        before = None
        for stage, at in facts.history or ((facts.stage, now),):
            change = SpaceStageChange(from_stage=before, to_stage=stage, at=at, account_id=actor.account_id)
            space.stages.append(change)
            before = stage
    else:
        space = existing
    changed = _bring(space, facts)
    by_key = {unit.source_key: unit for unit in space.units}
    for unit_facts in facts.units:
        unit = by_key.get(unit_facts.key)
        if unit is None:
            unit = new_unit(unit_facts.key)
            space.units.append(unit)
        changed |= _bring(unit, unit_facts)
        if unit_facts.whole and "parts" not in unit.edited:
            unit.whole = True
    session.flush()
    changed |= set_atoms(space)
    if outcome == "unchanged" and changed:
        outcome = "changed"
    if outcome != "unchanged":
        record(session, AUDIT, actor, now, f"space.{outcome}", f"space:{space.id}", {"source": facts.source})
        tell(session, now, space)
    return space, outcome


def change_stage(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    space_id: int,
    stage: str,
    seen_stage: str | None = None,
    note: str = "",
) -> None:
    """Move a space to another stage. `seen_stage` is what the person saw when deciding.

    Raises Refusal: not_found (404), not_your_district (403), stage_unknown and note_too_long (422), stage_same and
    stage_moved_meanwhile (409).
    """
    with database.write() as session:
        space = session.get(Space, space_id, with_for_update=True)
        if space is None:
            raise Refusal("not_found", 404)
        if not actor.runs_district(space.district):
            raise Refusal("not_your_district", 403)
        if stage not in STAGES:
            raise Refusal("stage_unknown", 422, fields={"stage": ["stage_unknown"]})
        if len(note.strip()) > NOTE_LIMIT:
            raise Refusal("note_too_long", 422, fields={"note": ["note_too_long"]}, limit=NOTE_LIMIT)
        if seen_stage is not None and seen_stage != space.stage:
            raise Refusal("stage_moved_meanwhile")
        if stage == space.stage:
            raise Refusal("stage_same", fields={"stage": ["stage_same"]})
        session.add(
            SpaceStageChange(
                space_id=space.id,
                from_stage=space.stage,
                to_stage=stage,
                at=now,
                account_id=actor.account_id,
                note=note.strip() or None,
            )
        )
        details = {"from": space.stage, "to": stage}
        space.stage = stage
        record(session, AUDIT, actor, now, "space.stage_changed", f"space:{space.id}", details)
        tell(session, now, space)


def known_spaces(session: Session, keys: list[str]) -> dict[str, Space]:
    """The spaces with these source keys, with their units, by key, locked; a few queries whatever the number."""
    found: dict[str, Space] = {}
    for start in range(0, len(keys), 500):
        chunk = keys[start : start + 500]
        # Locked: what somebody edits at this moment is either seen here or waits until we are done.
        query = select(Space).where(Space.source_key.in_(chunk)).order_by(Space.id).with_for_update(of=Space)
        spaces = session.scalars(query.options(selectinload(Space.units)))
        found.update((space.source_key, space) for space in spaces)
    return found


def tell(session: Session, now: datetime, space: Space) -> None:
    """Publish the whole state of a space, and let the open maps know."""
    payload = space_state(space)
    outbox.publish(session, "maps.space.changed", aggregate=f"space:{space.id}", payload=payload, occurred_at=now)
    touch(session)


def space_state(space: Space) -> dict[str, Any]:
    """The payload of `maps.space.changed`."""
    plain = ("name", "kind", "stage", "district", "address", "latitude", "longitude", "zone", "phone", "homepage")
    of_unit = ("name", "capacity", "area_m2", "equipment", "active", "atoms", "hours", "closures", "closure_text")
    return {
        "space_id": space.id,
        **{name: getattr(space, name) for name in plain},
        "units": [
            {
                "unit_id": unit.id,
                **{name: getattr(unit, name) for name in (*of_unit, "fee", "fee_text")},
                "accessibility": unit.accessible_by,
            }
            for unit in space.units
        ],
    }


def new_unit(key: str) -> Unit:
    """A unit without facts; `key` names it within its space."""
    return Unit(source_key=key, atoms=[], parts=[], whole=False, accessibility=[], edited=[])


def kept_facts(space: Space, facts: SpaceFacts) -> Iterator[tuple[Unit | None, str, Any]]:
    """(unit or None for the space, name of the fact, what the source says) where people's own word stands instead."""
    yield from ((None, name, value) for name, value in _differing(space, facts) if name in space.edited)
    by_key = {unit.source_key: unit for unit in space.units}
    for unit_facts in facts.units:
        if unit := by_key.get(unit_facts.key):
            yield from ((unit, name, value) for name, value in _differing(unit, unit_facts) if name in unit.edited)


def set_atoms(space: Space) -> bool:
    """Give each unit the atoms that its parts mean; whether that changed anything. The units have their ids."""
    atoms = atoms_of(Piece(unit.id, tuple(unit.parts), unit.whole) for unit in space.units)
    changed = [unit for unit in space.units if unit.atoms != atoms[unit.id]]
    for unit in changed:
        unit.atoms = atoms[unit.id]
    return bool(changed)


def _bring(row: Space | Unit, facts: SpaceFacts | UnitFacts) -> bool:
    """Give the row the values of `facts` but for what people edited; whether that changed anything."""
    changed = False
    for name, value in _differing(row, facts):
        if name not in row.edited:
            setattr(row, name, value)
            changed = True
    return changed


def _differing(row: Space | Unit, facts: SpaceFacts | UnitFacts) -> Iterator[tuple[str, Any]]:
    """The facts that the row holds otherwise."""
    for name, value in vars(facts).items():
        if name in ("key", "stage", "history", "units", "whole"):
            continue
        value = list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
        if getattr(row, name) != value:
            yield name, value
