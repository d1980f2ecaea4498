"""Closures: what a keeper means to close, and what becomes of each reservation in the way."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0010"
down_revision = "booking_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("unit_ids", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("rule", sa.JSON(none_as_null=True)),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime()),
        sa.Column("undone_at", UtcDateTime()),
        sa.CheckConstraint("start_at < end_at", name="ck_closure_start_before_end"),
        sa.CheckConstraint("status IN ('draft', 'applied', 'undone')", name="ck_closure_status"),
        sa.PrimaryKeyConstraint("id", name="pk_closure"),
    )
    op.create_index("ix_closure_space_id", "closure", ["space_id"])
    op.create_table(
        "closure_choice",
        sa.Column("closure_id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("start_at", UtcDateTime()),
        sa.Column("end_at", UtcDateTime()),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
        sa.Column("restored", sa.Boolean()),
        sa.CheckConstraint("action IN ('move', 'cancel', 'keep')", name="ck_closure_choice_action"),
        sa.ForeignKeyConstraint(["closure_id"], ["closure.id"], name="fk_closure_choice_closure_id"),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name="fk_closure_choice_reservation_id"),
        sa.PrimaryKeyConstraint("closure_id", "reservation_id", name="pk_closure_choice"),
    )
    op.create_index("ix_closure_choice_reservation_id", "closure_choice", ["reservation_id"])
