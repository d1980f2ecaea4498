"""What is agreed with a funded group, what of it changes, and what has to be true before money flows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import KEY_LENGTH, Base
from shared.database import UtcDateTime

_IN_FORCE = text("replaced_at IS NULL")


class Agreement(Base):
    """A version of the agreement (협약) on an application; the newest that is signed by both is in force.

    `amount_won` is the grant, `budget` the agreed lines [{category, item, grant_won, self_won, note}]; `body_hash` is
    the SHA-256 of the words that both sign. `settlement_reminders`: how often the group was reminded of the settlement
    that follows its end.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("application_id", "version"),
        Index(
            "uq_agreement_current",
            "application_id",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
        CheckConstraint("amount_won > 0 AND self_contribution_won >= 0", name="amounts"),
        CheckConstraint("starts_on <= ends_on", name="times"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    version: Mapped[int] = mapped_column(Integer)
    amount_won: Mapped[int] = mapped_column(BigInteger)
    self_contribution_won: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    body: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64))
    budget: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    prepared_by: Mapped[int] = mapped_column(Integer)
    prepared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settlement_reminders: Mapped[int] = mapped_column(Integer, default=0)


class Signature(Base):
    """That one party ("group" or "district") signed these very words."""

    __tablename__ = "signature"
    __table_args__ = (CheckConstraint("party IN ('group', 'district')", name="party"),)

    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    party: Mapped[str] = mapped_column(String(10), primary_key=True)
    account_id: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    body_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChangeRequest(Base):
    """A change that a funded group asks for (변경승인). `by_rule`: small enough that the programme's rule allows it."""

    __tablename__ = "change_request"
    __table_args__ = (
        UniqueConstraint("application_id", "idempotency_key"),
        CheckConstraint("kind IN ('content', 'period', 'budget', 'members')", name="kind"),
        CheckConstraint("state IN ('open', 'approved', 'refused', 'withdrawn')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    by_rule: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="open")
    requested_by: Mapped[int] = mapped_column(Integer)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(Integer)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))


class Milestone(Base):
    """That something a gate waits for is done: training_done, self_contribution_deposited, report_filed, …

    `waiting`: the group says so, and the staff has still to confirm it; the gate stays red.
    """

    __tablename__ = "milestone"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    done_on: Mapped[date] = mapped_column(Date)
    amount_won: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    waiting: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(Integer)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InterimCheck(Base):
    """An interim evaluation (중간평가) with its result; the newest one counts."""

    __tablename__ = "interim_check"
    __table_args__ = (
        CheckConstraint("result IN ('passed', 'improve', 'failed')", name="result"),
        UniqueConstraint("application_id", "idempotency_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    checked_on: Mapped[date] = mapped_column(Date)
    result: Mapped[str] = mapped_column(String(10))
    findings: Mapped[str] = mapped_column(Text)
    checked_by: Mapped[int] = mapped_column(Integer)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
