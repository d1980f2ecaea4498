"""The line for times that are taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.booking.models.base import Base
from services.booking.models.places import Unit
from services.booking.models.reservations import Reservation
from services.booking.rules.interval import Interval
from services.booking.rules.policy import GROUP_LENGTH, PURPOSE_LENGTH
from shared.database import UtcDateTime

IN_LINE = ("waiting", "offered")
OUT_OF_LINE = ("claimed", "declined", "missed", "left", "expired")
_STANDING = text("status IN ('waiting', 'offered')")


class Waiting(Base):
    """Somebody stands in line for a unit during [start_at, end_at); the line is in the order of `id`.

    `status`: waiting; offered (`reservation_id` holds the time for them until its `held_until`); and, no longer in
    line: claimed, declined, missed (the offer ran out), left, expired (the time came and nothing was freed).
    """

    __tablename__ = "waitlist"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="start_before_end"),
        CheckConstraint(f"status IN {IN_LINE + OUT_OF_LINE}", name="status"),
        Index("ix_waitlist_unit_id_start_at", "unit_id", "start_at"),
        Index("ix_waitlist_status_start_at", "status", "start_at"),
        Index("ix_waitlist_account_id", "account_id"),
        Index(
            "uq_waitlist_once",
            "account_id",
            "unit_id",
            "start_at",
            "end_at",
            unique=True,
            postgresql_where=_STANDING,
            sqlite_where=_STANDING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int]
    space_id: Mapped[int]
    account_id: Mapped[int]
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    people: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("community_group.id"))
    group_name: Mapped[str | None] = mapped_column(String(GROUP_LENGTH))
    equipment: Mapped[dict] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(20))
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship(
        primaryjoin="foreign(Waiting.unit_id) == Unit.id", lazy="joined", innerjoin=True, viewonly=True
    )
    offer: Mapped[Reservation | None] = relationship(lazy="joined", viewonly=True)

    @property
    def during(self) -> Interval:
        return Interval(self.start_at, self.end_at)

    @property
    def in_line(self) -> bool:
        return self.status in IN_LINE
