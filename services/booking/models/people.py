"""Who: what booking knows of people and groups. Accounts themselves belong to identity."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from shared.database import UtcDateTime


class Person(Base):
    """What somebody told booking of themselves. The row is what quotas of the person lock (invariant 3)."""

    __tablename__ = "person"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80), default="")
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2), default="ko")
    channels: Mapped[list[str]] = mapped_column(JSON, default=list)
    district: Mapped[str | None] = mapped_column(String(5))
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Group(Base):
    """A group that reserves (모임·단체). `kind` is confirmed by staff; the row is what quotas of the group lock."""

    __tablename__ = "community_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(30), default="residents")
    kind_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    district: Mapped[str | None] = mapped_column(String(5))
    invite_code: Mapped[str] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Membership(Base):
    """Somebody belongs to a group; role leader or member."""

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_account_id", "account_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("community_group.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(String(20))


class Trust(Base):
    """A space trusts a group: where approval is for all but trusted groups, it is automatic."""

    __tablename__ = "trust"

    space_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(ForeignKey("community_group.id"), primary_key=True)
