"""Private addresses of calendars."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from shared.database import UtcDateTime

FEED_KINDS = ("person", "unit", "space")
TOKEN_LENGTH = 43


class CalendarFeed(Base):
    """Whoever knows the token reads this calendar: somebody's own reservations, or a unit's or a space's.

    A calendar program cannot sign in, so what the owner may see is remembered from their last visit: `keeper` says that
    they ran the space at `seen_at`. `told_on` is the last day on which it was recorded that others' personal data was
    read through it. `subject_id` is the unit's or the space's id, the account's for a person.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        UniqueConstraint("token"),
        UniqueConstraint("account_id", "kind", "subject_id"),
        CheckConstraint(f"kind IN {FEED_KINDS}", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int]
    token: Mapped[str] = mapped_column(String(TOKEN_LENGTH))
    language: Mapped[str] = mapped_column(String(2))
    keeper: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
