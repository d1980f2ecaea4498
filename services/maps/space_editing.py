"""The people of a place edit its own facts: its keeper, the district's staff, the city's. Imports then leave them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from services.maps.models import AUDIT, Space, Unit
from services.maps.spaces import space_state, tell
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

PEOPLES_OWN = ("active", "parts")
"""What no data set ever knows better: whether a unit is in service, and what it is made of."""


@dataclass(frozen=True)
class SpaceEdit:
    """What people may change of a space. Coordinates in degrees WGS 84, both or neither."""

    name: str
    address: str
    phone: str | None
    homepage: str | None
    latitude: float | None
    longitude: float | None
    accessibility: tuple[str, ...] = ()


def may_edit(actor: Actor, space: Space) -> bool:
    """Whether the actor runs the space: its keeper, its district's staff, the city's (invariant 13)."""
    keeps = Role.SPACE_KEEPER in actor.roles and space.id in actor.spaces
    return keeps or actor.runs_district(space.district)


def space_to_edit(session: Session, actor: Actor, space_id: int, seen: str | None = None, lock: bool = False) -> Space:
    """The space with its units, locked when it will be changed.

    `seen` is its `fingerprint` when the person decided; None where nobody looked. Raises Refusal: not_found (404),
    not_your_space (403), edited_meanwhile (409).
    """
    query = select(Space).where(Space.id == space_id).options(selectinload(Space.units))
    space = session.scalar(query.with_for_update(of=Space) if lock else query)
    if space is None:
        raise Refusal("not_found", 404)
    if not may_edit(actor, space):
        raise Refusal("not_your_space", 403)
    if seen is not None and seen != fingerprint(space):
        raise Refusal("edited_meanwhile")
    return space


def fingerprint(space: Space) -> str:
    """Changes whenever anything that is told of the space or its units does."""
    own = [space.accessibility, *([unit.id, unit.accessibility, unit.parts, unit.whole] for unit in space.units)]
    return sha256(json.dumps([space_state(space), own], sort_keys=True).encode()).hexdigest()[:16]


def edit_space(
    database: Database, actor: Actor, now: datetime, *, space_id: int, facts: SpaceEdit, seen: str | None = None
) -> None:
    """Give a space these facts; nothing is told when nothing changed. Raises as `space_to_edit`."""
    with database.write() as session:
        space = space_to_edit(session, actor, space_id, seen, lock=True)
        changes = give(space, vars(facts))
        if changes:
            record(session, AUDIT, actor, now, "space.edited", f"space:{space_id}", changes)
            tell(session, now, space)


def follow_source(database: Database, actor: Actor, now: datetime, *, space_id: int, seen: str | None = None) -> int:
    """Let the next import set everything again but what is people's own; how many facts that frees.

    Raises as `space_to_edit`.
    """
    with database.write() as session:
        space = space_to_edit(session, actor, space_id, seen, lock=True)
        freed = 0
        rows: list[Space | Unit] = [space, *space.units]
        for row in rows:
            kept = [name for name in row.edited if name in PEOPLES_OWN]
            freed += len(row.edited) - len(kept)
            row.edited = kept
        if freed:
            record(session, AUDIT, actor, now, "space.follows_source", f"space:{space_id}", {"facts": freed})
        return freed


def give(row: Space | Unit, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Set what differs and note that people did; {fact: [before, after]} of what changed."""
    changes: dict[str, Any] = {}
    for name, value in facts.items():
        value = list(value) if isinstance(value, tuple) else value
        before = getattr(row, name)
        if before != value:
            changes[name] = [before, value]
            setattr(row, name, value)
    row.edited = sorted({*row.edited, *("parts" if name == "whole" else name for name in changes)})
    return changes
