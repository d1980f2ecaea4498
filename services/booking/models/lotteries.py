"""Lotteries: wanted times that are drawn among those who enter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.booking.models.base import Base
from services.booking.models.places import Space, Unit
from services.booking.models.reservations import KEY_LENGTH, Reservation
from services.booking.rules.interval import Interval
from services.booking.rules.policy import GROUP_LENGTH, PURPOSE_LENGTH
from shared.database import UtcDateTime

NAME_LENGTH = 80
WORDS_LENGTH = 100


class Lottery(Base):
    """Wanted times of one space's units and the terms of their draw.

    `status`: made (it opens and closes by the clock), closed (the list of entries is frozen, `list_hash` says how),
    drawn, cancelled. `seed` stays secret until it is drawn; `commitment` is its hash. A winner has `confirm_hours` to
    confirm (0: wins are certain at once). `tickets` are [rule, tickets] pairs as `rules.draw` takes them.
    """

    __tablename__ = "lottery"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="opens_before_closes"),
        CheckConstraint("status IN ('made', 'closed', 'drawn', 'cancelled')", name="status"),
        UniqueConstraint("made_by", "idempotency_key"),
        Index("ix_lottery_status_closes_at", "status", "closes_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    about: Mapped[str] = mapped_column(Text, default="")
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    base: Mapped[int]
    tickets: Mapped[list] = mapped_column(JSON)
    wins: Mapped[int]
    confirm_hours: Mapped[int]
    stretch: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    list_hash: Mapped[str | None] = mapped_column(String(64))
    receipt: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    status: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    drawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    space: Mapped[Space] = relationship(
        primaryjoin="foreign(Lottery.space_id) == Space.id", lazy="joined", innerjoin=True, viewonly=True
    )

    def stage(self, now: datetime) -> str:
        """What people see: soon, open, closing (the draw is due), drawn, cancelled."""
        if self.status in ("drawn", "cancelled"):
            return self.status
        if self.status == "made" and now < self.opens_at:
            return "soon"
        return "open" if self.status == "made" and now < self.closes_at else "closing"


class LotterySlot(Base):
    """One time to win. `reservation_id` keeps it from ordinary booking; `code` is what it is called in the draw.

    `status`: held, won, released (nobody wanted it, or its hold was taken away).
    """

    __tablename__ = "lottery_slot"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="start_before_end"),
        CheckConstraint("status IN ('held', 'won', 'released')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lottery_id: Mapped[int] = mapped_column(ForeignKey("lottery.id"), index=True)
    unit_id: Mapped[int]
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))

    unit: Mapped[Unit] = relationship(
        primaryjoin="foreign(LotterySlot.unit_id) == Unit.id", lazy="joined", innerjoin=True, viewonly=True
    )

    @property
    def during(self) -> Interval:
        return Interval(self.start_at, self.end_at)

    @property
    def code(self) -> str:
        return f"{self.id} unit:{self.unit_id} {self.start_at:%Y-%m-%dT%H:%MZ}/{self.end_at:%Y-%m-%dT%H:%MZ}"


class LotteryEntry(Base):
    """Somebody takes part. `number` is what the public draw calls them; `words` are their own, of which `nonce` is the
    hash; `wishes` are slot ids in order of preference; `rules` hold from closing on."""

    __tablename__ = "lottery_entry"
    __table_args__ = (
        UniqueConstraint("lottery_id", "account_id"),
        UniqueConstraint("lottery_id", "number"),
        CheckConstraint("people >= 1", name="people"),
        Index("ix_lottery_entry_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lottery_id: Mapped[int] = mapped_column(ForeignKey("lottery.id"))
    number: Mapped[int]
    account_id: Mapped[int]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("community_group.id"))
    group_name: Mapped[str | None] = mapped_column(String(GROUP_LENGTH))
    people: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH))
    words: Mapped[str] = mapped_column(String(WORDS_LENGTH))
    nonce: Mapped[str] = mapped_column(String(64))
    wishes: Mapped[list] = mapped_column(JSON)
    rules: Mapped[list | None] = mapped_column(JSON(none_as_null=True))
    withdrawn: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LotteryAward(Base):
    """A slot that an entry won, by the draw or because those before it passed. `status`: offered (to be confirmed until
    the reservation's `held_until`), confirmed, declined, missed."""

    __tablename__ = "lottery_award"
    __table_args__ = (
        CheckConstraint("status IN ('offered', 'confirmed', 'declined', 'missed')", name="status"),
        UniqueConstraint("slot_id", "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("lottery_slot.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("lottery_entry.id"), index=True)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    slot: Mapped[LotterySlot] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    entry: Mapped[LotteryEntry] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    reservation: Mapped[Reservation] = relationship(lazy="joined", innerjoin=True, viewonly=True)
