"""The tables of the maps service: what it owns, and the projections that events of the other services fill."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from shared.audit import audit_table
from shared.bus.catalogue import ACCESSIBILITY
from shared.bus.tables import bus_tables
from shared.database import UtcDateTime, metadata

Id = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True)


class Base(DeclarativeBase):
    metadata = metadata()


class Space(Base):
    """A place (마을활력소, 공공시설 …) and where it stands in its life. Coordinates in degrees WGS 84.

    `source` says who keeps the facts ("maru", or the data set that was imported) and `source_key` names the place
    there; `provision` is how an 모두의공간 came to be: purchase or remodel. `accessibility` holds everywhere in the
    building. `edited` names the facts that people set here, which an import leaves alone.
    """

    __tablename__ = "space"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    source_key: Mapped[str] = mapped_column(String(300), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    provision: Mapped[str | None] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))
    district: Mapped[str] = mapped_column(String(5))
    address: Mapped[str] = mapped_column(String(300))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    zone: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(60))
    homepage: Mapped[str | None] = mapped_column(String(500))
    accessibility: Mapped[list[str]] = mapped_column(Json, default=list)
    edited: Mapped[list[str]] = mapped_column(Json, default=list)

    units: Mapped[list["Unit"]] = relationship(order_by="Unit.id", cascade="all, delete-orphan", back_populates="space")
    stages: Mapped[list["SpaceStageChange"]] = relationship(order_by="SpaceStageChange.at, SpaceStageChange.id")

    __table_args__ = (Index("ix_space_district_stage", "district", "stage"),)


class Unit(Base):
    """What is reserved. Its `atoms` are what nobody else may use meanwhile: its own, or those of its `parts` (ids of
    units of the space), or every room's where it is the `whole` building (see `unit_sets`).

    `hours`, `closures` and `fee` are structured where the source could be read with certainty (see the event
    catalogue for their shape), and `closure_text` and `fee_text` keep what the source said. `area_m2` is a
    decimal in square metres, kept as text. `accessibility` is its own, beside the building's. `edited` as a space's.
    """

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    source_key: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[int | None] = mapped_column(Integer)
    area_m2: Mapped[str | None] = mapped_column(String(20))
    equipment: Mapped[list[str]] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(Boolean)
    hours: Mapped[dict[str, Any] | None] = mapped_column(Json)
    closures: Mapped[dict[str, Any]] = mapped_column(Json)
    closure_text: Mapped[str | None] = mapped_column(Text)
    fee: Mapped[dict[str, Any] | None] = mapped_column(Json)
    fee_text: Mapped[str | None] = mapped_column(Text)
    atoms: Mapped[list[str]] = mapped_column(Json)
    parts: Mapped[list[int]] = mapped_column(Json, default=list)
    whole: Mapped[bool] = mapped_column(Boolean, default=False)
    accessibility: Mapped[list[str]] = mapped_column(Json, default=list)
    edited: Mapped[list[str]] = mapped_column(Json, default=list)

    # Known already wherever a space is loaded with its units: this asks nothing then.
    space: Mapped[Space] = relationship(back_populates="units", lazy="immediate")

    @property
    def accessible_by(self) -> list[str]:
        """What holds of this unit: the building's accessibility and its own, in the catalogue's order."""
        return [code for code in ACCESSIBILITY if code in self.accessibility or code in self.space.accessibility]

    __table_args__ = (UniqueConstraint("space_id", "source_key"),)


class SpaceStageChange(Base):
    """When a space entered a stage; `from_stage` is empty for the first one known."""

    __tablename__ = "space_stage_change"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    from_stage: Mapped[str | None] = mapped_column(String(20))
    to_stage: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(String(300))


class DistrictBoundary(Base):
    """An imported shape of a district (GeoJSON geometry, WGS 84): as published, and simplified for drawing.

    A district without a row is drawn schematically.
    """

    __tablename__ = "district_boundary"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    original: Mapped[dict[str, Any]] = mapped_column(Json)
    simplified: Mapped[dict[str, Any]] = mapped_column(Json)
    source: Mapped[str] = mapped_column(String(200))


class ImportRun(Base):
    """One import of a file: what it was, what came of each row (`counts`), and every row that was not simply taken."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(Integer)
    counts: Mapped[dict[str, int]] = mapped_column(Json)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(Json)


class MapVersion(Base):
    """One row that counts whatever changes what the map shows: the cheap answer to "is there anything new?"."""

    __tablename__ = "map_version"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class Reservation(Base):
    """Projection of booking: when a unit is taken, [start_at, end_at). Nobody's name comes here."""

    __tablename__ = "reservation"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    district: Mapped[str] = mapped_column(String(5))
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        Index("ix_reservation_space_id_end_at", "space_id", "end_at"),
        Index("ix_reservation_start_at_district", "start_at", "district"),
        Index("ix_reservation_end_at_start_at", "end_at", "start_at"),
    )


class UnitRule(Base):
    """Projection of booking: what a unit's keeper has set there; it goes before the unit's own facts."""

    __tablename__ = "unit_rule"

    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(BigInteger, index=True)
    hours: Mapped[dict[str, Any] | None] = mapped_column(Json)
    closures: Mapped[dict[str, Any] | None] = mapped_column(Json)
    tariff: Mapped[dict[str, Any] | None] = mapped_column(Json)


class FundedProject(Base):
    """Projection of grants: a project that was funded, in won."""

    __tablename__ = "funded_project"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    call_id: Mapped[int] = mapped_column(BigInteger)
    district: Mapped[str] = mapped_column(String(5), index=True)
    title: Mapped[str] = mapped_column(String(300))
    group_name: Mapped[str] = mapped_column(String(200))
    strand: Mapped[str] = mapped_column(String(100))
    awarded_won: Mapped[int] = mapped_column(BigInteger)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    space_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


class Intermediary(Base):
    """Projection of grants: how a district's intermediary is run, and its funding of `year` in won."""

    __tablename__ = "intermediary"

    district: Mapped[str] = mapped_column(String(5), primary_key=True)
    mode: Mapped[str] = mapped_column(String(20))
    operator: Mapped[str | None] = mapped_column(String(200))
    funding_won: Mapped[int] = mapped_column(BigInteger)
    year: Mapped[int] = mapped_column(Integer)


class Call(Base):
    """Projection of grants: a published call; it takes applications in [opens_at, closes_at)."""

    __tablename__ = "call"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    district: Mapped[str] = mapped_column(String(5), index=True)
    title: Mapped[str] = mapped_column(String(300))
    programme: Mapped[str] = mapped_column(String(200))
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    budget_won: Mapped[int] = mapped_column(BigInteger)


AUDIT = audit_table(Base.metadata)
bus_tables(Base.metadata)
