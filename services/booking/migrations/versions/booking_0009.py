"""Equipment that spaces lend, and to which reservations."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0009"
down_revision = "booking_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equipment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("fee_won", sa.Integer(), nullable=False),
        sa.Column("hourly", sa.Boolean(), nullable=False),
        sa.Column("unit_ids", sa.JSON()),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("count >= 0", name="ck_equipment_count"),
        sa.CheckConstraint("fee_won >= 0", name="ck_equipment_fee"),
        sa.PrimaryKeyConstraint("id", name="pk_equipment"),
    )
    op.create_index("ix_equipment_space_id", "equipment", ["space_id"])
    op.create_table(
        "loan",
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("equipment_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("count >= 1", name="ck_loan_count"),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name="fk_loan_reservation_id"),
        sa.ForeignKeyConstraint(["equipment_id"], ["equipment.id"], name="fk_loan_equipment_id"),
        sa.PrimaryKeyConstraint("reservation_id", "equipment_id", name="pk_loan"),
    )
    op.create_index("ix_loan_equipment_id_end_at", "loan", ["equipment_id", "end_at"])
