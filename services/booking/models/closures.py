"""Closures: what a keeper means to close, and what becomes of each reservation that stands in the way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from services.booking.rules.interval import Interval
from shared.database import UtcDateTime

CLOSURE_STATUSES = ("draft", "applied", "undone")
ACTIONS = ("move", "cancel", "keep")
REASON_LENGTH = 200


class Closure(Base):
    """Units of a space that close during [start_at, end_at), and again by `rule` (as `rules.recurrence` writes it).

    `texts` are the drafted messages, {action: {"ko", "en"}}. `version` counts changes: whoever applies says which
    version they looked at.
    """

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="start_before_end"),
        CheckConstraint(f"status IN {CLOSURE_STATUSES}", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(index=True)
    unit_ids: Mapped[list[int]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rule: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    texts: Mapped[dict] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def during(self) -> Interval:
        """The first time that it closes."""
        return Interval(self.start_at, self.end_at)


class ClosureChoice(Base):
    """What becomes of one reservation. `action` move has its target; once applied, `before` holds what it was, so that
    an undo can restore it, and `after` what it became (a later change by its owner is then seen)."""

    __tablename__ = "closure_choice"
    __table_args__ = (CheckConstraint(f"action IN {ACTIONS}", name="action"),)

    closure_id: Mapped[int] = mapped_column(ForeignKey("closure.id"), primary_key=True)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), primary_key=True, index=True)
    action: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int | None]
    start_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    before: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    restored: Mapped[bool | None]

    @property
    def target(self) -> Interval | None:
        return Interval(self.start_at, self.end_at) if self.start_at and self.end_at else None
