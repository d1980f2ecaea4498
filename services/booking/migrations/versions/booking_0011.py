"""What the search reads, what it could not find, and conflicts of regrouped units.

`findable_unit` fills itself: the scheduled task of `search/findable.py` runs as soon as the service starts.
"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0011"
down_revision = "booking_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "findable_unit",
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("space_name", sa.Text(), nullable=False),
        sa.Column("district", sa.String(length=5), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("equipment", sa.Text(), nullable=False),
        sa.Column("accessibility", sa.Text(), nullable=False),
        sa.Column("free_of_charge", sa.Boolean(), nullable=False),
        *(sa.Column(f"{name}_{number}", sa.Integer()) for number in range(1, 8) for name in ("opens", "closes")),
        sa.Column("closed_bits", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("grid", "shortest", "longest", "notice", "window", "buffer_before", "buffer_after")
        ),
        sa.PrimaryKeyConstraint("unit_id", name="pk_findable_unit"),
    )
    op.create_index("ix_findable_unit_capacity", "findable_unit", ["capacity", "unit_id"])
    op.create_index("ix_findable_unit_district", "findable_unit", ["district", "capacity", "unit_id"])
    op.create_index("ix_findable_unit_space_id", "findable_unit", ["space_id"])
    op.create_table(
        "unmet_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("district", sa.String(length=5)),
        sa.Column("space_id", sa.Integer()),
        sa.Column("day", sa.Date()),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("starts", sa.String(length=5)),
        sa.Column("ends", sa.String(length=5)),
        sa.Column("minutes", sa.Integer()),
        sa.Column("people", sa.Integer()),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unmet_search"),
        sa.UniqueConstraint("key", name="uq_unmet_search_key"),
    )
    op.create_index("ix_unmet_search_at", "unmet_search", ["at"])
    op.create_index("ix_unmet_search_district_at", "unmet_search", ["district", "at"])
    op.create_index("ix_unmet_search_space_id", "unmet_search", ["space_id"])
    op.create_table(
        "atom_conflict",
        sa.Column("reservation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("reservation_id", "other_id", name="pk_atom_conflict"),
    )
    op.create_index("ix_atom_conflict_space_id", "atom_conflict", ["space_id"])
