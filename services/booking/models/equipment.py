"""What a space lends with its rooms, and to which reservation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from shared.database import UtcDateTime


class Equipment(Base):
    """Something that a space lends: `count` pieces in all, `fee_won` for each, per use or (`hourly`) per begun hour.

    `unit_ids`: only with these units; None: with every unit of the space. The row is what loans lock.
    """

    __tablename__ = "equipment"
    __table_args__ = (CheckConstraint("count >= 0", name="count"), CheckConstraint("fee_won >= 0", name="fee"))

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(80))
    count: Mapped[int]
    fee_won: Mapped[int]
    hourly: Mapped[bool] = mapped_column(default=False)
    unit_ids: Mapped[list | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)


class Loan(Base):
    """So many pieces are lent to a reservation for its time; they are back when it is no longer live."""

    __tablename__ = "loan"
    __table_args__ = (
        CheckConstraint("count >= 1", name="count"),
        Index("ix_loan_equipment_id_end_at", "equipment_id", "end_at"),
    )

    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), primary_key=True)
    equipment_id: Mapped[int] = mapped_column(ForeignKey("equipment.id"), primary_key=True)
    count: Mapped[int]
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
