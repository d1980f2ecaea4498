"""What keepers set in booking: a unit's own hours, closing days and tariff."""

import sqlalchemy as sa
from alembic import op

revision = "maps_0003"
down_revision = "maps_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_rule",
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("hours", sa.JSON()),
        sa.Column("closures", sa.JSON()),
        sa.Column("tariff", sa.JSON()),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_rule"),
    )
    op.create_index("ix_unit_rule_space_id", "unit_rule", ["space_id"])
