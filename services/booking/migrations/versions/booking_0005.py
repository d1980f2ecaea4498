"""Who came: the codes on the spot, no-shows and their appeals."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0005"
down_revision = "booking_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_code",
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_code"),
        sa.UniqueConstraint("code", name="uq_unit_code_code"),
    )
    op.create_table(
        "no_show",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("missed_at", UtcDateTime(), nullable=False),
        sa.Column("marked_by", sa.Integer()),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("appeal", sa.Text()),
        sa.Column("appealed_at", UtcDateTime()),
        sa.Column("decision", sa.String(10)),
        sa.Column("reason", sa.Text()),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("decided_at", UtcDateTime()),
        sa.CheckConstraint("decision IN ('excused', 'upheld')", name="ck_no_show_decision"),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name="fk_no_show_reservation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_no_show"),
        sa.UniqueConstraint("reservation_id", name="uq_no_show_reservation_id"),
    )
    op.create_index("ix_no_show_account_id_space_id", "no_show", ["account_id", "space_id"])
    op.create_index("ix_no_show_space_id_appealed_at", "no_show", ["space_id", "appealed_at"])
