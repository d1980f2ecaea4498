"""Rules of each unit, special days, closures; states, prices and series of reservations; people, groups, messages."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "booking_0002"
down_revision = "booking_0001"
branch_labels = None
depends_on = None

NO_OVERLAP = "ex_occupancy_atom_id_during"
STATUSES = "('requested', 'offered', 'confirmed', 'declined', 'cancelled', 'lapsed', 'no_show')"


def upgrade() -> None:
    _people()
    _keeping()
    _messages()
    _series()
    _places()
    _reservations()
    _occupancy()


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(80), nullable=False, server_default=""),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(40)),
        sa.Column("language", sa.String(2), nullable=False, server_default="ko"),
        sa.Column("channels", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("district", sa.String(5)),
        sa.Column("blocked_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("account_id", name="pk_person"),
    )
    op.create_table(
        "community_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("kind_confirmed_at", UtcDateTime()),
        sa.Column("district", sa.String(5)),
        sa.Column("invite_code", sa.String(40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_community_group"),
        sa.UniqueConstraint("invite_code", name="uq_community_group_invite_code"),
    )
    op.create_table(
        "membership",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name="fk_membership_group_id"),
        sa.PrimaryKeyConstraint("group_id", "account_id", name="pk_membership"),
    )
    op.create_index("ix_membership_account_id", "membership", ["account_id"])
    op.create_table(
        "trust",
        sa.Column("space_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name="fk_trust_group_id"),
        sa.PrimaryKeyConstraint("space_id", "group_id", name="pk_trust"),
    )


def _keeping() -> None:
    op.create_table(
        "unit_rules",
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(none_as_null=True)),
        sa.Column("closures", sa.JSON(none_as_null=True)),
        sa.Column("tariff", sa.JSON(none_as_null=True)),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_rules"),
    )
    op.create_table(
        "special_day",
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.String(5)),
        sa.Column("closes", sa.String(5)),
        sa.Column("note", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "day", name="pk_special_day"),
    )
    op.create_table(
        "closed_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("closure_id", sa.Integer(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("start_at < end_at", name="ck_closed_time_start_before_end"),
        sa.PrimaryKeyConstraint("id", name="pk_closed_time"),
    )
    op.create_index("ix_closed_time_unit_id_end_at", "closed_time", ["unit_id", "end_at"])
    op.create_index("ix_closed_time_closure_id", "closed_time", ["closure_id"])
    op.create_table(
        "extra_holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_extra_holiday"),
    )


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index("ix_message_account_id_id", "message", ["account_id", "id"])


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer()),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("opens", sa.String(5), nullable=False),
        sa.Column("closes", sa.String(5), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name="fk_series_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("account_id", "idempotency_key", name="uq_series_account_id_idempotency_key"),
    )
    op.create_index("ix_series_unit_id", "series", ["unit_id"])
    op.create_index("ix_series_space_id", "series", ["space_id"])


def _places() -> None:
    with op.batch_alter_table("space") as table:
        table.add_column(sa.Column("latitude", sa.Float()))
        table.add_column(sa.Column("longitude", sa.Float()))
    with op.batch_alter_table("unit") as table:
        table.add_column(sa.Column("accessibility", sa.JSON(), nullable=False, server_default="[]"))
    # What maps told before is in the inbox: the coordinates, which nobody kept until now.
    connection = op.get_bind()
    inbox = sa.table("inbox", sa.column("name"), sa.column("payload", sa.JSON()))
    space = sa.table("space", sa.column("id"), sa.column("latitude"), sa.column("longitude"))
    there = {column["name"] for column in sa.inspect(connection).get_columns("inbox")}
    if not {"name", "payload"} <= there:
        return
    told = connection.execute(sa.select(inbox.c.payload).where(inbox.c.name == "maps.space.changed"))
    for (payload,) in told.all():
        facts = json.loads(payload) if isinstance(payload, str) else payload
        found = {"latitude": facts.get("latitude"), "longitude": facts.get("longitude")}
        connection.execute(sa.update(space).where(space.c.id == facts["space_id"]).values(**found))


def _reservations() -> None:
    with op.batch_alter_table("reservation") as table:
        table.add_column(sa.Column("kind", sa.String(20), nullable=False, server_default="visit"))
        table.add_column(sa.Column("group_id", sa.Integer()))
        table.add_column(sa.Column("reason", sa.Text()))
        table.add_column(sa.Column("held_until", UtcDateTime()))
        table.add_column(sa.Column("series_id", sa.Integer()))
        table.add_column(sa.Column("series_day", sa.Date()))
        table.add_column(sa.Column("price_won", sa.Integer()))
        table.add_column(sa.Column("price", sa.JSON(none_as_null=True)))
        table.add_column(sa.Column("payment", sa.String(20), nullable=False, server_default="none"))
        table.add_column(sa.Column("checked_in_at", UtcDateTime()))
        table.add_column(sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("changed_at", UtcDateTime()))
        table.drop_constraint("ck_reservation_status", type_="check")
        table.create_check_constraint("ck_reservation_status", sa.text(f"status IN {STATUSES}"))
        table.create_check_constraint("ck_reservation_kind", sa.text("kind IN ('visit', 'block', 'lottery')"))
        table.create_foreign_key("fk_reservation_group_id", "community_group", ["group_id"], ["id"])
        table.create_foreign_key("fk_reservation_series_id", "series", ["series_id"], ["id"])
        table.drop_index("ix_reservation_space_id")
    op.create_index("ix_reservation_space_id_start_at", "reservation", ["space_id", "start_at"])
    op.create_index("ix_reservation_group_id_start_at", "reservation", ["group_id", "start_at"])
    op.create_index("ix_reservation_series_id", "reservation", ["series_id"])


def _occupancy() -> None:
    # The guards of SQLite go while the table is rebuilt and come back as they were.
    sqlite = op.get_bind().dialect.name == "sqlite"
    kept: Sequence[Any] = ()
    if sqlite:
        found = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'occupancy'")
        kept = op.get_bind().execute(found).all()
        for name, _sql in kept:
            op.execute(f"DROP TRIGGER {name}")
    for name in ("guard_start", "guard_end"):
        op.add_column("occupancy", sa.Column(name, UtcDateTime()))
    op.execute("UPDATE occupancy SET guard_start = start_at, guard_end = end_at")
    guarded = sa.text("guard_start <= start_at AND end_at <= guard_end")
    if sqlite:
        with op.batch_alter_table("occupancy") as table:
            table.alter_column("guard_start", nullable=False)
            table.alter_column("guard_end", nullable=False)
            table.create_check_constraint("ck_occupancy_guarded", guarded)
        for _name, sql in kept:
            op.execute(sql)
        return
    op.alter_column("occupancy", "guard_start", nullable=False)
    op.alter_column("occupancy", "guard_end", nullable=False)
    op.create_check_constraint("ck_occupancy_guarded", "occupancy", guarded)
