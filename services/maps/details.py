"""Everything one page says of one space or of one district."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from services.maps.models import Call, FundedProject, Reservation, Space, UnitRule
from services.maps.status import AHEAD, space_states
from shared.refusal import Refusal


@dataclass(frozen=True)
class SpaceDetails:
    """A space with its units and stages loaded, the projects there, and by unit id: when it is taken, and what its
    keeper has set."""

    space: Space
    state: dict[str, Any]
    taken: dict[int, list[Reservation]]
    projects: Sequence[FundedProject]
    ruled: dict[int, UnitRule]


def space_details(session: Session, now: datetime, space_id: int) -> SpaceDetails:
    """Raises Refusal not_found (404). `taken` reaches seven days ahead; a room is taken too when the building is."""
    query = select(Space).where(Space.id == space_id).options(selectinload(Space.units), selectinload(Space.stages))
    space = session.scalar(query)
    if space is None:
        raise Refusal("not_found", 404)
    coming = (
        select(Reservation)
        .where(Reservation.space_id == space_id, ~Reservation.cancelled)
        .where(Reservation.end_at > now, Reservation.start_at < now + AHEAD)
        .order_by(Reservation.start_at, Reservation.id)
    )
    atoms = {unit.id: set(unit.atoms) for unit in space.units}
    taken: dict[int, list[Reservation]] = {}
    for reservation in session.scalars(coming):
        used = atoms.get(reservation.unit_id, set())
        for unit_id, others in atoms.items():
            if used & others:
                taken.setdefault(unit_id, []).append(reservation)
    state = space_states(session, now, [space_id])[space_id]
    ruled = {rule.unit_id: rule for rule in session.scalars(select(UnitRule).where(UnitRule.space_id == space_id))}
    return SpaceDetails(space, state, taken, projects_where(session, FundedProject.space_id == space_id), ruled)


def projects_where(session: Session, *conditions: Any, limit: int = 200) -> Sequence[FundedProject]:
    """Funded projects, newest decision first."""
    query = select(FundedProject).where(*conditions).order_by(FundedProject.decided_at.desc(), FundedProject.id.desc())
    return session.scalars(query.limit(limit)).all()


def open_calls(session: Session, now: datetime, district: str) -> Sequence[Call]:
    """The calls of a district that take applications now or will, soonest deadline first."""
    query = select(Call).where(Call.district == district, Call.closes_at > now).order_by(Call.closes_at, Call.id)
    return session.scalars(query).all()
