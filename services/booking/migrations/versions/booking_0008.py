"""Season allocation: seasons, their units, and applications."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0008"
down_revision = "booking_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "season",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("district", sa.String(5), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime()),
        sa.Column("cancelled_at", UtcDateTime()),
        sa.CheckConstraint("first_day <= last_day", name="ck_season_first_before_last"),
        sa.CheckConstraint("opens_at < closes_at", name="ck_season_opens_before_closes"),
        sa.CheckConstraint("status IN ('draft', 'announced', 'published', 'cancelled')", name="ck_season_status"),
        sa.PrimaryKeyConstraint("id", name="pk_season"),
        sa.UniqueConstraint("made_by", "idempotency_key", name="uq_season_made_by_idempotency_key"),
    )
    op.create_index("ix_season_district", "season", ["district"])
    op.create_table(
        "season_unit",
        sa.Column("season_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name="fk_season_unit_season_id"),
        sa.PrimaryKeyConstraint("season_id", "unit_id", name="pk_season_unit"),
    )
    op.create_index("ix_season_unit_space_id", "season_unit", ["space_id"])
    op.create_table(
        "season_application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("season_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer()),
        sa.Column("group_name", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True)),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'submitted', 'withdrawn')", name="ck_season_application_status"),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name="fk_season_application_season_id"),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name="fk_season_application_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_season_application"),
        sa.UniqueConstraint("season_id", "account_id", name="uq_season_application_season_id_account_id"),
    )
    op.create_index("ix_season_application_account_id", "season_application", ["account_id"])
