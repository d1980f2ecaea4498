"""What people are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from shared.database import UtcDateTime

UNREAD, UNSENT = text("read_at IS NULL"), text("dispatched_at IS NULL")


class Message(Base):
    """One message in somebody's inbox: its kind and the facts of its sentence, which the reader's language makes.

    `dispatched_at`: from when on it has a `Delivery` for each channel that the person wanted.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_account_id_id", "account_id", "id"),
        Index("ix_message_account_id", "account_id", postgresql_where=UNREAD, sqlite_where=UNREAD),
        Index("ix_message_created_at", "created_at", postgresql_where=UNSENT, sqlite_where=UNSENT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
