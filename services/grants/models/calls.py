"""Programmes as versioned data, and the calls that run them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.grants.models.base import KEY_LENGTH, Base
from shared.database import UtcDateTime


class Programme(Base):
    """What calls run again and again: a name of its own, and versions. `district` None is the city's.

    `copied_from` is the version that it was copied from; `created_by` 0 is a ready-made one.
    """

    __tablename__ = "programme"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    district: Mapped[str | None] = mapped_column(String(5), index=True)
    copied_from: Mapped[int | None] = mapped_column(Integer)
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProgrammeVersion(Base):
    """One state of a programme's rules: `definition` is the document that `schemas.definition` reads.

    Until it is released (`released_at`) it is a draft: it may still contradict itself, and no call runs it.
    Once `frozen_at` is set (the first application that is submitted under it) it never changes; who wants other rules
    makes the next version. `definition_hash` is the SHA-256 of its canonical JSON: rules that were read before are
    known by it, so the document, tens of kilobytes, is fetched only where somebody looks at it.
    """

    __tablename__ = "programme_version"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int] = mapped_column(Integer)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    definition_hash: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    programme: Mapped[Programme] = relationship(lazy="raise")


class Call(Base):
    """A call for applications (공고) of one district, or of the city when `district` is None.

    It takes applications in [opens_at, closes_at) once published. `rolling`: decided as they come in, not after the
    close. What state it is in follows from these times, see `call_phases`. `programme` is the programme's key,
    `version_id` the version that it runs, pinned when it is published. `announce_at` is the one hour at which all
    applicants are told; until then decisions are under embargo. `line_id`: the budget line that it draws on. `filed`:
    the number of the latest filed application.
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("created_by", "idempotency_key"),
        CheckConstraint("opens_at < closes_at", name="times"),
        CheckConstraint("budget_won > 0 AND ceiling_won > 0 AND ceiling_won <= budget_won", name="amounts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district: Mapped[str | None] = mapped_column(String(5), index=True)
    programme: Mapped[str] = mapped_column(String(40))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("programme_version.id"))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    strands: Mapped[list[str]] = mapped_column(JSON)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    results_on: Mapped[date] = mapped_column(Date)
    announce_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rolling: Mapped[bool] = mapped_column(default=False)
    budget_won: Mapped[int] = mapped_column(BigInteger)
    ceiling_won: Mapped[int] = mapped_column(BigInteger)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("budget_line.id"))
    filed: Mapped[int] = mapped_column(Integer, default=0)
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
