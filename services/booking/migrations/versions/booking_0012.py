"""Reminders, and an index for what is due by the clock."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0012"
down_revision = "booking_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reservation", sa.Column("reminded_of", UtcDateTime()))
    op.create_index("ix_reservation_status_start_at", "reservation", ["status", "start_at"])
