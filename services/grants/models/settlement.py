"""Settlement as one spends (정산): expenses, the final report, what is to be returned, and sanctions."""

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
)
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import KEY_LENGTH, Base
from shared.database import UtcDateTime


class Expense(Base):
    """One expense of a funded project. `source`: from the grant or the group's own money. `findings` are what the rules
    said of it last: [{code, blocking, up_to_won, params}], and `worst` the heaviest of them: clean, flag or block.
    `accepted_won` is what of it is recognised, once it is decided."""

    __tablename__ = "expense"
    __table_args__ = (
        UniqueConstraint("application_id", "idempotency_key"),
        CheckConstraint("amount_won > 0", name="amount"),
        CheckConstraint("source IN ('grant', 'self')", name="source"),
        CheckConstraint("state IN ('filed', 'accepted', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("accepted_won IS NULL OR (accepted_won >= 0 AND accepted_won <= amount_won)", name="accepted"),
        CheckConstraint("worst IN ('clean', 'flag', 'block')", name="worst"),
        Index("ix_expense_likeness", "spent_on", "amount_won"),
        Index("ix_expense_state_filed_at", "state", "filed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    category: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(40))
    spent_on: Mapped[date] = mapped_column(Date)
    payee: Mapped[str] = mapped_column(String(120))
    payee_key: Mapped[str] = mapped_column(String(120))
    payee_number: Mapped[str] = mapped_column(String(20), default="")
    amount_won: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(5), default="grant")
    method: Mapped[str] = mapped_column(String(10), default="card")
    purpose: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(10), default="filed")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    worst: Mapped[str] = mapped_column(String(5), default="clean")
    accepted_won: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text, default="")
    filed_by: Mapped[int] = mapped_column(Integer)
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(Integer)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))


class Settlement(Base):
    """The settlement report of an application: sums in won, and the finalised amount (금액 확정)."""

    __tablename__ = "settlement"
    __table_args__ = (
        UniqueConstraint("application_id"),
        CheckConstraint("state IN ('filed', 'sent_back', 'finalized')", name="state"),
        CheckConstraint("(state = 'finalized') = (final_won IS NOT NULL)", name="final"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    paid_won: Mapped[int] = mapped_column(BigInteger)
    spent_won: Mapped[int] = mapped_column(BigInteger)
    refused_won: Mapped[int] = mapped_column(BigInteger)
    unspent_won: Mapped[int] = mapped_column(BigInteger)
    interest_won: Mapped[int] = mapped_column(BigInteger)
    to_return_won: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    report_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="filed")
    filed_by: Mapped[int] = mapped_column(Integer)
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    final_won: Mapped[int | None] = mapped_column(BigInteger)
    finalized_by: Mapped[int | None] = mapped_column(Integer)
    finalized_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")


class ReturnOrder(Base):
    """Money that has to come back: unspent rest and refused expenses (voluntary_return) or a clawback (환수), due on
    a day; late interest runs after it by the programme's rule. `interest_won` is the accrued interest within
    `amount_won` that the ledger never spent (it is returned beside the grant)."""

    __tablename__ = "return_order"
    __table_args__ = (
        UniqueConstraint("application_id", "idempotency_key"),
        CheckConstraint("kind IN ('voluntary_return', 'clawback')", name="kind"),
        CheckConstraint("state IN ('due', 'paid', 'cancelled')", name="state"),
        CheckConstraint("amount_won > 0 AND interest_won >= 0 AND interest_won <= amount_won", name="amount"),
        Index("ix_return_order_state_due_on", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    amount_won: Mapped[int] = mapped_column(BigInteger)
    interest_won: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[str] = mapped_column(Text)
    ordered_by: Mapped[int] = mapped_column(Integer)
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), default="due")
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminders: Mapped[int] = mapped_column(Integer, default=0)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))


class ReturnPayment(Base):
    """Money that came back for an order: `amount_won` of what was ordered, `late_interest_won` on top. Only added."""

    __tablename__ = "return_payment"
    __table_args__ = (
        UniqueConstraint("order_id", "idempotency_key"),
        CheckConstraint(
            "amount_won >= 0 AND late_interest_won >= 0 AND amount_won + late_interest_won > 0", name="sum"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("return_order.id"), index=True)
    amount_won: Mapped[int] = mapped_column(BigInteger)
    late_interest_won: Mapped[int] = mapped_column(BigInteger, default=0)
    paid_on: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))


class Sanction(Base):
    """A group, and the people named by `person_keys`, get no award in [starts_on, ends_on]."""

    __tablename__ = "sanction"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="times"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("applicant_group.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    district: Mapped[str] = mapped_column(String(5), index=True)
    person_keys: Mapped[list[str]] = mapped_column(JSON, default=list)
    reason: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    imposed_by: Mapped[int] = mapped_column(Integer)
    imposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[int | None] = mapped_column(Integer)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lift_reason: Mapped[str] = mapped_column(Text, default="")
