"""Season allocation: a round in which groups apply for weekly times, and what they were given."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from services.booking.models.reservations import KEY_LENGTH
from services.booking.rules.policy import GROUP_LENGTH, PURPOSE_LENGTH
from shared.database import UtcDateTime

SEASON_STATUSES = ("draft", "announced", "published", "cancelled")
APPLICATION_STATUSES = ("draft", "submitted", "withdrawn")
SEASON_NAME_LENGTH = 80


class Season(Base):
    """Weekly times of some units on the local dates first_day..last_day, for which groups apply in [opens_at,
    closes_at). `status`: draft (only its makers see it), announced, published (the allocation holds),
    cancelled (called off before it was published, for the `reason` that everybody reads).

    `rules`: usable (percent of the dates that a time needs), one_a_day, district_weight, new_weight (how much more a
    group of the district, or one that got nothing lately, counts). `plan` is the allocation as staff left it and
    `history` the plans before it, latest last (`rules/season_plan.py`); once published the plan has the `reasons` for
    each application's options, too. `version` counts the changes of it all: whoever edits or publishes says which
    version they looked at.
    """

    __tablename__ = "season"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="first_before_last"),
        CheckConstraint("opens_at < closes_at", name="opens_before_closes"),
        CheckConstraint(f"status IN {SEASON_STATUSES}", name="status"),
        UniqueConstraint("made_by", "idempotency_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(SEASON_NAME_LENGTH))
    note: Mapped[str] = mapped_column(Text)
    district: Mapped[str] = mapped_column(String(5), index=True)
    zone: Mapped[str] = mapped_column(String(64))
    first_day: Mapped[date]
    last_day: Mapped[date]
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rules: Mapped[dict] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    plan: Mapped[dict] = mapped_column(JSON)
    history: Mapped[list] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def stage(self, now: datetime) -> str:
        """What people see: draft, soon, open, closed (being allotted), published, over (its last day is past),
        cancelled."""
        if self.status == "published":
            return "over" if now.astimezone(ZoneInfo(self.zone)).date() > self.last_day else "published"
        if self.status in ("draft", "cancelled"):
            return self.status
        if now < self.opens_at:
            return "soon"
        return "open" if now < self.closes_at else "closed"


class SeasonUnit(Base):
    """A unit of a season, and its space: who runs all of a season's spaces runs the season."""

    __tablename__ = "season_unit"

    season_id: Mapped[int] = mapped_column(ForeignKey("season.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(index=True)


class SeasonApplication(Base):
    """A group asks for `times` weekly times of `minutes` each. `options` are [unit, ISO weekday, start, end] in order
    of preference, in minutes of the day. `typed` keeps a draft as it was typed. `result`, once published: the series
    given and the reason for each option."""

    __tablename__ = "season_application"
    __table_args__ = (
        UniqueConstraint("season_id", "account_id"),
        CheckConstraint(f"status IN {APPLICATION_STATUSES}", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("season.id"))
    account_id: Mapped[int] = mapped_column(index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("community_group.id"))
    group_name: Mapped[str] = mapped_column(String(GROUP_LENGTH))
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH))
    people: Mapped[int]
    times: Mapped[int]
    minutes: Mapped[int]
    options: Mapped[list] = mapped_column(JSON)
    typed: Mapped[dict] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(20))
    result: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
