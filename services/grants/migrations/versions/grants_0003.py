"""Attached files."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "grants_0003"
down_revision = "grants_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("sha256", name="pk_blob"),
        sa.CheckConstraint("size > 0", name="ck_blob_size"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content_type", sa.String(80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("perceptual_hash", sa.String(16)),
        sa.Column("district", sa.String(5)),
        sa.Column("group_id", sa.Integer()),
        sa.Column("call_id", sa.Integer()),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime()),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name="fk_attachment_sha256"),
    )
    op.create_index("ix_attachment_subject", "attachment", ["subject_kind", "subject_id"])
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])
    there = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_attachment_there",
        "attachment",
        ["subject_kind", "subject_id", "field", "sha256"],
        unique=True,
        sqlite_where=there,
        postgresql_where=there,
    )
    op.create_table(
        "photo_band",
        sa.Column("band", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("band", "attachment_id", name="pk_photo_band"),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name="fk_photo_band_attachment_id"),
    )
