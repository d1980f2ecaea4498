"""Messages leave the house: deliveries by e-mail and SMS, and how the scheduled tasks are."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0004"
down_revision = "booking_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("dispatched_at", UtcDateTime()))
    waiting = sa.text("dispatched_at IS NULL")
    op.create_index("ix_message_created_at", "message", ["created_at"], postgresql_where=waiting, sqlite_where=waiting)
    unread = sa.text("read_at IS NULL")
    op.create_index("ix_message_account_id", "message", ["account_id"], postgresql_where=unread, sqlite_where=unread)
    op.add_column("person", sa.Column("told_at", UtcDateTime()))
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime()),
        sa.Column("reason", sa.String(80)),
        sa.CheckConstraint("channel IN ('email', 'sms')", name="ck_delivery_channel"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="ck_delivery_state"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_delivery_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("message_id", "channel", name="uq_delivery_message_id_channel"),
    )
    due = sa.text("state = 'waiting'")
    op.create_index("ix_delivery_next_at", "delivery", ["next_at"], postgresql_where=due, sqlite_where=due)
    op.create_table(
        "clockwork",
        sa.Column("task", sa.String(60), nullable=False),
        sa.Column("well_at", UtcDateTime()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.PrimaryKeyConstraint("task", name="pk_clockwork"),
    )
