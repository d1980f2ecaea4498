"""Who reviews, what they are asked to score, and in what they have an interest."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import Base
from shared.database import UtcDateTime


class Reviewer(Base):
    """What a reviewer says of themselves: what they know (`expertise`, strands' keys) and what conflicts are looked for
    by (name, birth year, address, affiliation). `person_key` as in `GroupMember`."""

    __tablename__ = "reviewer"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    affiliation: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    birth_year: Mapped[int | None] = mapped_column(Integer)
    person_key: Mapped[str] = mapped_column(String(64), default="", index=True)
    expertise: Mapped[list[str]] = mapped_column(JSON, default=list)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Appointment(Base):
    """A district (None: the city) appoints a reviewer, or a member of its subsidy committee, for a time."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("kind IN ('reviewer', 'committee')", name="kind"),
        CheckConstraint("starts_on <= ends_on", name="times"),
        Index("ix_appointment_district_kind", "district", "kind"),
        Index("ix_appointment_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district: Mapped[str | None] = mapped_column(String(5))
    account_id: Mapped[int] = mapped_column(ForeignKey("reviewer.account_id"))
    kind: Mapped[str] = mapped_column(String(10))
    chair: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    appointed_by: Mapped[int] = mapped_column(Integer)
    appointed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Interest(Base):
    """A conflict of interest of a reviewer or committee member with an application: declared, or detected by
    `membership`, `address` or `joint_application`. It keeps them from seeing, scoring and voting on it."""

    __tablename__ = "interest"
    __table_args__ = (
        UniqueConstraint("account_id", "application_id", "kind"),
        CheckConstraint("kind IN ('declared', 'membership', 'address', 'joint_application')", name="kind"),
        Index("ix_interest_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(Integer)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Review(Base):
    """One reviewer's review of an application in a stage (document_review, interview_review, site_review).

    `scores` are points by criterion's key, `total_tenths` their weighted total in tenths of a point. `sealed_hash` is
    the SHA-256 of scores, comment and salt, recorded when it is handed in; nobody else reads the scores before all of
    the stage are in. `round` 2 is a re-review. A review in which an interest was found afterwards keeps its seal, and
    does not count (recused).
    """

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("application_id", "stage", "round", "account_id"),
        CheckConstraint("state IN ('assigned', 'submitted', 'recused', 'cancelled')", name="state"),
        CheckConstraint(
            "state IN ('recused', 'cancelled') OR (state = 'submitted') = (sealed_hash IS NOT NULL)", name="sealed"
        ),
        Index("ix_review_account_id_state", "account_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    stage: Mapped[str] = mapped_column(String(40))
    round: Mapped[int] = mapped_column(Integer, default=1)
    account_id: Mapped[int] = mapped_column(ForeignKey("reviewer.account_id"))
    state: Mapped[str] = mapped_column(String(10), default="assigned")
    due_on: Mapped[date | None] = mapped_column(Date)
    typed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    scores: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    total_tenths: Mapped[int | None] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(Text, default="")
    salt: Mapped[str] = mapped_column(String(32), default="")
    sealed_hash: Mapped[str | None] = mapped_column(String(64))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assigned_by: Mapped[int] = mapped_column(Integer)


class StageDate(Base):
    """When and where an application is heard (interview_review) or visited (site_review) in a stage."""

    __tablename__ = "stage_date"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(40), primary_key=True)
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    set_by: Mapped[int] = mapped_column(Integer)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
