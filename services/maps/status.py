"""The live state of every space for the open maps, and the version by which they learn that something is new."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.maps.models import MapVersion, Reservation, Space
from services.maps.search import reservable_space

AHEAD = timedelta(days=7)
FREE, IN_USE, NOT_OPEN = "free", "in_use", "not_open"


def map_version(session: Session, now: datetime) -> str:
    """Changes whenever a space, a reservation, a project or a boundary did, and each minute; one tiny query.

    The minute is part of it because the state of a space changes by the clock alone.
    """
    return f"{session.scalar(select(MapVersion.version))}-{int(_minute(now).timestamp()) // 60}"


def map_status(session: Session, now: datetime) -> dict[str, Any]:
    """The version and the state of every space; three queries whatever the number of spaces."""
    states = space_states(session, now)
    rows = [{"space_id": space_id, **state} for space_id, state in states.items()]
    return {"version": map_version(session, now), "spaces": rows}


def space_states(session: Session, now: datetime, space_ids: Iterable[int] | None = None) -> dict[int, dict[str, Any]]:
    """{space id: its state} of all spaces, or of these, as of the full minute.

    `state` is free, in_use (at least one unit is taken now) or not_open (can't be reserved online); `upcoming` counts
    the reservations that run now or begin within seven days; `next_start` is when the next one begins and `free_at`
    when the running one ends, instants or None.
    """
    moment = _minute(now)
    spaces = select(Space.id, reservable_space())
    taken = (
        select(Reservation.space_id, Reservation.start_at, Reservation.end_at)
        .where(~Reservation.cancelled, Reservation.end_at > moment, Reservation.start_at < moment + AHEAD)
        .order_by(Reservation.start_at, Reservation.id)
    )
    if space_ids is not None:
        ids = list(space_ids)
        spaces, taken = spaces.where(Space.id.in_(ids)), taken.where(Reservation.space_id.in_(ids))
    states: dict[int, dict[str, Any]] = {
        space_id: {
            "state": FREE if reservable else NOT_OPEN,
            "upcoming": 0,
            "next_start": None,
            "free_at": None,
        }
        for space_id, reservable in session.execute(spaces.order_by(Space.id))
    }
    for space_id, start, end in session.execute(taken):
        state = states.get(space_id)
        if state is None:
            continue
        state["upcoming"] += 1
        if start <= moment:
            state["state"] = IN_USE
            state["free_at"] = max(end, state["free_at"] or end)
        elif state["next_start"] is None:
            state["next_start"] = start
    return states


def coming_of_units(session: Session, now: datetime, space_id: int) -> dict[int, int]:
    """{unit id: its reservations that are not over}, of the units of a space that have any; one query."""
    coming = (
        select(Reservation.unit_id, func.count())
        .where(Reservation.space_id == space_id, Reservation.end_at > now, ~Reservation.cancelled)
        .group_by(Reservation.unit_id)
    )
    return {row[0]: row[1] for row in session.execute(coming)}


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
