"""Who came: the code on the spot, and no-shows with their appeals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from shared.database import UtcDateTime

CODE_LENGTH = 12
APPEAL_LENGTH = 1000
DECISIONS = ("excused", "upheld")


class UnitCode(Base):
    """The secret of a unit's poster; who knows it stands before it. Without one the clock makes nobody a no-show."""

    __tablename__ = "unit_code"

    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NoShow(Base):
    """Somebody did not come. It counts unless `decision` is excused. `marked_by` None: the clock."""

    __tablename__ = "no_show"
    __table_args__ = (
        CheckConstraint(f"decision IN {DECISIONS}", name="decision"),
        Index("ix_no_show_account_id_space_id", "account_id", "space_id"),
        Index("ix_no_show_space_id_appealed_at", "space_id", "appealed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), unique=True)
    account_id: Mapped[int]
    space_id: Mapped[int]
    missed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    marked_by: Mapped[int | None]
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    appeal: Mapped[str | None] = mapped_column(Text)
    appealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def counts(self) -> bool:
        """Whether it still counts."""
        return self.decision != "excused"

    @property
    def waits(self) -> bool:
        """Whether an appeal waits for a decision."""
        return self.appealed_at is not None and self.decision is None
