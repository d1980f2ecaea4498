"""One plain row for each unit that can be found: what the search asks of thousands of units at once.

Whoever changes a unit, its space or its keeper's rules calls `refresh` in the same transaction. A scheduled task puts
right what was missed, and fills the table after the migration that made it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from services.booking.models import FindableUnit, Space, Unit, unit_atom
from services.booking.models.searches import UNKNOWN_CAPACITY
from services.booking.rules.day_bits import closed_bits
from services.booking.rules.hours import Opening
from services.booking.rules.policy import MINUTE
from services.booking.rules.tariff import Tariff, from_fee
from shared.database import Database

TABLE = FindableUnit.metadata.tables["findable_unit"]
COLUMNS = tuple(column.name for column in TABLE.columns)
DAY = timedelta(days=1)


def refresh(session: Session, unit_ids: Collection[int] | None = None) -> int:
    """Make the rows of these units (None: of all) say what is true; how many were wrong. A few
    queries, and what changes."""
    session.flush()
    units = select(Unit).join(Unit.space).where(Unit.active, Space.stage == "open")
    units = units.where(exists().where(unit_atom.c.unit_id == Unit.id))
    known = select(FindableUnit.__table__)
    if unit_ids is not None:
        units = units.where(Unit.id.in_(unit_ids))
        known = known.where(TABLE.c.unit_id.in_(unit_ids))
    before = {row.unit_id: tuple(row) for row in session.execute(known)}
    # Rules are not loaded by a relationship that may be stale: they are read again with the units.
    rows = session.scalars(units.execution_options(populate_existing=True))
    after = {unit.id: facts for unit in rows if (facts := _row(unit)) is not None}
    wrong = [
        unit_id for unit_id, facts in after.items() if before.get(unit_id) != tuple(facts[name] for name in COLUMNS)
    ]
    gone = [unit_id for unit_id in before if unit_id not in after]
    for start in range(0, len(wrong + gone), 500):
        session.execute(delete(FindableUnit).where(TABLE.c.unit_id.in_((wrong + gone)[start : start + 500])))
    if wrong:
        session.execute(insert(TABLE), [after[unit_id] for unit_id in wrong])
    return len(wrong) + len(gone)


def put_right(database: Database, settings: Any, now: datetime) -> bool:
    """The scheduled task: nothing to do unless somebody forgot to refresh, or the table is new."""
    with database.write() as session:
        refresh(session)
    return False


def _row(unit: Unit) -> dict[str, Any] | None:
    """What the search knows of a unit; None: it can't be found because its hours are unknown."""
    opening = unit.opening
    if opening is None:
        return None
    policy, space = unit.policy, unit.space
    words = "\n".join((space.name, unit.name, space.address)).lower()
    return {
        "unit_id": unit.id,
        "space_id": unit.space_id,
        "name": unit.name,
        "space_name": space.name,
        "district": space.district,
        "zone": space.zone,
        "latitude": space.latitude,
        "longitude": space.longitude,
        "capacity": unit.capacity or UNKNOWN_CAPACITY,
        "words": words,
        "equipment": "\n".join(unit.equipment).lower(),
        "accessibility": " ".join(["", *unit.accessibility, ""]),
        "free_of_charge": _is_free(unit),
        **_hours(opening),
        "closed_bits": closed_bits(opening),
        "grid": policy.grid // MINUTE,
        "shortest": policy.shortest // MINUTE,
        "longest": policy.longest // MINUTE,
        "notice": policy.notice // MINUTE,
        "window": policy.window // DAY,
        "buffer_before": policy.buffer_before // MINUTE,
        "buffer_after": policy.buffer_after // MINUTE,
    }


def tariff_of(unit: Unit) -> Tariff | None:
    """The keeper's tariff, else what maps' fee says; None: unknown."""
    own = unit.rules.tariff if unit.rules else None
    return Tariff.from_json(own) if own else from_fee(unit.fee)


def _is_free(unit: Unit) -> bool:
    """Whether it costs nobody anything at any time."""
    tariff = tariff_of(unit)
    if tariff is None:
        return False
    base = not tariff.base_minutes
    return all(line.unit_won == 0 and (base or line.base_won == 0) for line in tariff.lines)


def _hours(opening: Opening) -> dict[str, int | None]:
    by_kind = opening.days or (opening.weekday,) * 5 + (opening.weekend,) * 2
    hours: dict[str, int | None] = {}
    for number, pair in enumerate(by_kind, 1):
        hours[f"opens_{number}"], hours[f"closes_{number}"] = map(minutes_of, pair) if pair else (None, None)
    return hours


def minutes_of(clock: str) -> int:
    """Minutes after midnight: "14:30" is 870, "24:00" 1440."""
    hour, minute = clock.split(":")
    return 60 * int(hour) + int(minute)
