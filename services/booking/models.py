"""The tables of booking: what maps told us (projections), and what booking itself knows.

Own tables keep no foreign key to a projection, so that projections can be dropped and rebuilt (invariant 12). An atom
is not a projection: it gives a key of maps a number that never changes, and its row is what reservations lock.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from services.booking.rules.hours import Opening
from services.booking.rules.interval import Interval
from services.booking.rules.policy import GROUP_LENGTH, PURPOSE_LENGTH, Place
from shared.audit import audit_table
from shared.bus.tables import bus_tables
from shared.database import UtcDateTime, metadata

NO_OVERLAP = "ex_occupancy_atom_id_during"
ONE_PER_KEY = "uq_reservation_account_id_idempotency_key"
KEY_LENGTH = 80


class Base(DeclarativeBase):
    metadata = metadata()


class Space(Base):
    """Projection: a place, as maps last told."""

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


class Unit(Base):
    """Projection: what is reserved. Maps no longer naming it makes it inactive; it is never deleted."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int | None]
    area_m2: Mapped[str | None] = mapped_column(String(30))
    equipment: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool]
    hours: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    closures: Mapped[dict] = mapped_column(JSON)
    closure_text: Mapped[str | None] = mapped_column(Text)
    fee: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    fee_text: Mapped[str | None] = mapped_column(Text)

    space: Mapped[Space] = relationship(lazy="joined", innerjoin=True)

    @property
    def opening(self) -> Opening | None:
        return Opening.from_facts(self.hours, self.closures)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.space.zone)

    @property
    def place(self) -> Place:
        """What the pure rules need."""
        return Place(self.active, self.space.stage, self.opening, self.capacity, self.zone)


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


class Reservation(Base):
    """Somebody has a unit during [start_at, end_at); `status` is confirmed or cancelled."""

    __tablename__ = "reservation"
    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key", name=ONE_PER_KEY),
        CheckConstraint("start_at < end_at", name="start_before_end"),
        CheckConstraint("people >= 1", name="people"),
        CheckConstraint("status IN ('confirmed', 'cancelled')", name="status"),
        Index("ix_reservation_account_id_start_at", "account_id", "start_at"),
        Index("ix_reservation_unit_id_start_at", "unit_id", "start_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int]
    space_id: Mapped[int] = mapped_column(index=True)
    account_id: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH))
    group_name: Mapped[str | None] = mapped_column(String(GROUP_LENGTH))
    people: Mapped[int]
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(20))
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship(
        primaryjoin="foreign(Reservation.unit_id) == Unit.id", lazy="joined", innerjoin=True, viewonly=True
    )

    @property
    def during(self) -> Interval:
        return Interval(self.start_at, self.end_at)

    @property
    def live(self) -> bool:
        return self.status == "confirmed"


class Occupancy(Base):
    """An atom is taken during [start_at, end_at) by a live reservation. Only `occupancy.py` writes it.

    Invariant 1: the database itself forbids that two rows of one atom overlap (PostgreSQL: the constraint below;
    SQLite: the two triggers of the migration).
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="start_before_end"),
        ExcludeConstraint(
            ("atom_id", "="),
            (text("tstzrange(start_at, end_at, '[)')"), "&&"),
            name=NO_OVERLAP,
            using="gist",
        ).ddl_if(dialect="postgresql"),
    )

    atom_id: Mapped[int] = mapped_column(ForeignKey("atom.id"), primary_key=True)
    start_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), index=True)


AUDIT = audit_table(Base.metadata)
bus_tables(Base.metadata)
