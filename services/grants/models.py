"""The tables of grants: calls, applications, funded projects, intermediaries, the ledger, and the spaces we know of."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from shared.audit import audit_table
from shared.bus.tables import bus_tables
from shared.database import UtcDateTime, metadata

_LIVE = text("state <> 'withdrawn'")


class Base(DeclarativeBase):
    metadata = metadata()


class Call(Base):
    """A call for applications (공고) of one district, or of the city when `district` is None.

    It takes applications in [opens_at, closes_at) once published. `rolling`: decided as they come in, not after the
    close. What state it is in follows from these times, see `workflow.call_phase`.
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
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    strands: Mapped[list[str]] = mapped_column(JSON)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    results_on: Mapped[date] = mapped_column(Date)
    rolling: Mapped[bool] = mapped_column(default=False)
    budget_won: Mapped[int] = mapped_column(BigInteger)
    ceiling_won: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Application(Base):
    """What a group filed for a call. `number` counts the applications of a call from 1; with it `receipt` is made.

    `district` is where the project would happen. `filed_hash` is the SHA-256 of what was filed. `account_id` and
    `representative` are who applied, `reason` is what the applicant is told about the decision.
    """

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("call_id", "number"),
        UniqueConstraint("receipt"),
        UniqueConstraint("call_id", "account_id", "idempotency_key"),
        Index("uq_application_live", "call_id", "account_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        CheckConstraint("state IN ('submitted', 'withdrawn', 'selected', 'rejected')", name="state"),
        CheckConstraint("requested_won > 0 AND self_contribution_won >= 0 AND members > 0", name="amounts"),
        CheckConstraint(
            "(state = 'selected') = (awarded_won IS NOT NULL)"
            " AND (awarded_won IS NULL OR (awarded_won > 0 AND awarded_won <= requested_won))",
            name="award",
        ),
        CheckConstraint("state <> 'rejected' OR reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    district: Mapped[str] = mapped_column(String(5))
    number: Mapped[int] = mapped_column(Integer)
    receipt: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(Integer, index=True)
    representative: Mapped[str] = mapped_column(String(80))
    group_name: Mapped[str] = mapped_column(String(80))
    members: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(120))
    strand: Mapped[str] = mapped_column(String(40))
    plan: Mapped[str] = mapped_column(Text)
    requested_won: Mapped[int] = mapped_column(BigInteger)
    self_contribution_won: Mapped[int] = mapped_column(BigInteger)
    space_id: Mapped[int | None] = mapped_column(Integer)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    filed_hash: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12), default="submitted")
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(Integer)
    awarded_won: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text, default="")

    call: Mapped[Call] = relationship(lazy="raise")


class Project(Base):
    """A funded project: the public part of a selected application."""

    __tablename__ = "project"
    __table_args__ = (
        UniqueConstraint("application_id"),
        CheckConstraint("awarded_won > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
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


class BudgetLine(Base):
    """A programme of a division in a year's budget; `position` is its place in the printed table."""

    __tablename__ = "budget_line"
    __table_args__ = (UniqueConstraint("year", "division", "programme"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    division: Mapped[str] = mapped_column(String(80))
    programme: Mapped[str] = mapped_column(String(120))


class Posting(Base):
    """One line of the ledger. Rows are only ever added: the database refuses UPDATE and DELETE by trigger.

    `amount_won` is positive; only a transfer may be negative (out of the line).
    """

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index("ix_posting_line_id_posted_on", "line_id", "posted_on"),
        CheckConstraint(
            "kind IN ('appropriation', 'transfer', 'carryover', 'commitment', 'decommitment', 'expenditure', 'return')",
            name="kind",
        ),
        CheckConstraint("amount_won > 0 OR (kind = 'transfer' AND amount_won < 0)", name="amount"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True, autoincrement=True
    )
    line_id: Mapped[int] = mapped_column(ForeignKey("budget_line.id"))
    kind: Mapped[str] = mapped_column(String(16))
    amount_won: Mapped[int] = mapped_column(BigInteger)
    posted_on: Mapped[date] = mapped_column(Date)
    memo: Mapped[str] = mapped_column(String(200), default="")
    idempotency_key: Mapped[str] = mapped_column(String(120))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    posted_by: Mapped[int | None] = mapped_column(Integer)


class Space(Base):
    """What grants knows of a space, from maps.space.changed: a place that an applicant can choose."""

    __tablename__ = "space"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    district: Mapped[str] = mapped_column(String(5), index=True)
    stage: Mapped[str] = mapped_column(String(20))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


AUDIT = audit_table(Base.metadata)
bus_tables(Base.metadata)
