"""The first tables of grants, and the triggers that keep the ledger append-only."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "grants_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.create_table(
        "budget_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("division", sa.String(80), nullable=False),
        sa.Column("programme", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budget_line"),
        sa.UniqueConstraint("year", "division", "programme", name="uq_budget_line_year_division_programme"),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(5)),
        sa.Column("programme", sa.String(40), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("strands", sa.JSON(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("results_on", sa.Date(), nullable=False),
        sa.Column("rolling", sa.Boolean(), nullable=False),
        sa.Column("budget_won", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_won", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("published_at", UtcDateTime()),
        sa.CheckConstraint("budget_won > 0 AND ceiling_won > 0 AND ceiling_won <= budget_won", name="ck_call_amounts"),
        sa.CheckConstraint("opens_at < closes_at", name="ck_call_times"),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
        sa.UniqueConstraint("created_by", "idempotency_key", name="uq_call_created_by_idempotency_key"),
    )
    op.create_index("ix_call_district", "call", ["district"])
    op.create_table(
        "intermediary",
        sa.Column("district", sa.String(5), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(12), nullable=False),
        sa.Column("operator", sa.String(80)),
        sa.Column("funding_won", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("mode IN ('commissioned', 'direct', 'subsidised', 'none')", name="ck_intermediary_mode"),
        sa.CheckConstraint("funding_won >= 0", name="ck_intermediary_amount"),
        sa.PrimaryKeyConstraint("district", "year", name="pk_intermediary"),
    )
    op.create_table(
        "space",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("district", sa.String(5), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_space"),
    )
    op.create_index("ix_space_district", "space", ["district"])
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(5), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("representative", sa.String(80), nullable=False),
        sa.Column("group_name", sa.String(80), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("strand", sa.String(40), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("requested_won", sa.BigInteger(), nullable=False),
        sa.Column("self_contribution_won", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Integer()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("filed_hash", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime()),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("awarded_won", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'selected') = (awarded_won IS NOT NULL)"
            " AND (awarded_won IS NULL OR (awarded_won > 0 AND awarded_won <= requested_won))",
            name="ck_application_award",
        ),
        sa.CheckConstraint("state <> 'rejected' OR reason <> ''", name="ck_application_reason"),
        sa.CheckConstraint("state IN ('submitted', 'withdrawn', 'selected', 'rejected')", name="ck_application_state"),
        sa.CheckConstraint(
            "requested_won > 0 AND self_contribution_won >= 0 AND members > 0", name="ck_application_amounts"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_application_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
        sa.UniqueConstraint(
            "call_id", "account_id", "idempotency_key", name="uq_application_call_id_account_id_idempotency_key"
        ),
        sa.UniqueConstraint("call_id", "number", name="uq_application_call_id_number"),
        sa.UniqueConstraint("receipt", name="uq_application_receipt"),
    )
    op.create_index("ix_application_account_id", "application", ["account_id"])
    op.create_index(
        "uq_application_live",
        "application",
        ["call_id", "account_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "posting",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("memo", sa.String(200), nullable=False),
        sa.Column("idempotency_key", sa.String(120), nullable=False),
        sa.Column("posted_at", UtcDateTime(), nullable=False),
        sa.Column("posted_by", sa.Integer()),
        sa.CheckConstraint("amount_won > 0 OR (kind = 'transfer' AND amount_won < 0)", name="ck_posting_amount"),
        sa.CheckConstraint(
            "kind IN ('appropriation', 'transfer', 'carryover', 'commitment', 'decommitment', 'expenditure', 'return')",
            name="ck_posting_kind",
        ),
        sa.ForeignKeyConstraint(["line_id"], ["budget_line.id"], name="fk_posting_line_id"),
        sa.PrimaryKeyConstraint("id", name="pk_posting"),
        sa.UniqueConstraint("idempotency_key", name="uq_posting_idempotency_key"),
    )
    op.create_index("ix_posting_line_id_posted_on", "posting", ["line_id", "posted_on"])
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(5), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("group_name", sa.String(80), nullable=False),
        sa.Column("strand", sa.String(40), nullable=False),
        sa.Column("awarded_won", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("space_id", sa.Integer()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.CheckConstraint("awarded_won > 0", name="ck_project_amount"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_project_application_id"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_project_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_project"),
        sa.UniqueConstraint("application_id", name="uq_project_application_id"),
    )
    op.create_index("ix_project_call_id", "project", ["call_id"])
    op.create_index("ix_project_district", "project", ["district"])

    if op.get_bind().dialect.name == "postgresql":
        _append_only_on_postgresql()
    else:
        _append_only_on_sqlite()


def _append_only_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_posting_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE ON posting "
        "FOR EACH ROW EXECUTE FUNCTION refuse_posting_change()"
    )


def _append_only_on_sqlite() -> None:
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER posting_no_{action.lower()} BEFORE {action} ON posting "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )
    # INSERT OR REPLACE would delete a row without firing the trigger above.
    op.execute(
        "CREATE TRIGGER posting_no_replace BEFORE INSERT ON posting WHEN EXISTS (SELECT 1 FROM posting "
        "WHERE id = NEW.id OR idempotency_key = NEW.idempotency_key) "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    )
