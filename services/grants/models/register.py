"""What is public of what was funded, how the districts' intermediaries are run, and the spaces that we know of."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import Base
from shared.database import UtcDateTime


class Project(Base):
    """A funded project: the public part of a selected application."""

    __tablename__ = "project"
    __table_args__ = (
        UniqueConstraint("application_id"),
        CheckConstraint("awarded_won > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    group_id: Mapped[int | None] = mapped_column(Integer, index=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    district: Mapped[str] = mapped_column(String(5), index=True)
    title: Mapped[str] = mapped_column(String(120))
    group_name: Mapped[str] = mapped_column(String(80))
    strand: Mapped[str] = mapped_column(String(40))
    awarded_won: Mapped[int] = mapped_column(BigInteger)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    space_id: Mapped[int | None] = mapped_column(Integer)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class Intermediary(Base):
    """How a district's intermediary (중간지원조직) is run in a year. `operator` is the commissioned operator's name."""

    __tablename__ = "intermediary"
    __table_args__ = (
        CheckConstraint("mode IN ('commissioned', 'direct', 'subsidised', 'none')", name="mode"),
        CheckConstraint("funding_won >= 0", name="amount"),
    )

    district: Mapped[str] = mapped_column(String(5), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    mode: Mapped[str] = mapped_column(String(12))
    operator: Mapped[str | None] = mapped_column(String(80))
    funding_won: Mapped[int] = mapped_column(BigInteger)


class Space(Base):
    """What grants knows of a space, from maps.space.changed: a place that an applicant can choose."""

    __tablename__ = "space"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    district: Mapped[str] = mapped_column(String(5), index=True)
    stage: Mapped[str] = mapped_column(String(20))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
