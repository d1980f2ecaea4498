"""The waitlist: the line for times that are taken."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0006"
down_revision = "booking_0005"
branch_labels = None
depends_on = None

STANDING = sa.text("status IN ('waiting', 'offered')")


def upgrade() -> None:
    op.create_table(
        "waitlist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("group_id", sa.Integer()),
        sa.Column("group_name", sa.String(80)),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reservation_id", sa.Integer()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.CheckConstraint("start_at < end_at", name="ck_waitlist_start_before_end"),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered', 'claimed', 'declined', 'missed', 'left', 'expired')",
            name="ck_waitlist_status",
        ),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name="fk_waitlist_group_id"),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name="fk_waitlist_reservation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_waitlist"),
    )
    op.create_index("ix_waitlist_unit_id_start_at", "waitlist", ["unit_id", "start_at"])
    op.create_index("ix_waitlist_status_start_at", "waitlist", ["status", "start_at"])
    op.create_index("ix_waitlist_account_id", "waitlist", ["account_id"])
    op.create_index("ix_waitlist_reservation_id", "waitlist", ["reservation_id"])
    op.create_index(
        "uq_waitlist_once",
        "waitlist",
        ["account_id", "unit_id", "start_at", "end_at"],
        unique=True,
        postgresql_where=STANDING,
        sqlite_where=STANDING,
    )
