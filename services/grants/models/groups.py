"""Who applies: groups (모임·단체) and the people in them, entered once and offered again."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import KEY_LENGTH, Base
from shared.database import UtcDateTime


class ApplicantGroup(Base):
    """A group that applies. `registration_number` (고유번호) is given where it has one; the account is the bank account
    that a grant is paid to. `invite_code` lets others join it."""

    __tablename__ = "applicant_group"
    __table_args__ = (
        UniqueConstraint("invite_code"),
        UniqueConstraint("created_by", "idempotency_key"),
        Index("ix_applicant_group_name_key", "name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80))
    district: Mapped[str] = mapped_column(String(5), index=True)
    dong: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(20), default="residents")
    registration_number: Mapped[str] = mapped_column(String(20), default="")
    founded_on: Mapped[date | None] = mapped_column(Date)
    about: Mapped[str] = mapped_column(String(2000), default="")
    bank: Mapped[str] = mapped_column(String(40), default="")
    bank_account: Mapped[str] = mapped_column(String(40), default="")
    bank_holder: Mapped[str] = mapped_column(String(80), default="")
    invite_code: Mapped[str] = mapped_column(String(40))
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GroupMember(Base):
    """Somebody in a group. With an account they draft together and see the group's applications; the others are named
    only. `role`: leader or member. `address` is what conflicts of interest are looked for by."""

    __tablename__ = "group_member"
    __table_args__ = (
        UniqueConstraint("group_id", "account_id"),
        CheckConstraint("role IN ('leader', 'member')", name="role"),
        Index("ix_group_member_account_id", "account_id"),
        Index("ix_group_member_person_key", "person_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("applicant_group.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(30), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    birth_year: Mapped[int | None] = mapped_column(Integer)
    person_key: Mapped[str] = mapped_column(String(64), default="")
    role: Mapped[str] = mapped_column(String(10), default="member")
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
