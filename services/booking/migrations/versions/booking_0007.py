"""Lotteries: wanted times that are drawn among those who enter."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0007"
down_revision = "booking_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lottery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.Column("wins", sa.Integer(), nullable=False),
        sa.Column("confirm_hours", sa.Integer(), nullable=False),
        sa.Column("stretch", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("list_hash", sa.String(64)),
        sa.Column("receipt", sa.JSON(none_as_null=True)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("drawn_at", UtcDateTime()),
        sa.CheckConstraint("opens_at < closes_at", name="ck_lottery_opens_before_closes"),
        sa.CheckConstraint("status IN ('made', 'closed', 'drawn', 'cancelled')", name="ck_lottery_status"),
        sa.PrimaryKeyConstraint("id", name="pk_lottery"),
        sa.UniqueConstraint("made_by", "idempotency_key", name="uq_lottery_made_by_idempotency_key"),
    )
    op.create_index("ix_lottery_space_id", "lottery", ["space_id"])
    op.create_index("ix_lottery_status_closes_at", "lottery", ["status", "closes_at"])
    op.create_table(
        "lottery_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lottery_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.CheckConstraint("start_at < end_at", name="ck_lottery_slot_start_before_end"),
        sa.CheckConstraint("status IN ('held', 'won', 'released')", name="ck_lottery_slot_status"),
        sa.ForeignKeyConstraint(["lottery_id"], ["lottery.id"], name="fk_lottery_slot_lottery_id"),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name="fk_lottery_slot_reservation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lottery_slot"),
    )
    op.create_index("ix_lottery_slot_lottery_id", "lottery_slot", ["lottery_id"])
    op.create_index("ix_lottery_slot_reservation_id", "lottery_slot", ["reservation_id"])
    op.create_table(
        "lottery_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lottery_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer()),
        sa.Column("group_name", sa.String(80)),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("words", sa.String(100), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("rules", sa.JSON(none_as_null=True)),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("people >= 1", name="ck_lottery_entry_people"),
        sa.ForeignKeyConstraint(["lottery_id"], ["lottery.id"], name="fk_lottery_entry_lottery_id"),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name="fk_lottery_entry_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lottery_entry"),
        sa.UniqueConstraint("lottery_id", "account_id", name="uq_lottery_entry_lottery_id_account_id"),
        sa.UniqueConstraint("lottery_id", "number", name="uq_lottery_entry_lottery_id_number"),
    )
    op.create_index("ix_lottery_entry_account_id", "lottery_entry", ["account_id"])
    op.create_table(
        "lottery_award",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.CheckConstraint("status IN ('offered', 'confirmed', 'declined', 'missed')", name="ck_lottery_award_status"),
        sa.ForeignKeyConstraint(["slot_id"], ["lottery_slot.id"], name="fk_lottery_award_slot_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["lottery_entry.id"], name="fk_lottery_award_entry_id"),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name="fk_lottery_award_reservation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lottery_award"),
        sa.UniqueConstraint("slot_id", "entry_id", name="uq_lottery_award_slot_id_entry_id"),
    )
    op.create_index("ix_lottery_award_entry_id", "lottery_award", ["entry_id"])
    op.create_index("ix_lottery_award_reservation_id", "lottery_award", ["reservation_id"])
