"""The ledger: budget lines and the postings to them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Identity, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import Base
from shared.database import UtcDateTime


class BudgetLine(Base):
    """A programme of a division in a year's budget; `position` is its place in the printed table.

    The line of a call (`call_id`) is opened when the call is published without one; `district` None is the city's.
    """

    __tablename__ = "budget_line"
    __table_args__ = (UniqueConstraint("year", "division", "programme"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    division: Mapped[str] = mapped_column(String(80))
    programme: Mapped[str] = mapped_column(String(120))
    district: Mapped[str | None] = mapped_column(String(5))
    call_id: Mapped[int | None] = mapped_column(Integer)


class Posting(Base):
    """One line of the ledger. Rows are only ever added: the database refuses UPDATE and DELETE by trigger.

    `amount_won` is positive; only a transfer may be negative (out of the line). `application_id`: whose award, tranche
    or return it is, where it is one's.
    """

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index("ix_posting_line_id_posted_on", "line_id", "posted_on"),
        Index("ix_posting_application_id", "application_id"),
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
    application_id: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    amount_won: Mapped[int] = mapped_column(BigInteger)
    posted_on: Mapped[date] = mapped_column(Date)
    memo: Mapped[str] = mapped_column(String(200), default="")
    idempotency_key: Mapped[str] = mapped_column(String(120))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    posted_by: Mapped[int | None] = mapped_column(Integer)
