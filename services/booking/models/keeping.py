"""What keepers set: rules of a unit, special days, closed times, public holidays added by hand."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from shared.database import UtcDateTime


class UnitRules(Base):
    """A keeper's rules of a unit: `settings` as `Policy.from_settings` reads them; `hours`, `closures` and `tariff` go
    before what maps told (None: what maps told holds)."""

    __tablename__ = "unit_rules"

    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[dict] = mapped_column(JSON, default=dict)
    hours: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    closures: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    tariff: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpecialDay(Base):
    """Other hours on one local date, local clock times ("10:00", "24:00" for midnight); None: closed."""

    __tablename__ = "special_day"

    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[str | None] = mapped_column(String(5))
    closes: Mapped[str | None] = mapped_column(String(5))
    note: Mapped[str] = mapped_column(String(200), default="")


class ClosedTime(Base):
    """A unit is closed during [start_at, end_at), by which closure; a repeated closure has a row for each time."""

    __tablename__ = "closed_time"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="start_before_end"),
        Index("ix_closed_time_unit_id_end_at", "unit_id", "end_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int]
    closure_id: Mapped[int] = mapped_column(index=True)
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExtraHoliday(Base):
    """A public holiday that no calendar knows beforehand (임시공휴일)."""

    __tablename__ = "extra_holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
