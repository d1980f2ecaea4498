"""Spaces, boundaries, imports, and the projections of the other services' facts."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "maps_0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("on_behalf_of", sa.Integer()),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])

    op.create_table(
        "call",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("district", sa.String(length=5), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("programme", sa.String(length=200), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("budget_won", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
    )
    op.create_index("ix_call_district", "call", ["district"])

    op.create_table(
        "district_boundary",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("original", sa.JSON(), nullable=False),
        sa.Column("simplified", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_district_boundary"),
    )
    op.create_table(
        "funded_project",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("district", sa.String(length=5), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("group_name", sa.String(length=200), nullable=False),
        sa.Column("strand", sa.String(length=100), nullable=False),
        sa.Column("awarded_won", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("space_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_funded_project"),
    )
    op.create_index("ix_funded_project_district", "funded_project", ["district"])
    op.create_index("ix_funded_project_space_id", "funded_project", ["space_id"])

    op.create_table(
        "import_run",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )
    op.create_table(
        "intermediary",
        sa.Column("district", sa.String(length=5), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("operator", sa.String(length=200)),
        sa.Column("funding_won", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("district", name="pk_intermediary"),
    )
    op.create_table(
        "map_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_map_version"),
    )
    op.create_table(
        "reservation",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("district", sa.String(length=5), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
    )
    op.create_index("ix_reservation_end_at_start_at", "reservation", ["end_at", "start_at"])
    op.create_index("ix_reservation_space_id_end_at", "reservation", ["space_id", "end_at"])
    op.create_index("ix_reservation_start_at_district", "reservation", ["start_at", "district"])

    op.create_table(
        "space",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_key", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("provision", sa.String(length=20)),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("district", sa.String(length=5), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=60)),
        sa.Column("homepage", sa.String(length=500)),
        sa.PrimaryKeyConstraint("id", name="pk_space"),
        sa.UniqueConstraint("source_key", name="uq_space_source_key"),
    )
    op.create_index("ix_space_district_stage", "space", ["district", "stage"])

    op.create_table(
        "space_stage_change",
        sa.Column("id", Id, nullable=False),
        sa.Column("space_id", Id, nullable=False),
        sa.Column("from_stage", sa.String(length=20)),
        sa.Column("to_stage", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("note", sa.String(length=300)),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_space_stage_change_space_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_space_stage_change"),
    )
    op.create_index("ix_space_stage_change_space_id", "space_stage_change", ["space_id"])

    op.create_table(
        "unit",
        sa.Column("id", Id, nullable=False),
        sa.Column("space_id", Id, nullable=False),
        sa.Column("source_key", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("capacity", sa.Integer()),
        sa.Column("area_m2", sa.String(length=20)),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.JSON()),
        sa.Column("closures", sa.JSON(), nullable=False),
        sa.Column("closure_text", sa.Text()),
        sa.Column("fee", sa.JSON()),
        sa.Column("fee_text", sa.Text()),
        sa.Column("atoms", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_unit_space_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("space_id", "source_key", name="uq_unit_space_id_source_key"),
    )
    op.execute("INSERT INTO map_version (id, version) VALUES (1, 1)")
