"""Tranches (교부): what is paid of an award, when its gates are green, and who asked, approved and paid."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import Base
from shared.database import UtcDateTime


class Tranche(Base):
    """A part of the agreed grant. All that are not cancelled add up to it, to the won. `gates` are guards' keys.

    Requested by the group, prepared by one person of the staff, approved by a second, then paid once.
    """

    __tablename__ = "tranche"
    __table_args__ = (
        UniqueConstraint("application_id", "number"),
        CheckConstraint("amount_won > 0", name="amount"),
        CheckConstraint("state IN ('planned', 'requested', 'prepared', 'approved', 'paid', 'cancelled')", name="state"),
        CheckConstraint("approved_by IS NULL OR approved_by <> prepared_by", name="second_person"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    number: Mapped[int] = mapped_column(Integer)
    amount_won: Mapped[int] = mapped_column(BigInteger)
    gates: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="planned")
    requested_by: Mapped[int | None] = mapped_column(Integer)
    requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    prepared_by: Mapped[int | None] = mapped_column(Integer)
    prepared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(Integer)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_by: Mapped[int | None] = mapped_column(Integer)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reference: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
