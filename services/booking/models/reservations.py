"""When: reservations, series of them, and the occupancy that holds the atoms."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.booking.models.base import Base
from services.booking.models.places import Unit
from services.booking.rules.interval import Interval
from services.booking.rules.policy import GROUP_LENGTH, PURPOSE_LENGTH
from shared.database import UtcDateTime

NO_OVERLAP = "ex_occupancy_atom_id_during"
ONE_PER_KEY = "uq_reservation_account_id_idempotency_key"
KEY_LENGTH = 80
LIVE = ("requested", "offered", "confirmed")
ENDED = ("declined", "cancelled", "lapsed", "no_show")
KINDS = ("visit", "block", "lottery")


class Series(Base):
    """A repeated reservation as one object. `rule` is the recurrence as `rules.recurrence` writes it; its
    occurrences are reservations, each with the local date (`series_day`) that the rule gave it."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("account_id", "idempotency_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(index=True)
    space_id: Mapped[int] = mapped_column(index=True)
    account_id: Mapped[int]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("community_group.id"))
    rule: Mapped[dict] = mapped_column(JSON)
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH))
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Reservation(Base):
    """Somebody has a unit during [start_at, end_at).

    `status`: requested (waits for approval), offered (held for the next in line until `held_until`), confirmed;
    and, no longer live: declined, cancelled, lapsed (an offer nobody took), no_show. `kind`: visit, block (the
    keeper's own event), lottery (kept for a draw). Money in won; `price` holds the lines that explain `price_won`
    (None: unknown, ask the space). `sequence` counts changes, for calendars. `reminded_of`: the start of which whoever
    reserved was reminded.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key", name=ONE_PER_KEY),
        CheckConstraint("start_at < end_at", name="start_before_end"),
        CheckConstraint("people >= 1", name="people"),
        CheckConstraint(f"status IN {LIVE + ENDED}", name="status"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        Index("ix_reservation_account_id_start_at", "account_id", "start_at"),
        Index("ix_reservation_unit_id_start_at", "unit_id", "start_at"),
        Index("ix_reservation_space_id_start_at", "space_id", "start_at"),
        Index("ix_reservation_group_id_start_at", "group_id", "start_at"),
        Index("ix_reservation_status_start_at", "status", "start_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int]
    space_id: Mapped[int]
    account_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20), default="visit", server_default="visit")
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("community_group.id"))
    group_name: Mapped[str | None] = mapped_column(String(GROUP_LENGTH))
    people: Mapped[int]
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    series_day: Mapped[date | None]
    price_won: Mapped[int | None]
    price: Mapped[list | None] = mapped_column(JSON(none_as_null=True))
    payment: Mapped[str] = mapped_column(String(20), default="none", server_default="none")
    checked_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship(
        primaryjoin="foreign(Reservation.unit_id) == Unit.id", lazy="joined", innerjoin=True, viewonly=True
    )

    @property
    def during(self) -> Interval:
        return Interval(self.start_at, self.end_at)

    @property
    def live(self) -> bool:
        return self.status in LIVE


class Occupancy(Base):
    """An atom is taken during [start_at, end_at) by a live reservation. Only `occupancy.py` writes it.

    Invariant 1: the database itself forbids that two rows of one atom overlap (PostgreSQL: the constraint below;
    SQLite: the two triggers of the migration). [guard_start, guard_end) adds the buffers that the unit asked for when
    it was reserved: they may overlap one another, but nobody's reservation (checked under the lock).
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="start_before_end"),
        CheckConstraint("guard_start <= start_at AND end_at <= guard_end", name="guarded"),
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
    guard_start: Mapped[datetime] = mapped_column(UtcDateTime)
    guard_end: Mapped[datetime] = mapped_column(UtcDateTime)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), index=True)
