"""The subsidy committee (보조금심의위원회): meetings, who was there, what was voted."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import KEY_LENGTH, Base
from shared.database import UtcDateTime

_QUORUM = "quorum > 0 AND 2 * quorum >= seats AND present - recused >= quorum"
_MAJORITY = "votes_for > votes_against AND votes_for + votes_against + abstained = present - recused"


class Meeting(Base):
    """A meeting of the committee on a call's applications. Quorum: more than (or at least) the programme's part of the
    seats, computed for each item from who is there after recusals. `minutes` are written when it is closed."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'open', 'closed', 'cancelled')", name="state"),
        UniqueConstraint("created_by", "idempotency_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    district: Mapped[str | None] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(120))
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(10), default="planned")
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    minutes: Mapped[str] = mapped_column(Text, default="")
    minutes_hash: Mapped[str | None] = mapped_column(String(64))
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))


class Seat(Base):
    """A member's seat at a meeting; there from `arrived_at` until `left_at`."""

    __tablename__ = "seat"
    __table_args__ = (Index("ix_seat_account_id", "account_id"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    chair: Mapped[bool] = mapped_column(default=False)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AgendaItem(Base):
    """An application on the agenda: what is proposed (`rank`: the place on the reserve list), and what was decided with
    how many present and voting. What is decided is what was proposed and carried; the database holds the quorum."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("meeting_id", "application_id"),
        CheckConstraint("state IN ('pending', 'voting', 'decided', 'deferred')", name="state"),
        CheckConstraint(f"state <> 'decided' OR ({_QUORUM})", name="quorum"),
        CheckConstraint(f"state <> 'decided' OR ({_MAJORITY})", name="majority"),
        Index("ix_agenda_item_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    position: Mapped[int] = mapped_column(Integer)
    proposal: Mapped[str] = mapped_column(String(10))
    proposed_won: Mapped[int | None] = mapped_column(BigInteger)
    rank: Mapped[int | None] = mapped_column(Integer)
    conditions: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="pending")
    outcome: Mapped[str | None] = mapped_column(String(10))
    awarded_won: Mapped[int | None] = mapped_column(BigInteger)
    seats: Mapped[int] = mapped_column(Integer, default=0)
    present: Mapped[int] = mapped_column(Integer, default=0)
    recused: Mapped[int] = mapped_column(Integer, default=0)
    quorum: Mapped[int] = mapped_column(Integer, default=0)
    votes_for: Mapped[int] = mapped_column(Integer, default=0)
    votes_against: Mapped[int] = mapped_column(Integer, default=0)
    abstained: Mapped[int] = mapped_column(Integer, default=0)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Vote(Base):
    """A member's vote on an item: for, against or abstain; or that they are recused from it, and why."""

    __tablename__ = "vote"
    __table_args__ = (CheckConstraint("choice IN ('for', 'against', 'abstain', 'recused')", name="choice"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    choice: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(200), default="")
    cast_at: Mapped[datetime] = mapped_column(UtcDateTime)
