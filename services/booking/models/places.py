"""Where: what maps told (projections) and the atoms, whose rows reservations lock.

Own tables keep no foreign key to a projection, so that projections can be dropped and rebuilt (invariant 12). An atom
is not a projection: it gives a key of maps a number that never changes.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Column, Float, ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.booking.models.base import Base
from services.booking.models.keeping import UnitRules
from services.booking.rules.hours import Opening
from services.booking.rules.policy import POLICY, Policy


class Space(Base):
    """Projection: a place, as maps last told; coordinates in degrees WGS 84."""

    __tablename__ = "space"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(30))
    stage: Mapped[str] = mapped_column(String(30))
    district: Mapped[str] = mapped_column(String(5), index=True)
    address: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str | None] = mapped_column(Text)
    homepage: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)


class Unit(Base):
    """Projection: what is reserved. Maps no longer naming it makes it inactive; it is never deleted.

    `rules` is booking's own: what its keeper has set. It goes before what maps told.
    """

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int | None]
    area_m2: Mapped[str | None] = mapped_column(String(30))
    equipment: Mapped[list[str]] = mapped_column(JSON)
    accessibility: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    active: Mapped[bool]
    hours: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    closures: Mapped[dict] = mapped_column(JSON)
    closure_text: Mapped[str | None] = mapped_column(Text)
    fee: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    fee_text: Mapped[str | None] = mapped_column(Text)

    space: Mapped[Space] = relationship(lazy="joined", innerjoin=True)
    rules: Mapped[UnitRules | None] = relationship(
        primaryjoin="foreign(Unit.id) == UnitRules.unit_id", lazy="joined", viewonly=True, uselist=False
    )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.space.zone)

    @property
    def policy(self) -> Policy:
        """The keeper's settings, or the ordinary ones."""
        return Policy.from_settings(self.rules.settings) if self.rules else POLICY

    @property
    def opening(self) -> Opening | None:
        """The hours of ordinary days: the keeper's, else those that maps told; None: unknown."""
        hours = self.rules.hours if self.rules and self.rules.hours else self.hours
        closures = self.rules.closures if self.rules and self.rules.closures else self.closures
        return Opening.from_facts(hours, closures)


class Atom(Base):
    """The smallest part that one group has to itself; `key` is its name in maps ("unit:12")."""

    __tablename__ = "atom"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100))


unit_atom = Table(
    "unit_atom",
    Base.metadata,
    Column("unit_id", ForeignKey("unit.id"), primary_key=True),
    Column("atom_id", ForeignKey("atom.id"), primary_key=True, index=True),
)
"""Projection: the atoms of each unit; a building's are those of all its rooms."""
