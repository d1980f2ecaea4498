"""Booking's first tables, and the guard of the database itself: no atom is taken twice at one time (invariant 1)."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0001"
down_revision = None
branch_labels = None
depends_on = None

NO_OVERLAP = "ex_occupancy_atom_id_during"


def upgrade() -> None:
    _projections()
    _reservations()
    _audit()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            f"ALTER TABLE occupancy ADD CONSTRAINT {NO_OVERLAP} "
            "EXCLUDE USING gist (atom_id WITH =, tstzrange(start_at, end_at, '[)') WITH &&)"
        )
    else:
        _guard("INSERT", "")
        _guard("UPDATE", "AND NOT (atom_id = OLD.atom_id AND start_at = OLD.start_at)")


def _guard(statement: str, but: str) -> None:
    # SQLite keeps instants as text of one fixed form in UTC, so that comparing texts compares instants.
    op.execute(
        f"CREATE TRIGGER {NO_OVERLAP}_{statement.lower()} BEFORE {statement} ON occupancy WHEN EXISTS ("  # noqa: S608
        "SELECT 1 FROM occupancy WHERE atom_id = NEW.atom_id AND start_at < NEW.end_at AND end_at > NEW.start_at "
        f"{but}) BEGIN SELECT RAISE(ABORT, '{NO_OVERLAP}'); END"
    )


def _projections() -> None:
    op.create_table(
        "space",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("stage", sa.String(30), nullable=False),
        sa.Column("district", sa.String(5), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("homepage", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_space"),
    )
    op.create_index("ix_space_district", "space", ["district"])
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer()),
        sa.Column("area_m2", sa.String(30)),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.JSON(none_as_null=True)),
        sa.Column("closures", sa.JSON(), nullable=False),
        sa.Column("closure_text", sa.Text()),
        sa.Column("fee", sa.JSON(none_as_null=True)),
        sa.Column("fee_text", sa.Text()),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_unit_space_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
    )
    op.create_index("ix_unit_space_id", "unit", ["space_id"])
    op.create_table(
        "atom",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_atom"),
        sa.UniqueConstraint("key", name="uq_atom_key"),
    )
    op.create_table(
        "unit_atom",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("atom_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_unit_atom_unit_id"),
        sa.ForeignKeyConstraint(["atom_id"], ["atom.id"], name="fk_unit_atom_atom_id"),
        sa.PrimaryKeyConstraint("unit_id", "atom_id", name="pk_unit_atom"),
    )
    op.create_index("ix_unit_atom_atom_id", "unit_atom", ["atom_id"])


def _reservations() -> None:
    op.create_table(
        "reservation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("group_name", sa.String(80)),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime()),
        sa.CheckConstraint("start_at < end_at", name="ck_reservation_start_before_end"),
        sa.CheckConstraint("people >= 1", name="ck_reservation_people"),
        sa.CheckConstraint("status IN ('confirmed', 'cancelled')", name="ck_reservation_status"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
        sa.UniqueConstraint("account_id", "idempotency_key", name="uq_reservation_account_id_idempotency_key"),
    )
    op.create_index("ix_reservation_account_id_start_at", "reservation", ["account_id", "start_at"])
    op.create_index("ix_reservation_unit_id_start_at", "reservation", ["unit_id", "start_at"])
    op.create_index("ix_reservation_space_id", "reservation", ["space_id"])
    op.create_table(
        "occupancy",
        sa.Column("atom_id", sa.Integer(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("start_at < end_at", name="ck_occupancy_start_before_end"),
        sa.ForeignKeyConstraint(["atom_id"], ["atom.id"], name="fk_occupancy_atom_id"),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name="fk_occupancy_reservation_id"),
        sa.PrimaryKeyConstraint("atom_id", "start_at", name="pk_occupancy"),
    )
    op.create_index("ix_occupancy_reservation_id", "occupancy", ["reservation_id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("on_behalf_of", sa.Integer()),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
