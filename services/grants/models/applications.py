"""Applications: drafted together, filed once, followed to the archive."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, defer, mapped_column, relationship

from services.grants.models.base import KEY_LENGTH, Base
from services.grants.models.calls import Call, ProgrammeVersion
from services.grants.models.groups import ApplicantGroup
from shared.database import UtcDateTime

PHASES = ("draft", "intake", "review", "decision", "selected", "rejected", "running", "settling", "closed", "withdrawn")
_LIVE = text("phase <> 'withdrawn' AND group_id IS NOT NULL")


class Application(Base):
    """What a group drafts and files for a call, pinned to the version of the programme's rules.

    `state` is a state of the programme's process and `phase` what that state means everywhere (`rules.definition`).
    `typed` is the draft, exactly as typed, whatever is wrong with it; `answers` what was filed, read and checked;
    title, strand, amounts and place are taken out of it for lists and sums. `number` counts the filed applications of
    a call from 1; with it `receipt` is made. `filed_hash` is the SHA-256 of what was filed. `revision` counts the
    saves of the draft, `field_revisions` says which of them last changed each field. `district` is where the project
    would happen. `account_id` and `representative` are who filed it (until then: who began it). `reason` is what the
    applicant is told about the decision, `conditions` what the award depends on; `announced_at` is when they were
    told, until then it is under embargo.
    """

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("call_id", "number"),
        UniqueConstraint("receipt"),
        UniqueConstraint("call_id", "account_id", "idempotency_key"),
        Index("uq_application_live", "call_id", "group_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_application_call_id_phase", "call_id", "phase"),
        Index("ix_application_group_id", "group_id"),
        CheckConstraint(f"phase IN ({', '.join(map(repr, PHASES))})", name="phase"),
        CheckConstraint("requested_won >= 0 AND self_contribution_won >= 0 AND members >= 0", name="amounts"),
        CheckConstraint("(phase = 'draft') = (number IS NULL) OR phase = 'withdrawn'", name="number"),
        CheckConstraint("awarded_won IS NULL OR (awarded_won > 0 AND awarded_won <= requested_won)", name="award"),
        CheckConstraint("phase <> 'rejected' OR reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("programme_version.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("applicant_group.id"))
    district: Mapped[str] = mapped_column(String(5))
    dong: Mapped[str] = mapped_column(String(40), default="")
    number: Mapped[int | None] = mapped_column(Integer)
    receipt: Mapped[str | None] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(Integer, index=True)
    representative: Mapped[str] = mapped_column(String(80))
    group_name: Mapped[str] = mapped_column(String(80))
    members: Mapped[int] = mapped_column(Integer, default=0)
    title: Mapped[str] = mapped_column(String(120), default="")
    strand: Mapped[str] = mapped_column(String(40), default="")
    plan: Mapped[str] = mapped_column(Text, default="")
    requested_won: Mapped[int] = mapped_column(BigInteger, default=0)
    self_contribution_won: Mapped[int] = mapped_column(BigInteger, default=0)
    space_id: Mapped[int | None] = mapped_column(Integer)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    typed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    field_revisions: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    saved_by: Mapped[int | None] = mapped_column(Integer)
    filed_hash: Mapped[str | None] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    state: Mapped[str] = mapped_column(String(40), default="submitted")
    phase: Mapped[str] = mapped_column(String(12), default="intake")
    state_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    correct_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(Integer)
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    awarded_won: Mapped[int | None] = mapped_column(BigInteger)
    reserve_rank: Mapped[int | None] = mapped_column(Integer)
    conditions: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")

    call: Mapped[Call] = relationship(lazy="raise")
    version: Mapped[ProgrammeVersion | None] = relationship(lazy="raise")
    group: Mapped[ApplicantGroup | None] = relationship(lazy="raise")


SHORT = tuple(map(defer, (Application.typed, Application.answers, Application.plan, Application.field_revisions)))
"""Options of a query for applications without the long texts: what lists show and steps need."""


class Filing(Base):
    """What was filed, each time: the first submission is number 1, each correction the next. Rows are only added.

    `answers` with the attached files' names and hashes, and `filed_hash` over it all.
    """

    __tablename__ = "filing"
    __table_args__ = (
        UniqueConstraint("application_id", "number"),
        UniqueConstraint("application_id", "idempotency_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    number: Mapped[int] = mapped_column(Integer)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    filed_hash: Mapped[str] = mapped_column(String(64))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_by: Mapped[int] = mapped_column(Integer)
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))


class ApplicationStep(Base):
    """One step of an application's process, as it happened: the timeline, and every decision with its reason.

    `public`: the applicant sees it, from `public_at` on when that is set (an embargo).
    """

    __tablename__ = "application_step"
    __table_args__ = (Index("ix_application_step_application_id", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    event: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str] = mapped_column(String(40))
    to_state: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")


class Objection(Base):
    """An applicant's objection (이의신청) to a decision, and its answer with reasons; one for each announced
    decision."""

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name="state"),
        Index("ix_objection_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    words: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_by: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), default="open")
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(Integer)
