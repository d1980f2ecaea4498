"""What the search reads, and what it could not find."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from shared.database import UtcDateTime

UNKNOWN_CAPACITY = 1_000_000
"""The capacity of a unit whose own is unknown: it may hold anybody, and is shown last."""


class FindableUnit(Base):
    """Projection: a unit that takes reservations, as the search asks for it: one row, numbers and plain texts only.

    Made by `search/findable.py` from the unit and its keeper's rules. `opens_1` to `closes_7` are minutes after the
    local midnight of Monday to Sunday (None: closed), `closed_bits` the regular closing days as `rules.day_bits`
    numbers them; lengths in minutes, `window` in days; `words`, `equipment`, `accessibility`: lower-case texts.
    """

    __tablename__ = "findable_unit"
    __table_args__ = (
        Index("ix_findable_unit_capacity", "capacity", "unit_id"),
        Index("ix_findable_unit_district", "district", "capacity", "unit_id"),
        Index("ix_findable_unit_space_id", "space_id"),
    )

    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    space_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    space_name: Mapped[str] = mapped_column(Text)
    district: Mapped[str] = mapped_column(String(5))
    zone: Mapped[str] = mapped_column(String(64))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    capacity: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    equipment: Mapped[str] = mapped_column(Text)
    accessibility: Mapped[str] = mapped_column(Text)
    free_of_charge: Mapped[bool]
    opens_1: Mapped[int | None]
    closes_1: Mapped[int | None]
    opens_2: Mapped[int | None]
    closes_2: Mapped[int | None]
    opens_3: Mapped[int | None]
    closes_3: Mapped[int | None]
    opens_4: Mapped[int | None]
    closes_4: Mapped[int | None]
    opens_5: Mapped[int | None]
    closes_5: Mapped[int | None]
    opens_6: Mapped[int | None]
    closes_6: Mapped[int | None]
    opens_7: Mapped[int | None]
    closes_7: Mapped[int | None]
    closed_bits: Mapped[int] = mapped_column(BigInteger)
    grid: Mapped[int]
    shortest: Mapped[int]
    longest: Mapped[int]
    notice: Mapped[int]
    window: Mapped[int]
    buffer_before: Mapped[int]
    buffer_after: Mapped[int]


class UnmetSearch(Base):
    """A search that found nothing: where, when, how many, never who. What people wanted and the city has not.

    `day` is the first local date wanted, `days` how many dates were; `starts` and `ends` the part of the day,
    `minutes` how long. `key` makes the same search of one visit on one day one row, and leads back to nobody.
    """

    __tablename__ = "unmet_search"
    __table_args__ = (Index("ix_unmet_search_district_at", "district", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    district: Mapped[str | None] = mapped_column(String(5))
    space_id: Mapped[int | None] = mapped_column(index=True)
    day: Mapped[date | None]
    days: Mapped[int]
    starts: Mapped[str | None] = mapped_column(String(5))
    ends: Mapped[str | None] = mapped_column(String(5))
    minutes: Mapped[int | None]
    people: Mapped[int | None]
    needs: Mapped[dict] = mapped_column(JSON)
    key: Mapped[str] = mapped_column(String(64), unique=True)


class AtomConflict(Base):
    """A unit was regrouped while it was reserved, and one of its new atoms was another's at that time.

    Both keep what they have; the keeper has to speak with them. `settled_at` when that is done or no longer needed.
    """

    __tablename__ = "atom_conflict"

    reservation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    other_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(index=True)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
